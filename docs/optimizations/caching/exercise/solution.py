"""Each cached value is wrapped, so that None inside is not None outside."""

from snippets.optimizations.caching import LRU


def get_or_load(cache: LRU, key, load):
    kept = cache.get(key)
    if kept is None:
        kept = (load(key),)
        cache.put(key, kept)
    return kept[0]
