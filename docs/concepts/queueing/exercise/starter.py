"""Several servers and a line that ends: `loss(servers, places, load)` should be
the share of requests that find all `places` taken, where `servers` of the
places are served and the rest are a line. Now it knows only lines of no length.
Write the rates of departure as `balance` wants them, and read off the loss.
"""

from snippets.concepts.queueing import balance


def loss(servers: int, places: int, load: float) -> float:
    """Share of requests that are lost; load in erlangs, places >= servers."""
    up = [load] * servers
    down = [busy + 1 for busy in range(servers)]
    return balance(up, down)[-1]
