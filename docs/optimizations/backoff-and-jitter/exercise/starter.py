"""`waits` returns the waits between up to `tries` tries of one call, in ms. It does not
know that its caller gives up after `deadline_ms`: stop before the first wait that would
end after the deadline, so that no try is made for nobody. The tries themselves take
no time here. Do not shorten a wait to make it fit.
"""

from snippets.optimizations.backoff_and_jitter import full_jitter


def waits(rng, tries: int, deadline_ms: float) -> list[float]:
    """Full jitter, base 5 ms and cap 2,000 ms; attempts are counted from 1."""
    return [full_jitter(rng, attempt, 0.0) for attempt in range(1, tries)]
