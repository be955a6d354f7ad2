"""Caching: keep near what was asked before, and answer from the copy.

A cache-aside cache with least-recently-used (LRU) eviction and a time to live
(TTL) stands before a slow database. What it saves, how stale its answers are,
and two ways in which it fails: the stampede and the race.

Source: Che, Tung and Wang, "Hierarchical Web Caching Systems", 2002, for the
hit ratio; Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache
Stampede Prevention", 2015, for XFetch; Nishtala et al., "Scaling Memcache at
Facebook", 2013, section 3.2.1, for leases.
Guarantee: with a TTL, no answer is older than that, counted from its query.
Assumes: independent requests with Zipf popularity; one cache, one clock.
Left out: sizes of values, refusing to cache, several caches, write-back.

LRU here is the textbook's: a hit or a fill makes a key the most recent, and
the key not used for longest goes; no two uses tie. An expired entry keeps
its place until it is asked for or falls out. A write is no use.
"""

import math
from bisect import bisect
from collections import OrderedDict
from itertools import accumulate, combinations
from random import Random
from typing import NamedTuple

HIT_MS, DATABASE_MS = 1.0, 20.0  # a look into the cache; a query


# --8<-- [start:lru]
class LRU:
    """At most ``size`` entries; the one not used for longest goes first."""

    def __init__(self, size: int):
        if size < 1:
            raise ValueError(f"a cache holds at least 1 entry, not {size}")
        self.size, self.entries = size, OrderedDict()

    def get(self, key):
        """The value, which becomes the most recent, or None."""
        if key in self.entries:
            self.entries.move_to_end(key)
        return self.entries.get(key)

    def put(self, key, value) -> None:
        self.entries[key] = value
        self.entries.move_to_end(key)
        if len(self.entries) > self.size:
            self.entries.popitem(last=False)

    def delete(self, key) -> None:
        self.entries.pop(key, None)
# --8<-- [end:lru]


class Event(NamedTuple):
    at_s: float
    key: int
    write: bool


def popularity(keys: int, alpha: float) -> list[float]:
    """Zipf: key k is asked for in proportion to 1/(k+1)**alpha; sum 1."""
    weights = [(k + 1) ** -alpha for k in range(keys)]
    total = sum(weights)
    return [weight / total for weight in weights]


def traffic(
    rng: Random, events: int, keys=10_000, alpha=1.0, per_s=1000.0, writes=0.0
) -> list[Event]:
    """Poisson reads and writes, per_s together; ``writes`` is a share."""
    upto, at_s, made = list(accumulate(popularity(keys, alpha))), 0.0, []
    for _ in range(events):
        at_s += -math.log(1.0 - rng.random()) / per_s
        key = min(bisect(upto, rng.random()), keys - 1)
        made.append(Event(at_s, key, rng.random() < writes))
    return made


class Reads(NamedTuple):
    """What the readers got."""

    reads: int
    hits: int
    stale: int  # hits older than the last write
    failed: int  # misses while the database was down

    def hit_ratio(self) -> float:
        return self.hits / self.reads

    def stale_share(self) -> float:
        return self.stale / self.reads

    def mean_ms(self) -> float:
        """Mean time of an answer; a miss pays the look and the query."""
        misses = self.reads - self.hits - self.failed
        answers = self.reads - self.failed
        return HIT_MS + misses * DATABASE_MS / answers


# --8<-- [start:replay]
def replay(
    events, size: int, ttl_s=math.inf, warm_s=0.0, delete=False,
    down_s=(math.inf, math.inf),
) -> Reads:
    """Cache-aside: look, on a miss query the database and fill the cache.

    Counted are the reads after warm_s. delete: a write deletes the entry.
    down_s: from when to when the database answers nothing.
    """
    cache, version = LRU(size), {}
    reads = hits = stale = failed = 0
    for at_s, key, write in events:
        if write:
            version[key] = version.get(key, 0) + 1
            if delete:
                cache.delete(key)
            continue
        current, counted = version.get(key, 0), at_s >= warm_s
        reads += counted
        entry = cache.get(key)
        if entry and at_s < entry[1]:
            hits += counted
            stale += counted and entry[0] < current
        elif down_s[0] <= at_s < down_s[1]:
            failed += counted
        else:
            cache.put(key, (current, at_s + ttl_s))
    return Reads(reads, hits, stale, failed)
# --8<-- [end:replay]


# --8<-- [start:che]
def che(shares: list[float], size: int) -> float:
    """The hit ratio of LRU by Che's approximation.

    t is how many requests a key survives without being asked for: the time
    in which ``size`` different keys are expected. Found by bisection.
    """
    def different(t):
        return sum(1 - math.exp(-share * t) for share in shares)

    if not 0 < size < len(shares):
        raise ValueError(f"size is from 1 to {len(shares) - 1}, not {size}")
    low, high = 0.0, float(size)
    while different(high) < size:
        low, high = high, 2 * high
    for _ in range(40):
        t = (low + high) / 2
        low, high = (t, high) if different(t) < size else (low, t)
    return sum(share * (1 - math.exp(-share * low)) for share in shares)
# --8<-- [end:che]


# --8<-- [start:stale]
def stale_share(
    reads_per_s: float, writes_per_s: float, ttl_s: float
) -> float:
    """Share of the reads of one key that a TTL lets be stale.

    An entry of age a is stale with probability 1 - exp(-writes * a). Of the
    1 + reads * ttl reads of its life, all but the first find it at an age
    that is uniform up to the TTL.
    """
    fresh_s = (1 - math.exp(-writes_per_s * ttl_s)) / writes_per_s
    return reads_per_s * (ttl_s - fresh_s) / (1 + reads_per_s * ttl_s)
# --8<-- [end:stale]


# --8<-- [start:stampede]
def stampede(
    rng: Random, beta=0.0, single_flight=False, per_s=100.0, delta_s=1.0
) -> tuple[int, int]:
    """One entry expires, at time 0. How many queries start before a new
    value is there, and how many readers find no value and wait for it.

    delta_s: how long a query takes. beta above 0 is XFetch: a reader acts as
    if it came later by a random time of mean beta * delta_s, and so may
    refresh a value that is still good.
    """
    now_s = -12 * beta * delta_s  # before: early by chance exp(-12) at most
    done_s, queries, waited = math.inf, 0, 0
    while now_s < done_s:
        early_s = -beta * delta_s * math.log(1.0 - rng.random())
        if now_s + early_s >= 0 and not (single_flight and queries):
            queries += 1
            done_s = min(done_s, now_s + delta_s)
        waited += now_s >= 0
        now_s += -math.log(1.0 - rng.random()) / per_s
    return queries, waited
# --8<-- [end:stampede]


# --8<-- [start:race]
def race(order: str, lease: bool) -> str:
    """What the cache holds after one interleaving: "old", "new" or "".

    The reader has missed, or misses at M. R: it reads the database; F: it
    fills the cache. W: the writer updates the database; D: it deletes the
    entry. With a lease a miss takes a token, which a delete voids and a
    fill needs.
    """
    database, cache, token = "old", "", True
    for step in order:
        match step:
            case "M":
                token = True
            case "R":
                read = database
            case "F" if token or not lease:
                cache = read
            case "W":
                database = "new"
            case "D":
                cache, token = "", False
    return cache


def interleavings(reader="RF", writer="WD") -> list[str]:
    """Every merge of the two that keeps the order of each."""
    size, orders = len(reader) + len(writer), []
    for places in combinations(range(size), len(reader)):
        first, second = iter(reader), iter(writer)
        turns = (first if at in places else second for at in range(size))
        orders.append("".join(next(turn) for turn in turns))
    return orders
# --8<-- [end:race]


def served_after_revocation(rng: Random, ttl_s: float, per_s=1.0) -> int:
    """How often a revoked credential is let in by a cached decision.

    It is used per_s times a second (Poisson) and revoked at some moment.
    """
    cycle_s = ttl_s + 1 / per_s  # cached, then not cached until asked for
    revoked_s = (10 + rng.random()) * cycle_s
    now_s = until_s = 0.0
    served = 0
    while now_s < revoked_s + ttl_s:
        now_s += -math.log(1.0 - rng.random()) / per_s
        if now_s >= until_s:  # ask again: refused once it is revoked
            until_s = now_s + ttl_s if now_s < revoked_s else now_s
        served += revoked_s <= now_s < until_s
    return served


def demo(seed: int = 1, events: int = 60_000) -> list[tuple]:
    """Per size: (size, hit ratio by Che, measured, mean ms by Che, measured).

    The first quarter of the run fills the cache and is not counted.
    """
    shares, calls = popularity(10_000, 1.0), traffic(Random(seed), events)
    rows = []
    for size in (10, 100, 1000, 3000):
        run = replay(calls, size, warm_s=calls[-1].at_s / 4)
        h = che(shares, size)
        expected_ms = h * HIT_MS + (1 - h) * (HIT_MS + DATABASE_MS)
        rows.append((size, h, run.hit_ratio(), expected_ms, run.mean_ms()))
    return rows


if __name__ == "__main__":
    print("size of 10,000  hit ratio (Che)  mean ms (formula)")
    #> size of 10,000  hit ratio (Che)  mean ms (formula)
    for size, h, hit, expected_ms, mean_ms in demo():
        ratio = f"{hit:.3f} ({h:.3f})"
        ms = f"{mean_ms:.2f} ({expected_ms:.2f})"
        print(f"{size:14,} {ratio:>16} {ms:>18}")
        #>             10    0.128 (0.130)      18.43 (18.40)
        #>            100    0.390 (0.391)      13.20 (13.19)
        #>          1,000    0.676 (0.676)        7.48 (7.49)
        #>          3,000    0.821 (0.825)        4.57 (4.50)
    for ttl_s in (1, 10, 60):
        calls = traffic(Random(1), 30_000, keys=1, per_s=1.1, writes=1 / 11)
        share = replay(calls, 1, ttl_s).stale_share()
        said = stale_share(1, 0.1, ttl_s)
        print(f"TTL {ttl_s:2} s: {share:5.1%} stale (formula {said:5.1%})")
        #> TTL  1 s:  2.3% stale (formula  2.4%)
        #> TTL 10 s: 33.4% stale (formula 33.4%)
        #> TTL 60 s: 83.0% stale (formula 82.0%)
    for name, beta, single in (
        ("no care", 0, False), ("single flight", 0, True),
        ("XFetch 0.5", 0.5, False), ("XFetch 1", 1, False),
        ("XFetch 2", 2, False),
    ):
        runs = [stampede(Random(i), beta, single) for i in range(200)]
        queries = sum(queries for queries, _ in runs) / 200
        waited = sum(waited for _, waited in runs) / 200
        print(f"{name:13} {queries:6.2f} queries, {waited:6.2f} wait")
        #> no care       100.86 queries, 100.86 wait
        #> single flight   1.00 queries, 100.86 wait
        #> XFetch 0.5      7.72 queries,   0.00 wait
        #> XFetch 1        2.60 queries,   0.00 wait
        #> XFetch 2        1.57 queries,   0.00 wait
    for name, writer, lease in (
        ("update, delete", "WD", False), ("delete, update", "DW", False),
        ("update, delete, lease", "WD", True),
    ):
        orders = interleavings(writer=writer)
        old = [order for order in orders if race(order, lease) == "old"]
        print(f"{name}: old for ever in {len(old)} of {len(orders)}:", *old)
        #> update, delete: old for ever in 1 of 6: RWDF
        #> delete, update: old for ever in 4 of 6: RDFW RDWF DRFW DRWF
        #> update, delete, lease: old for ever in 0 of 6:
    served = [served_after_revocation(Random(i), 60) for i in range(200)]
    print(f"revoked, TTL 60 s: served {sum(served) / 200:.1f} times more")
    #> revoked, TTL 60 s: served 29.8 times more
