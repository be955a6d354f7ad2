"""Moves the gate before it decides: who is refused pays, and a client that retries is never let in."""

from snippets.optimizations.rate_limiting import GCRA


def allow(gate: GCRA, now_ms: int, weight: int) -> bool:
    if not 1 <= weight <= gate.burst:
        raise ValueError(f"weight {weight}: use 1 to {gate.burst}, the burst")
    gate.tat_ms = max(now_ms, gate.tat_ms) + weight * gate.every_ms
    return gate.tat_ms - now_ms <= gate.burst * gate.every_ms
