"""Replaying a trace through each policy of the page beside cachetools.

    python -m tools.bench_cache_eviction

Both replay the same requests, in turn, so that each repetition sees the same machine; ratios are
taken inside a repetition. A miss loads the key. The program keeps keys only and cachetools is a
mapping with values and sizes: it does more, and the ratio includes that.
"""

import sys
from random import Random
from statistics import median
from time import process_time

from cachetools import FIFOCache, LFUCache, LRUCache

from snippets.optimizations.cache_eviction import FIFO, LFU, LRU, SIEVE, zipf

REPETITIONS = 9
REQUESTS = 20_000


def ours(policy, trace, room) -> int:
    cache = policy(room)
    return sum([cache.use(key) for key in trace])


def theirs(policy, trace, room) -> int:
    cache, found = policy(room), 0
    for key in trace:
        try:
            cache[key]
            found += 1
        except KeyError:
            cache[key] = None
    return found


def seconds(function, *args) -> float:
    began = process_time()
    function(*args)
    return process_time() - began


def main() -> int:
    for room in (100, 1_000):
        trace = zipf(Random(1), REQUESTS, keys=10 * room)
        print(f"room for {room}, {10 * room} keys; time of cachetools / time of the program")
        for mine, other in ((FIFO, FIFOCache), (LRU, LRUCache), (LFU, LFUCache), (SIEVE, LRUCache)):
            found = [
                seconds(theirs, other, trace, room) / seconds(ours, mine, trace, room)
                for _ in range(REPETITIONS)
            ]
            hits = f"{ours(mine, trace, room):,} and {theirs(other, trace, room):,} hits"
            print(f"  {mine.__name__} and {other.__name__}: {median(found):.2f}"
                  f" (from {min(found):.2f} to {max(found):.2f}); {hits}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
