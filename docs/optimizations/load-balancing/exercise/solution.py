"""The load that the request would leave, for each unit of weight."""


def weighted_least(weights: list[int]):
    def pick(up, queue, client):
        return min(up, key=lambda s: (queue(s) + 1) / weights[s])

    return pick
