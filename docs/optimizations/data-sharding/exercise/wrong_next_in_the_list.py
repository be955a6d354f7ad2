"""Takes the neighbours in the list: they change whenever the list does."""

from snippets.optimizations.data_sharding import rendezvous


def owners(key: str, machines: list[str], copies: int) -> list[str]:
    at = machines.index(rendezvous(key, machines))
    return [machines[(at + i) % len(machines)] for i in range(min(copies, len(machines)))]
