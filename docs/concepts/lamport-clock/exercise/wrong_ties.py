"""Takes an equal time for a later one, whoever sent it."""

from snippets.concepts.lamport_clock import Stamp


def may_print(me: str, requests: list[Stamp], heard: dict[str, Stamp]) -> bool:
    first = min(requests)
    return first.proc == me and all(first.time <= last.time for last in heard.values())
