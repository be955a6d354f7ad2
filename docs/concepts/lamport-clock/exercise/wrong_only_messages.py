"""Forgets that the process's own clock may be set back between two events."""


def stamp(events: list[dict]) -> list[int]:
    stamps = []
    for event in events:
        seen = stamps[event["msg"]] + 1 if event["kind"] == "recv" else event["at"]
        stamps.append(max(event["at"], seen))
    return stamps
