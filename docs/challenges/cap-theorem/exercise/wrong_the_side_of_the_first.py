"""Follows the first region, even when it is alone: the many then wait for one."""


def may_answer(group: set[str], regions: set[str]) -> bool:
    return min(regions) in group
