"""The tail of the binomial distribution."""

from math import comb


def available(p: float, n: int, need: int) -> float:
    return sum(
        comb(n, up) * p**up * (1 - p) ** (n - up) for up in range(need, n + 1)
    )
