"""How many requests may pass, and in which span of time is that true?

Source: Turner, "New Directions in Communications", 1986 (leaky bucket);
ITU-T Recommendation I.371 (GCRA); Desgats, "How We Built Rate Limiting
Capable of Scaling to Millions of Domains", 2017 (sliding window counter).
Guarantee: a token bucket passes at most burst + t / every_ms requests in ANY
span of t ms, and GCRA decides as it does, with one number a key.
Assumes: one place decides, in one step. clock: now_ms is monotonic; after a
step back nobody is locked out, but the steps themselves let more through.
Left out: requests of different weights (take several tokens).
"""

from bisect import bisect_left, bisect_right
from collections import deque
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from math import log
from random import Random


def check(**values: int) -> None:
    for name, value in values.items():
        if value < 1:
            raise ValueError(f"{name} is {value}: use 1 or more")


# --8<-- [start:windows]
@dataclass
class FixedWindow:
    """The naive limit: so many in each window of the clock."""

    limit: int
    window_ms: int
    window: int = -1
    count: int = 0

    def allow(self, now_ms: int) -> bool:
        if now_ms // self.window_ms != self.window:
            self.window, self.count = now_ms // self.window_ms, 0
        self.count += (passes := self.count < self.limit)
        return passes


@dataclass
class SlidingLog:
    """So many in every span of a window's length: exact, and remembers each
    request that passed."""

    limit: int
    window_ms: int
    passed_ms: deque = field(default_factory=deque)

    def allow(self, now_ms: int) -> bool:
        while self.passed_ms and self.passed_ms[0] <= now_ms - self.window_ms:
            self.passed_ms.popleft()
        if len(self.passed_ms) >= self.limit:
            return False
        self.passed_ms.append(now_ms)
        return True


def estimate(before: int, here: int, into_ms: int, window_ms: int) -> float:
    """Requests in the last window's length, from two counts: as if those of
    the window before had come evenly."""
    return before * (window_ms - into_ms) / window_ms + here


@dataclass
class SlidingCounter:
    """Two numbers instead of the log."""

    limit: int
    window_ms: int
    window: int = -2
    before: int = 0
    here: int = 0

    def allow(self, now_ms: int) -> bool:
        window, into_ms = divmod(now_ms, self.window_ms)
        if window != self.window:
            self.before = self.here if window == self.window + 1 else 0
            self.window, self.here = window, 0
        had = estimate(self.before, self.here, into_ms, self.window_ms)
        self.here += (passes := had + 1 <= self.limit)
        return passes
# --8<-- [end:windows]


# --8<-- [start:buckets]
@dataclass
class TokenBucket:
    """A token every every_ms, up to burst of them; a request takes one."""

    every_ms: int
    burst: int
    level_ms: int = -1  # tokens times every_ms: whole numbers, no drift
    last_ms: int = 0

    def __post_init__(self):
        check(every_ms=self.every_ms, burst=self.burst)
        self.level_ms = self.every_ms * self.burst

    def allow(self, now_ms: int) -> bool:
        full = self.every_ms * self.burst
        # A clock that steps back adds nothing and takes nothing.
        gained = max(0, now_ms - self.last_ms)
        self.level_ms = min(full, self.level_ms + gained)
        self.last_ms = now_ms
        if self.level_ms < self.every_ms:
            return False
        self.level_ms -= self.every_ms
        return True


@dataclass
class GCRA:
    """The same decisions from one number: when the next request is due, if
    they came evenly (the theoretical arrival time, TAT)."""

    every_ms: int  # T
    burst: int  # tau = (burst - 1) * T
    tat_ms: int = 0

    def __post_init__(self):
        check(every_ms=self.every_ms, burst=self.burst)

    def wait_ms(self, now_ms: int) -> int:
        """How long until a request passes: the Retry-After."""
        # Further ahead than that it never is, unless the clock stepped back.
        self.tat_ms = min(self.tat_ms, now_ms + self.burst * self.every_ms)
        tau_ms = (self.burst - 1) * self.every_ms
        return max(0, self.tat_ms - tau_ms - now_ms)

    def allow(self, now_ms: int) -> bool:
        if self.wait_ms(now_ms):
            return False
        self.tat_ms = max(now_ms, self.tat_ms) + self.every_ms
        return True


def leaky_bucket(arrived_ms: list[int], every_ms: int,
                 room: int) -> list[int | None]:
    """The bucket as a queue: when each request leaves, one every every_ms.
    None: the bucket was full."""
    check(every_ms=every_ms, room=room)
    leaves, out = deque(), []
    for now_ms in arrived_ms:
        while leaves and leaves[0] <= now_ms:
            leaves.popleft()
        if len(leaves) >= room:
            out.append(None)
            continue
        last_ms = next((t for t in reversed(out) if t is not None), None)
        due_ms = now_ms if last_ms is None else last_ms + every_ms
        out.append(max(now_ms, due_ms))
        leaves.append(out[-1])
    return out
# --8<-- [end:buckets]


# --8<-- [start:measure]
def passed(limiter, asked_ms) -> list[int]:
    """The times of the requests that pass."""
    return [now_ms for now_ms in asked_ms if limiter.allow(now_ms)]


def most(times_ms: list[int], span_ms: int) -> int:
    """The most of them in any span [t, t + span_ms)."""
    check(span_ms=span_ms)
    return max((bisect_left(times_ms, at_ms + span_ms) - first
                for first, at_ms in enumerate(times_ms)), default=0)
# --8<-- [end:measure]


# --8<-- [start:demo]
GREEDY_MS = range(900, 3500, 5)  # a client that asks every 5 ms


def limiters() -> dict[str, object]:
    """10 a second, five times."""
    return {
        "fixed window": FixedWindow(10, 1000),
        "sliding counter": SlidingCounter(10, 1000),
        "sliding log": SlidingLog(10, 1000),
        "token bucket": TokenBucket(100, 10),
        "GCRA": GCRA(100, 10),
    }


def demo() -> dict[str, list[int]]:
    """What passes of the greedy client."""
    return {name: passed(one, GREEDY_MS) for name, one in limiters().items()}
# --8<-- [end:demo]


# --8<-- [start:approximation]
def approximation(rates, limit: int = 60, window_ms: int = 60_000,
                  windows: int = 5) -> tuple[float, float]:
    """Sources of given rates (per window), Poisson, each with a seed of its
    own. Returns the share of requests that the sliding counter judges
    otherwise than the exact count, and the mean difference of the two."""
    check(limit=limit, window_ms=window_ms, windows=windows)
    judged, wrong, difference = 0, 0, 0.0
    for seed, rate in enumerate(rates):
        rng, now, times = Random(seed), 0.0, []
        while (now := now - log(1 - rng.random()) * window_ms / rate) < (
                windows * window_ms):
            times.append(int(now))
        for n, now_ms in enumerate(times):
            start_ms = now_ms - now_ms % window_ms
            if start_ms == 0:
                continue  # there is no window before
            judged += 1
            first = bisect_left(times, start_ms)
            before = first - bisect_left(times, start_ms - window_ms)
            guess = estimate(before, n + 1 - first, now_ms - start_ms,
                             window_ms)
            real = n + 1 - bisect_right(times, now_ms - window_ms)
            wrong += (guess > limit) != (real > limit)
            difference += abs(guess - real) / real
    return wrong / max(1, judged), difference / max(1, judged)


def heavy_tail(rng: Random, sources: int) -> list[float]:
    """Rates a window: most sources ask little, few ask for very much."""
    return [min(3000.0, 2 / (1 - rng.random())) for _ in range(sources)]
# --8<-- [end:approximation]


# --8<-- [start:distributed]
def balancers(rng: Random, rate: float, shares, scheme: str,
              sync_ms: int = 100, seconds: int = 20) -> tuple[float, int]:
    """Several balancers and one limit: 100 a second, a burst of 20.

    rate: requests a second in all; shares: how they spread. scheme: shared
    (one bucket), split (a part of the limit each), each (the whole limit
    each) or stale (a copy of the shared bucket, brought up to date every
    sync_ms). Returns the share refused and the most passed in a second.
    """
    if scheme not in ("shared", "split", "each", "stale"):
        raise ValueError(f"scheme {scheme!r}: "
                         "use shared, split, each or stale")
    check(sync_ms=sync_ms, seconds=seconds)
    n = len(shares)
    buckets = {"shared": [TokenBucket(10, 20)] * n,
               "split": [TokenBucket(10 * n, 20 // n) for _ in shares],
               "each": [TokenBucket(10, 20) for _ in shares],
               "stale": [TokenBucket(10, 20) for _ in shares]}[scheme]
    now, asked, times, level_ms, synced_ms = 0.0, 0, [], 200, 0
    while (now := now - log(1 - rng.random()) * 1000 / rate) < seconds * 1000:
        now_ms, draw, who = int(now), rng.random() * sum(shares), 0
        while draw >= shares[who]:
            draw, who = draw - shares[who], who + 1
        if scheme == "stale" and now_ms >= synced_ms + sync_ms:
            spent = sum(t >= synced_ms for t in times[-2000:])
            level_ms = min(200, level_ms + now_ms - synced_ms - 10 * spent)
            synced_ms = now_ms
            for bucket in buckets:
                bucket.level_ms, bucket.last_ms = level_ms, now_ms
        asked += 1
        if buckets[who].allow(now_ms):
            times.append(now_ms)
    return 1 - len(times) / asked, most(times, 1000)
# --8<-- [end:distributed]


# --8<-- [start:race]
def both_pass(atomic: bool) -> tuple[int, int]:
    """Interleavings of two requests that both take the last token, of all.
    Each reads the tokens, then writes them; atomic: in one step."""
    bad, orders = 0, list(combinations(range(4), 2))
    for first in orders:
        tokens, read, passes = 1, {}, 0
        for moment in range(4):
            who = "A" if moment in first else "B"
            if who not in read:
                read[who] = tokens
            elif (tokens if atomic else read[who]) >= 1:
                tokens = (tokens if atomic else read[who]) - 1
                passes += 1
        bad += passes > 1
    return bad, len(orders)
# --8<-- [end:race]


# --8<-- [start:flood]
def flood(rng: Random, limited: bool,
          seconds: int = 20) -> tuple[float, float]:
    """A server for 100 a second with room for 50. Ten honest clients ask for
    50 a second together, one more for 200. limited: 10 a second and client.
    Returns the honest share answered within 100 ms, and the share lost."""
    gates = {who: GCRA(100, 10) for who in range(11)}
    free_ms, now, asked, in_time, lost = 0.0, 0.0, 0, 0, 0
    while (now := now - log(1 - rng.random()) * 1000 / 250) < seconds * 1000:
        who = min(10, int(rng.random() * 50))  # 4 of 5 are the flood's
        asked += who < 10
        if limited and not gates[who].allow(int(now)):
            lost += who < 10
            continue
        free_ms = max(free_ms, now)
        if free_ms - now >= 500:  # 50 wait already
            lost += who < 10
            continue
        free_ms += 10
        in_time += who < 10 and free_ms - now <= 100
    return in_time / asked, lost / asked
# --8<-- [end:flood]


def burst_s(limited: bool, requests: int = 30) -> float:
    """Until one honest client's page of requests is through, seconds, on an
    idle server for 100 a second; refused ones wait as long as they are told.
    """
    gate, now_ms = GCRA(100, 10), 0
    for _ in range(requests):
        now_ms += 10 + (gate.wait_ms(now_ms) if limited else 0)
        gate.allow(now_ms)
    return now_ms / 1000


def locked_out_ms(step_back_ms: int, guarded: bool) -> int:
    """How long a client is refused after the clock stepped back by so much;
    not guarded: the textbook's GCRA."""
    gate = GCRA(100, 10)
    gate.allow(10_000_000)
    now_ms = 10_000_000 - step_back_ms
    if guarded:
        return gate.wait_ms(now_ms)
    return max(0, gate.tat_ms - 900 - now_ms)


if __name__ == "__main__":
    print("10 a second, a greedy client: the most in 1 s and in 200 ms")
    #> 10 a second, a greedy client: the most in 1 s and in 200 ms
    for name, times in demo().items():
        print(f"{name:16} {most(times, 1000):2} {most(times, 200):2}")
        #> fixed window     20 20
        #> sliding counter  18 10
        #> sliding log      10 10
        #> token bucket     19 11
        #> GCRA             19 11
    slow = passed(TokenBucket(200, 5), GREEDY_MS)
    print(f"5 a second and a burst of 5: {most(slow, 1000)} in 1 s")
    #> 5 a second and a burst of 5: 9 in 1 s
    leaves = [t for t in leaky_bucket(list(GREEDY_MS), 100, 10) if t]
    gap_ms = min(b - a for a, b in pairwise(leaves))
    print(f"leaky bucket: {most(leaves, 1000)} in 1 s, all gaps {gap_ms}+ ms")
    #> leaky bucket: 10 in 1 s, all gaps 100+ ms
    print("sliding counter: judged otherwise than the exact count, and off by")
    #> sliding counter: judged otherwise than the exact count, and off by
    for name, rates in (("heavy tail", heavy_tail(Random(1), 2000)),
                        ("all near the limit", [60.0] * 60)):
        wrong, off = approximation(rates)
        print(f"{name}: {wrong:.3%}, {off:.1%}")
        #> heavy tail: 0.679%, 5.9%
        #> all near the limit: 12.498%, 3.9%
    print("four balancers, limit 100/s: refused of 80/s, most of 300/s in 1 s")
    #> four balancers, limit 100/s: refused of 80/s, most of 300/s in 1 s
    uneven = (7, 1, 1, 1)
    for scheme in ("shared", "split", "each"):
        refused, _ = balancers(Random(1), 80, uneven, scheme)
        _, top = balancers(Random(1), 300, (1, 1, 1, 1), scheme)
        print(f"{scheme:7} {refused:6.1%} {top:4}")
        #> shared    0.0%  119
        #> split    37.7%  116
        #> each      0.0%  334
    for sync_ms in (10, 100, 1000):
        refused, _ = balancers(Random(1), 80, uneven, "stale", sync_ms)
        _, top = balancers(Random(1), 300, (1, 1, 1, 1), "stale", sync_ms)
        print(f"stale {sync_ms:4} ms {refused:6.1%} {top:4}")
        #> stale   10 ms   0.0%  121
        #> stale  100 ms   0.0%  129
        #> stale 1000 ms   0.0%  285
    for atomic in (False, True):
        bad, orders = both_pass(atomic)
        print(f"atomic {atomic:d}: {bad} of {orders} orders pass two")
        #> atomic 0: 4 of 6 orders pass two
        #> atomic 1: 0 of 6 orders pass two
    for limited in (False, True):
        in_time, lost = flood(Random(1), limited)
        told = f"{in_time:.1%} of honest calls in time, {lost:.1%} lost"
        print(f"flood, limit {limited:d}: {told}")
        #> flood, limit 0: 0.3% of honest calls in time, 57.1% lost
        #> flood, limit 1: 100.0% of honest calls in time, 0.0% lost
    free_s, paced_s = burst_s(False), burst_s(True)
    print(f"30 requests: {free_s:.1f} s, limited {paced_s:.1f} s")
    #> 30 requests: 0.3 s, limited 2.0 s
    for guarded in (False, True):
        ms = locked_out_ms(3_600_000, guarded)
        print(f"clock back 1 h, guarded {guarded:d}: locked out {ms} ms")
        #> clock back 1 h, guarded 0: locked out 3599200 ms
        #> clock back 1 h, guarded 1: locked out 100 ms
