"""Real clocks that never contradict causality.

People want to read a date in a stamp. Give each event its machine's wall
clock, `at` (whole ms), where that is late enough; where it is not, the
smallest larger number that respects the clock condition: later than the
event before it on its process and, for a receive, later than the send.

    stamp(events) -> list of numbers, one an event

Events are the page's: proc, kind, msg; and `at`. They stand in an order that
respects causality. What stands here trusts the wall clock.
"""


def stamp(events: list[dict]) -> list[int]:
    return [event["at"] for event in events]
