"""Lets both halves answer."""


def may_answer(group: set[str], regions: set[str]) -> bool:
    return 2 * len(group) >= len(regions)
