"""Looks at the first token only: a heavy request passes when one is left."""

from snippets.optimizations.rate_limiting import GCRA


def allow(gate: GCRA, now_ms: int, weight: int) -> bool:
    if not 1 <= weight <= gate.burst:
        raise ValueError(f"weight {weight}: use 1 to {gate.burst}, the burst")
    due_ms = max(now_ms, gate.tat_ms) + weight * gate.every_ms
    if gate.wait_ms(now_ms):
        return False
    gate.tat_ms = due_ms
    return True
