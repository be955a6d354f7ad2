"""Adds one to the wall clock even where it is late enough already."""


def stamp(events: list[dict]) -> list[int]:
    last, stamps = {}, []
    for event in events:
        seen = last.get(event["proc"], event["at"])
        if event["kind"] == "recv":
            seen = max(seen, stamps[event["msg"]])
        last[event["proc"]] = max(event["at"], seen) + 1
        stamps.append(last[event["proc"]])
    return stamps
