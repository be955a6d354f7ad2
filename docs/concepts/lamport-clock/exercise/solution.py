"""Rule 5 of Lamport's algorithm: first in the queue, and something later heard from everybody."""

from snippets.concepts.lamport_clock import Stamp


def may_print(me: str, requests: list[Stamp], heard: dict[str, Stamp]) -> bool:
    first = min(requests)
    return first.proc == me and all(first < last for last in heard.values())
