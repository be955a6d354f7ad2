"""A quorum need not be a majority. Give the availability of every rule.

`available(p, n, need)` is the chance that at least `need` of `n` nodes are up, each alone with chance `p`. One copy is enough to read
(`need` 1), all are needed to write everywhere (`need` n).
"""

from math import comb

from snippets.concepts.advantages import majority


def available(p: float, n: int, need: int) -> float:
    return majority(p, n)


for need in (1, 2, 3):
    print(need, available(0.99, 3, need))
