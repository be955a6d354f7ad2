"""A key needs `copies` machines, so that its data survives the loss of one. With rendezvous hashing they are the highest bidders.

Make `owners` return the `copies` different machines that bid most for the key, the highest first; with fewer machines than copies, all of
them. The first must be the one that `rendezvous` finds, and when a machine leaves, every other owner of a key must stay.
"""

from snippets.optimizations.data_sharding import rendezvous


def owners(key: str, machines: list[str], copies: int) -> list[str]:
    first = rendezvous(key, machines)
    at = machines.index(first)
    return [machines[(at + i) % len(machines)] for i in range(copies)]


print(owners("user:000042", ["m0", "m1", "m2", "m3"], 2))
