"""More than half, or half and the first by name."""


def may_answer(group: set[str], regions: set[str]) -> bool:
    twice = 2 * len(group)
    return twice > len(regions) or (twice == len(regions) and min(regions) in group)
