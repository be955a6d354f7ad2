"""The larger of the wall clock and one more than everything seen."""


def stamp(events: list[dict]) -> list[int]:
    last, stamps = {}, []
    for event in events:
        seen = [last[event["proc"]]] if event["proc"] in last else []
        if event["kind"] == "recv":
            seen.append(stamps[event["msg"]])
        last[event["proc"]] = max([event["at"], *(each + 1 for each in seen)])
        stamps.append(last[event["proc"]])
    return stamps
