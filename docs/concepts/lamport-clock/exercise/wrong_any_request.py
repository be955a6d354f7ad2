"""Forgets that another request may stand before its own."""

from snippets.concepts.lamport_clock import Stamp


def may_print(me: str, requests: list[Stamp], heard: dict[str, Stamp]) -> bool:
    mine = min(request for request in requests if request.proc == me)
    return all(mine < last for last in heard.values())
