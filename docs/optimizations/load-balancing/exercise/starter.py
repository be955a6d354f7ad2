"""Least connections treats a fast and a slow server alike. Take the weights into account.

`weighted_least(weights)` returns a `pick(up, queue, client)` like the program's: of the servers `up` it takes the one where the new request would make
(connections + 1) / weight smallest; of equals, the first. `queue(s)` is how many connections server `s` has.
"""


def weighted_least(weights: list[int]):
    def pick(up, queue, client):
        return min(up, key=queue)

    return pick


pick = weighted_least([1, 4])
print(pick((0, 1), [1, 2].__getitem__, 0))
