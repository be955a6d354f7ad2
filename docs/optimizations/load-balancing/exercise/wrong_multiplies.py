"""Multiplies by the weight: the strong servers are avoided."""


def weighted_least(weights):
    def pick(up, queue, client):
        return min(up, key=lambda s: (queue(s) + 1) * weights[s])

    return pick
