"""One node is twice as large as the others and should hold twice the keys. `weights` maps each
node to its size, any number above 0.

Make `place` give each node keys in proportion to its weight, and keep what rendezvous
promises: when the weight of one node changes, or it leaves, keys move to or from that node
only. A bid of -weight / log(u) does it, where u is the hash as a number between 0 and 1.
"""

from math import log

from snippets.optimizations.consistent_hashing import hash64, rendezvous


def place(key, weights: dict):
    return rendezvous(key, list(weights))


counts = {}
for key in range(3_000):
    node = place(key, {b"a": 1.0, b"b": 1.0, b"big": 2.0})
    counts[node] = counts.get(node, 0) + 1
print(counts)
