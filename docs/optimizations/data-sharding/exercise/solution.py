"""All bids, in falling order."""

from snippets.optimizations.data_sharding import hash64


def owners(key: str, machines: list[str], copies: int) -> list[str]:
    def bid(machine):
        return hash64(machine, key)

    return sorted(machines, key=bid, reverse=True)[:copies]
