"""Counts only the cases in which exactly `need` are up."""

from math import comb


def available(p, n, need):
    return comb(n, need) * p**need * (1 - p) ** (n - need)
