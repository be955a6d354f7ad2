"""Calls a quorum that nobody can reach safe, because there is no pair that misses."""

from itertools import combinations


def safe(votes: list[int], r: int, w: int) -> bool:
    copies = range(len(votes))
    sets = [set(some) for size in range(len(votes) + 1) for some in combinations(copies, size)]
    reads = [some for some in sets if sum(votes[i] for i in some) >= r]
    writes = [some for some in sets if sum(votes[i] for i in some) >= w]
    return all(one & other for one in reads + writes for other in writes)
