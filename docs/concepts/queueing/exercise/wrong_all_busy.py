"""All servers work whenever anybody is there: one request is served by ten."""

from snippets.concepts.queueing import balance


def loss(servers: int, places: int, load: float) -> float:
    return balance([load] * places, [servers] * places)[-1]
