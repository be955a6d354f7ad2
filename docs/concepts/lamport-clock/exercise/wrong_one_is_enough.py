"""Asks whether somebody has sent something later, not everybody."""

from snippets.concepts.lamport_clock import Stamp


def may_print(me: str, requests: list[Stamp], heard: dict[str, Stamp]) -> bool:
    first = min(requests)
    return first.proc == me and any(first < last for last in heard.values())
