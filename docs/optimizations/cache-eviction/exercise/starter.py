"""A scan asks for thousands of keys once and pushes out everything that was useful. `Guarded` is
an LRU cache. Let it refuse to keep a key on the first request: remember the last `size` keys
that were refused, and keep a key only if it is asked for again while it is remembered.

`use` returns whether the request was a hit; a refused key is a miss. While the cache is not
full, keep every key.
"""

from collections import OrderedDict
from random import Random

from snippets.optimizations.cache_eviction import scans, zipf


class Guarded:
    def __init__(self, size: int):
        self.size, self.entries = size, OrderedDict()

    def use(self, key) -> bool:
        if key in self.entries:
            self.entries.move_to_end(key)
            return True
        if len(self.entries) == self.size:
            self.entries.popitem(last=False)
        self.entries[key] = None
        return False


for name, trace in ("Zipf", zipf(Random(1), 6_500)), ("scans", scans(Random(1), 6_500)):
    cache = Guarded(100)
    print(name, sum(cache.use(key) for key in trace), "hits of", len(trace))
