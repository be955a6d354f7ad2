"""Leaves out the waits that do not fit and goes on with the next."""

from snippets.optimizations.backoff_and_jitter import full_jitter


def waits(rng, tries: int, deadline_ms: float) -> list[float]:
    found = []
    for attempt in range(1, tries):
        wait_ms = full_jitter(rng, attempt, 0.0)
        if sum(found) + wait_ms <= deadline_ms:
            found.append(wait_ms)
    return found
