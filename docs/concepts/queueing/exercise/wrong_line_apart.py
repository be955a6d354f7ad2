"""Counts the places behind the servers, so the line is too long by `servers`."""

from snippets.concepts.queueing import balance


def loss(servers: int, places: int, load: float) -> float:
    states = servers + places
    down = [min(present, servers) for present in range(1, states + 1)]
    return balance([load] * states, down)[-1]
