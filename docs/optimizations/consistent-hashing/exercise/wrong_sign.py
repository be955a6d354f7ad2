"""Leaves out the minus: the bids are turned round, and light nodes win."""

from math import log

from snippets.optimizations.consistent_hashing import hash64


def place(key, weights: dict):
    return max(weights, key=lambda node: weights[node] / log((hash64(key, node) + 0.5) / 2**64))
