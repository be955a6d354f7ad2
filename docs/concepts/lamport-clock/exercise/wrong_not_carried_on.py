"""Corrects the receive, and goes on from the wall clock after it."""


def stamp(events: list[dict]) -> list[int]:
    last, stamps = {}, []
    for event in events:
        at = max(event["at"], last.get(event["proc"], event["at"] - 1) + 1)
        last[event["proc"]] = at
        if event["kind"] == "recv":
            at = max(at, stamps[event["msg"]] + 1)
        stamps.append(at)
    return stamps
