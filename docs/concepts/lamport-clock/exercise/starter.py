"""Processes share a printer, and each sends its request, stamped, to all others. Everybody keeps all requests, and the smallest is served first.

`may_print` is asked by `me`: `requests` are the stamps of the requests it knows of, `heard` holds the stamp of the last message from each
other process. Messages of one process arrive in order. Make it return True only when no smaller request can still be on its way.
"""

from snippets.concepts.lamport_clock import Stamp


def may_print(me: str, requests: list[Stamp], heard: dict[str, Stamp]) -> bool:
    return min(requests).proc == me


print(may_print("bob", [Stamp(5, "bob")], {"ann": Stamp(2, "ann"), "cam": Stamp(9, "cam")}))
