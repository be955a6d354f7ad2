"""Compares the load before the request: all idle servers look alike, and the weakest may be first."""


def weighted_least(weights):
    def pick(up, queue, client):
        return min(up, key=lambda s: queue(s) / weights[s])

    return pick
