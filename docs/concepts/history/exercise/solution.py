"""A clock goes when another one has seen all of it and more."""

from snippets.concepts.history import descends

Clock = dict[str, int]


def siblings(clocks: list[Clock]) -> list[Clock]:
    kept = []
    for clock in clocks:
        replaced = any(
            descends(other, clock) and not descends(clock, other)
            for other in clocks
        )
        if not replaced and clock not in kept:
            kept.append(clock)
    return kept
