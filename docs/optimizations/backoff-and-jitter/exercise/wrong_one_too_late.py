"""Looks at the clock after the wait, when it is over."""

from snippets.optimizations.backoff_and_jitter import full_jitter


def waits(rng, tries: int, deadline_ms: float) -> list[float]:
    found = []
    for attempt in range(1, tries):
        if sum(found) > deadline_ms:
            break
        found.append(full_jitter(rng, attempt, 0.0))
    return found
