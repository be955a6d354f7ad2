"""Hashes the key once for each copy: two copies may meet on one machine."""

from snippets.optimizations.data_sharding import rendezvous


def owners(key: str, machines: list[str], copies: int) -> list[str]:
    names = [key] + [f"{key}#{i}" for i in range(1, copies)]
    return [rendezvous(name, machines) for name in names]
