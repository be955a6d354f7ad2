"""Asks for more than half, so that a cut into two halves stops the store."""


def may_answer(group: set[str], regions: set[str]) -> bool:
    return 2 * len(group) > len(regions)
