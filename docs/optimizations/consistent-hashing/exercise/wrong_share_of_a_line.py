"""Cuts a line into parts by weight: the shares are right, and every change moves the borders."""

from bisect import bisect
from itertools import accumulate

from snippets.optimizations.consistent_hashing import hash64


def place(key, weights: dict):
    ends = list(accumulate(weights.values()))
    at = bisect(ends, hash64(key) / 2**64 * ends[-1])
    return list(weights)[min(at, len(weights) - 1)]
