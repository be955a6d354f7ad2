"""Uses Gifford's inequalities: enough, and more than is needed."""


def safe(votes: list[int], r: int, w: int) -> bool:
    total = sum(votes)
    return max(r, w) <= total and r + w > total and 2 * w > total
