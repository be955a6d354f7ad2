"""A key that does not exist is a miss each time, and each miss is a query. Remember absence too.

`get_or_load(cache, key, load)` returns the cached value, or `load(key)` after caching it. `load` gives `None` for a key that does not exist;
after that, asking again must not load again. `LRU.get` gives `None` for what is not cached.
"""

from snippets.optimizations.caching import LRU


def get_or_load(cache: LRU, key, load):
    value = cache.get(key)
    if value is None:
        value = load(key)
        cache.put(key, value)
    return value


asked = []
cache = LRU(10)
for _ in range(3):
    get_or_load(cache, "no such user", asked.append)
print(len(asked), "queries")
