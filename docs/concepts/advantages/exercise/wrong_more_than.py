"""Needs one node more than it says."""

from math import comb


def available(p, n, need):
    return sum(comb(n, up) * p**up * (1 - p) ** (n - up) for up in range(need + 1, n + 1))
