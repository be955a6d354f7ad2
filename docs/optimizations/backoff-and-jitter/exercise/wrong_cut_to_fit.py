"""Shortens the last wait to end at the deadline: everybody's last try comes then."""

from snippets.optimizations.backoff_and_jitter import full_jitter


def waits(rng, tries: int, deadline_ms: float) -> list[float]:
    found = []
    for attempt in range(1, tries):
        left_ms = deadline_ms - sum(found)
        if left_ms <= 0:
            break
        found.append(min(left_ms, full_jitter(rng, attempt, 0.0)))
    return found
