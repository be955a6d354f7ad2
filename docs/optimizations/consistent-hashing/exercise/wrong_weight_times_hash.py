"""Multiplies the hash by the weight: the large node wins far too often."""

from snippets.optimizations.consistent_hashing import hash64


def place(key, weights: dict):
    return max(weights, key=lambda node: weights[node] * hash64(key, node))
