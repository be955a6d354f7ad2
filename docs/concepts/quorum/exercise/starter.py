"""Copies may have different numbers of votes: a read needs `r` votes, a write `w`. `safe` should say whether the copies then behave.

Make it return True exactly when every set of copies with `r` votes or more shares a copy with every set that has `w` or more, and any two
such write sets share one too. A quorum that all copies together cannot reach is not safe. There are at most ten copies: trying is allowed.
"""


def safe(votes: list[int], r: int, w: int) -> bool:
    n = len(votes)
    return r + w > n


print(safe([1, 1, 1], r=2, w=2), safe([2, 1, 1], r=2, w=2))
