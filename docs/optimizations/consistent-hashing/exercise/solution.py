"""A bid of -weight / log(u): the smallest of exponential times with these rates wins."""

from math import log

from snippets.optimizations.consistent_hashing import hash64


def place(key, weights: dict):
    def bid(node):
        u = (hash64(key, node) + 0.5) / 2**64
        return -weights[node] / log(u)

    return max(weights, key=bid)
