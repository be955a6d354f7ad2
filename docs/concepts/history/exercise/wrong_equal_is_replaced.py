"""Lets equal clocks replace each other, so that both are lost."""

from snippets.concepts.history import descends


def siblings(clocks):
    return [
        clock for i, clock in enumerate(clocks)
        if not any(descends(other, clock) for j, other in enumerate(clocks) if i != j)
    ]
