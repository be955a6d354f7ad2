"""Keep a sum, and fail at once when the next wait would pass the deadline."""

from snippets.optimizations.backoff_and_jitter import full_jitter


def waits(rng, tries: int, deadline_ms: float) -> list[float]:
    found = []
    for attempt in range(1, tries):
        wait_ms = full_jitter(rng, attempt, 0.0)
        if sum(found) + wait_ms > deadline_ms:
            break
        found.append(wait_ms)
    return found
