"""Which entry of a full cache makes room? Six policies, the same traces.

    python cache_eviction.py TRACE.jsonl [SIZE]     one key a line: "a" or 7

``hits(policy, trace, size)`` counts hits. A trace is a list of keys. Every
miss loads its key, no two keys differ in size or cost.

    FIFO   the oldest goes
    LRU    the one whose last use is longest ago goes
    CLOCK  the oldest goes, but one that was hit starts again as the youngest
    SIEVE  the same, but one that was hit keeps its place in the queue
    LFU    the one with the fewest uses since it came goes; of several, the
           one whose last use is longest ago. Counts are lost when it goes.
    MIN    the one whose next use is farthest away goes: needs the future

Source: Belady, "A study of replacement algorithms for a virtual-storage
computer", 1966 (MIN); Belady, Nelson and Shedler, "An anomaly in space-time
characteristics of certain programs running in a paging machine", 1969;
Mattson et al., "Evaluation techniques for storage hierarchies", 1970 (the
stack property); Sleator and Tarjan, "Amortized efficiency of list update and
paging rules", 1985; Zhang et al., "SIEVE is Simpler than LRU", 2024.
Guarantee: none of the others ever has more hits than MIN. A larger LRU cache
holds all that a smaller one holds.
Left out: sizes, costs, times to live, refusing to load (admission), ghosts
of what was evicted (ARC, 2Q, S3-FIFO, W-TinyLFU), concurrency.
"""

import json
import sys
from bisect import bisect
from collections import OrderedDict, deque
from heapq import heappop, heappush
from itertools import accumulate
from pathlib import Path
from random import Random


# --8<-- [start:fifo]
class FIFO:
    def __init__(self, size: int):
        self.size, self.entries = size, OrderedDict()

    def use(self, key) -> bool:
        """Ask for the key; True for a hit. A miss loads it."""
        if key in self.entries:
            self.hit(key)
            return True
        if len(self.entries) == self.size:
            self.entries.popitem(last=False)
        self.entries[key] = None
        return False

    def hit(self, key) -> None:
        """First in, first out: a hit changes nothing."""


class LRU(FIFO):
    def hit(self, key) -> None:
        self.entries.move_to_end(key)
# --8<-- [end:fifo]


# --8<-- [start:sieve]
class CLOCK:
    def __init__(self, size: int):
        self.size, self.visited, self.queue = size, {}, deque()

    def use(self, key) -> bool:
        if key in self.visited:
            self.visited[key] = True  # all that a hit costs
            return True
        if len(self.visited) == self.size:
            self.evict()
        self.visited[key] = False
        self.queue.append(key)
        return False

    def evict(self) -> None:
        while self.visited[oldest := self.queue.popleft()]:
            self.visited[oldest] = False
            self.queue.append(oldest)  # goes where the new ones are
        del self.visited[oldest]


class SIEVE(CLOCK):
    def __init__(self, size: int):
        super().__init__(size)
        # Oldest to newest: passed, then the hand, then queue.
        self.passed = deque()

    def evict(self) -> None:
        while self.visited[key := self.queue.popleft()]:
            self.visited[key] = False
            self.passed.append(key)  # keeps its place
            self.wrap()
        del self.visited[key]
        self.wrap()

    def wrap(self) -> None:
        """Past the newest, the hand begins at the oldest again."""
        if not self.queue:
            self.queue, self.passed = self.passed, self.queue
# --8<-- [end:sieve]


# --8<-- [start:lfu]
class LFU:
    def __init__(self, size: int):
        self.size, self.count = size, {}
        self.used = {}  # {count: keys, the one used longest ago first}

    def use(self, key) -> bool:
        hit = key in self.count
        if hit:
            self.drop(key)
        elif len(self.count) == self.size:
            victim = next(iter(self.used[min(self.used)]))
            self.drop(victim)
            del self.count[victim]
        self.count[key] = self.count.get(key, 0) + 1
        self.used.setdefault(self.count[key], OrderedDict())[key] = None
        return hit

    def drop(self, key) -> None:
        same = self.used[self.count[key]]
        del same[key]
        if not same:
            del self.used[self.count[key]]
# --8<-- [end:lfu]


# --8<-- [start:min]
class MIN:
    """Belady's optimum, for a trace that is known in advance."""

    def __init__(self, size: int, trace: list):
        self.size, self.now, self.due = size, 0, {}
        self.heap = []  # (-next use, key's number): farthest first
        self.next, later = [0] * len(trace), {}
        for at in range(len(trace) - 1, -1, -1):
            self.next[at] = later.get(trace[at], len(trace))
            later[trace[at]] = at

    def use(self, key) -> bool:
        hit = key in self.due
        if not hit and len(self.due) == self.size:
            while True:
                at, _, victim = heappop(self.heap)
                if self.due.get(victim) == -at:  # not used since
                    del self.due[victim]
                    break
        self.due[key] = self.next[self.now]
        heappush(self.heap, (-self.due[key], self.now, key))
        self.now += 1
        return hit
# --8<-- [end:min]


POLICIES = {policy.__name__: policy
            for policy in (FIFO, LRU, CLOCK, SIEVE, LFU, MIN)}


# --8<-- [start:hits]
def outcomes(policy: str, trace: list, size: int) -> list[bool]:
    """Whether each request of the trace is a hit, from an empty cache.

    Raises ValueError for an unknown policy, a size below 1, and a key that
    cannot be one.
    """
    if policy not in POLICIES:
        raise ValueError(f"policy {policy!r}: use one of "
                         + ", ".join(POLICIES))
    if type(size) is not int or size < 1:
        raise ValueError(f"a cache holds at least 1 entry, not {size!r}")
    trace = list(trace)
    for number, key in enumerate(trace):
        try:
            hash(key)
        except TypeError:
            raise ValueError(f"request {number}: {key!r} cannot be a key: "
                             "use text or numbers") from None
    make = POLICIES[policy]
    cache = make(size, trace) if make is MIN else make(size)
    return [cache.use(key) for key in trace]


def hits(policy: str, trace: list, size: int) -> int:
    """How many requests of the trace are hits: see outcomes."""
    return sum(outcomes(policy, trace, size))
# --8<-- [end:hits]


# --8<-- [start:traces]
def zipf(rng: Random, requests: int, keys: int = 1_000, alpha: float = 1.0,
         first: int = 0) -> list[int]:
    """Key number first + k is asked for in proportion to 1/(k+1)**alpha."""
    upto = list(accumulate((k + 1) ** -alpha for k in range(keys)))
    return [first + min(bisect(upto, rng.random() * upto[-1]), keys - 1)
            for _ in range(requests)]


def scans(rng: Random, requests: int, scan: int = 300) -> list[int]:
    """Zipf traffic, and after each 1,000 requests a scan: keys that are
    asked for once and never again."""
    trace, fresh = [], 1_000_000
    for _ in range(requests // (1_000 + scan)):
        trace += zipf(rng, 1_000)
        trace += range(fresh, fresh + scan)
        fresh += scan
    return trace


def shift(rng: Random, requests: int) -> list[int]:
    """Zipf traffic that turns to other keys in the middle."""
    half = requests // 2
    return zipf(rng, half) + zipf(rng, half, first=5_000)


def phases(requests: int, keys: int = 80, rounds: int = 5) -> list[int]:
    """A small set of keys, a few times round, then another set."""
    return [at // (keys * rounds) * keys + at % keys
            for at in range(requests)]


def loop(requests: int, keys: int = 120) -> list[int]:
    return [at % keys for at in range(requests)]
# --8<-- [end:traces]


def traces(seed: int = 1, requests: int = 13_000) -> dict[str, list[int]]:
    """The five traces of the page."""
    return {
        "Zipf": zipf(Random(seed), requests),
        "Zipf and scans": scans(Random(seed), requests),
        "Zipf, then others": shift(Random(seed), requests),
        "sets of 80": phases(6_000),
        "loop of 120": loop(6_000),
    }


def demo(size: int = 100) -> dict[str, dict[str, float]]:
    """{trace: {policy: hit ratio}}"""
    return {name: {policy: hits(policy, trace, size) / len(trace)
                   for policy in POLICIES}
            for name, trace in traces().items()}


BELADY_1969 = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]


# --8<-- [start:file]
def load(path: str) -> list:
    """The keys of a file of JSON lines. ValueError: file, line, why."""
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    keys = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                key = json.loads(line)
            except (ValueError, RecursionError):
                key = None
            if type(key) not in (str, int):
                raise ValueError(f"{path}:{number}: this is not one key, a "
                                 "JSON text or whole number")
            keys.append(key)
    if not keys:
        raise ValueError(f"{path}: there is no key in this file")
    return keys


def judge(path: str, size: str = "") -> int:
    """Print the hits of each policy on a file; 0, or 2 if it is unusable."""
    try:
        trace = load(path)
        different = len(set(trace))
        if size and not size.isdecimal():
            raise ValueError(f"the size is a whole number, not {size}")
        room = int(size) if size else max(1, different // 10)
        found = {policy: hits(policy, trace, room) for policy in POLICIES}
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{len(trace)} requests for {different} keys, room for {room}")
    for policy, n in sorted(found.items(), key=lambda item: -item[1]):
        print(f"  {policy:5} {n} hits, {n / len(trace):.1%}")
    best = max(list(POLICIES)[:-1], key=found.get)
    print(f"{best} has the most hits; {found['MIN'] - found[best]} more are "
          "possible with the future known")
    return 0
# --8<-- [end:file]


if __name__ == "__main__":
    if len(sys.argv) > 1 and Path(sys.argv[0]).resolve() == Path(
            __file__).resolve():
        sys.exit(judge(*sys.argv[1:3]))

    print(f"{'hits, room for 100':18}", *[f"{name:>6}" for name in POLICIES])
    #> hits, room for 100   FIFO    LRU  CLOCK  SIEVE    LFU    MIN
    for name, ratios in demo().items():
        print(f"{name:18}", *[f"{r:6.1%}" for r in ratios.values()])
        #> Zipf                52.1%  57.6%  58.9%  65.5%  65.5%  74.7%
        #> Zipf and scans      39.1%  42.8%  43.6%  50.1%  50.2%  57.4%
        #> Zipf, then others   51.9%  57.4%  58.7%  63.4%  44.3%  74.0%
        #> sets of 80          80.0%  80.0%  75.3%   5.3%   5.3%  80.0%
        #> loop of 120          0.0%   0.0%   0.0%   0.0%   0.0%  81.7%
    asked = loop(6_000)
    few, all_fit = (hits("LRU", asked, room) for room in (100, 120))
    print(f"loop: LRU {few} hits, with room for all 120 {all_fit}")
    #> loop: LRU 0 hits, with room for all 120 5880
    print(f"loop: MIN {hits('MIN', asked, 100)} hits of {len(asked)}")
    #> loop: MIN 4900 hits of 6000
    for room in (3, 4):
        first, last, best = (12 - hits(policy, BELADY_1969, room)
                             for policy in ("FIFO", "LRU", "MIN"))
        print(f"room {room}: misses FIFO {first}, LRU {last}, MIN {best}")
        #> room 3: misses FIFO 9, LRU 10, MIN 7
        #> room 4: misses FIFO 10, LRU 8, MIN 6
    asked = [*range(80)] * 2 + [*range(100, 180)] * 200
    for policy in ("LRU", "SIEVE", "LFU"):
        missed = len(asked) - hits(policy, asked, 100)
        print(f"two sets of 80: {policy} {missed:,} misses of {len(asked):,}")
        #> two sets of 80: LRU 160 misses of 16,160
        #> two sets of 80: SIEVE 16,080 misses of 16,160
        #> two sets of 80: LFU 16,080 misses of 16,160
