"""All sets, tried."""

from itertools import combinations


def safe(votes: list[int], r: int, w: int) -> bool:
    def quorums(need):
        return [
            set(some)
            for size in range(len(votes) + 1)
            for some in combinations(range(len(votes)), size)
            if sum(votes[i] for i in some) >= need
        ]

    reads, writes = quorums(r), quorums(w)
    if not reads or not writes:
        return False
    return all(one & other for one in reads + writes for other in writes)
