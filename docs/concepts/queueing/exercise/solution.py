"""At n requests min(n, servers) of them are served, each at the rate 1."""

from snippets.concepts.queueing import balance


def loss(servers: int, places: int, load: float) -> float:
    """Share of requests that are lost; load in erlangs, places >= servers."""
    up = [load] * places
    down = [min(present, servers) for present in range(1, places + 1)]
    return balance(up, down)[-1]
