"""A request can weigh more than another: an upload takes `weight` tokens at once. This takes them one after the other, and a request that is
refused in the middle keeps those it has taken. Mend it: all or nothing, by one look at the gate. A weight above the burst can never pass: `ValueError`.
"""

from snippets.optimizations.rate_limiting import GCRA


def allow(gate: GCRA, now_ms: int, weight: int) -> bool:
    return all(gate.allow(now_ms) for _ in range(weight))


gate = GCRA(every_ms=100, burst=10)
print(allow(gate, 0, 8), allow(gate, 0, 8), allow(gate, 0, 2))
