"""Retry storm: a burst ends, and the retries that it caused keep it going.

Source: Bronson et al., "Metastable Failures in Distributed Systems", HotOS
2021 (the state that feeds itself); Beyer et al., Site Reliability
Engineering, 2016, chapter 21 (retry budget, adaptive throttling) and 22
(retries at every layer, deadline propagation); Nygard, "Release It!", 2nd
edition, 2018, chapter 5 (circuit breaker), with Hystrix's default numbers.
Guarantee: with a budget b, retries add at most a share b to the requests,
whatever fails. Assumes: clients keep coming at their own rate.
Left out: backoff (it spreads retries and makes them no fewer), servers that
fail by themselves, requests of different cost.
"""

from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from math import inf, log
from random import Random
from typing import NamedTuple


# --8<-- [start:budget]
@dataclass
class Budget:
    """Every request earns `share` of a token, every retry costs one."""

    share: float
    most: float = 10.0  # what a quiet hour can save up
    tokens: float = 10.0

    def request(self) -> None:
        self.tokens = min(self.most, self.tokens + self.share)

    def retry(self) -> bool:
        """Take a token, if there is one."""
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
# --8<-- [end:budget]


# --8<-- [start:breaker]
@dataclass
class Breaker:
    """Stop asking a service that fails, and ask it again after a while.

    Opens when at least the share `failing` of the last `volume` answers were
    failures. After sleep_s it is half open: one request may pass, and its
    answer closes the breaker or opens it again. Times are in seconds.
    """

    failing: float = 0.5
    volume: int = 20
    sleep_s: float = 5.0
    state: str = "closed"
    opened_s: float = 0.0
    last: deque = field(default_factory=deque)

    def allow(self, now_s: float) -> bool:
        """Whether a request may be sent; if not, fail at once."""
        if self.state == "open" and now_s >= self.opened_s + self.sleep_s:
            self.state = "half open"
            return True  # the probe
        # While the probe is out nobody else may pass: a herd of probes would
        # be the overload again.
        return self.state == "closed"

    def answer(self, now_s: float, ok: bool) -> None:
        """An answer, or a timeout, of a request that was allowed."""
        if self.state == "open":
            return  # it was sent before the breaker opened
        if self.state == "half open":
            self.last.clear()
            self.state = "closed" if ok else "open"
            self.opened_s = now_s
            return
        self.last.append(ok)
        if len(self.last) > self.volume:
            self.last.popleft()
        failed = len(self.last) - sum(self.last)
        full = len(self.last) == self.volume
        if full and failed >= self.failing * self.volume:
            self.state, self.opened_s = "open", now_s
# --8<-- [end:breaker]


# --8<-- [start:storm]
class Run(NamedTuple):
    """Counts for each second."""

    good: list[int]  # answered in time
    sent: list[int]  # requests and retries that reached the service
    refused: list[int]  # failed at once, by an open breaker


def storm(rng: Random, tries: float = 3, budget: Budget | None = None,
          breaker: Breaker | None = None, drop_late: bool = False,
          load_per_s: float = 80.0, burst_s: float = 10.0,
          burst_per_s: float = 200.0, capacity_per_s: float = 100.0,
          timeout_s: float = 2.0, seconds: int = 100) -> Run:
    """A service with one line, and users who retry each timeout at once.

    The burst begins at 20 s. The service does not know that a user has gone,
    unless drop_late: then each request carries its deadline, and those that
    could not meet it are thrown away without work.
    """
    run = Run([0] * seconds, [0] * seconds, [0] * seconds)
    free_s, order, agenda = 0.0, count(), [(0.0, 0, "user", 1)]
    while agenda[0][0] < seconds:
        now_s, _, kind, number = heappop(agenda)

        def later(at_s, kind, number=number):
            heappush(agenda, (at_s, next(order), kind, number))

        if kind == "user":
            burst = 20 <= now_s < 20 + burst_s
            rate = burst_per_s if burst else load_per_s
            later(now_s - log(1.0 - rng.random()) / rate, "user", 1)
            if budget:
                budget.request()
        if kind in ("ok", "late"):
            if breaker:
                breaker.answer(now_s, kind == "ok")
            if kind == "ok":
                run.good[int(now_s)] += 1
                continue
            if number >= tries or (budget and not budget.retry()):
                continue
            number += 1
        if breaker and not breaker.allow(now_s):
            run.refused[int(now_s)] += 1
            continue
        run.sent[int(now_s)] += 1
        done_s = max(now_s, free_s) + 1 / capacity_per_s
        in_time = done_s <= now_s + timeout_s
        if in_time or not drop_late:
            free_s = done_s
        if in_time:
            later(done_s, "ok", number)
        else:
            later(now_s + timeout_s, "late", number)
    return run
# --8<-- [end:storm]


def rate(counts: list[int], last_s: int = 30) -> float:
    """Mean per second over the last seconds of a run."""
    return sum(counts[-last_s:]) / last_s


# --8<-- [start:region]
def heals_below(capacity_per_s: float, tries: float) -> float:
    """The load under which every overload ends: all tries of all fit."""
    return capacity_per_s / tries


def tipping_burst_s(burst_per_s: float, capacity_per_s: float,
                    timeout_s: float) -> float:
    """The burst after which the line is as long as users wait."""
    return timeout_s * capacity_per_s / (burst_per_s - capacity_per_s)
# --8<-- [end:region]


# --8<-- [start:layers]
def calls_below(layers: int, tries: int, timeout_s: float = 1.0,
                deadline: bool = False) -> list[float]:
    """When one click calls the silent service under `layers` of retries.

    Every layer waits timeout_s for each try. A layer whose caller has given
    up goes on all the same, unless the deadline is passed down.
    """
    times = []

    def call(depth: int, now_s: float, until_s: float) -> None:
        if depth == layers:
            times.append(now_s)
            return
        for number in range(tries):
            at_s = now_s + number * timeout_s
            if at_s < until_s:
                limit = at_s + timeout_s if deadline else inf
                call(depth + 1, at_s, min(until_s, limit))

    call(0, 0.0, inf)
    return sorted(times)
# --8<-- [end:layers]


# --8<-- [start:throttle]
def throttled(rng: Random, k: float, load_per_s: int = 300,
              capacity_per_s: int = 100, seconds: int = 200):
    """Adaptive throttling: (accepted, rejected by the service) per second.

    A client counts its requests and the accepts of the last 120 s, and drops
    a request itself with the chance (requests - k * accepts) / (requests + 1)
    if that is positive. A dropped request counts as a request.
    """
    history, accepted, rejected = deque(), 0, 0
    for second in range(seconds):
        requests = accepts = refusals = 0
        before = sum(r for r, _ in history), sum(a for _, a in history)
        for _ in range(load_per_s):
            asked, taken = before[0] + requests, before[1] + accepts
            requests += 1
            if rng.random() < (asked - k * taken) / (asked + 1):
                continue
            if accepts < capacity_per_s:
                accepts += 1
            else:
                refusals += 1
        history.append((requests, accepts))
        if len(history) > 120:
            history.popleft()
        if second >= seconds // 2:
            accepted, rejected = accepted + accepts, rejected + refusals
    return accepted * 2 / seconds, rejected * 2 / seconds
# --8<-- [end:throttle]


# --8<-- [start:shards]
def shards(rng: Random, down: int, shared: bool, failing: float = 0.5,
           per_s: int = 200, seconds: int = 60) -> float:
    """Share of the requests for healthy shards that are refused, of ten.

    One breaker for all shards, or one for each. Shards that are down fail
    at once.
    """
    breakers = [Breaker(failing=failing) for _ in range(1 if shared else 10)]
    healthy = refused = 0
    for tick in range(per_s * seconds):
        now_s, shard = tick / per_s, int(rng.random() * 10)
        breaker = breakers[0 if shared else shard]
        allowed = breaker.allow(now_s)
        if allowed:
            breaker.answer(now_s, shard >= down)
        if shard >= down:
            healthy += 1
            refused += not allowed
    return refused / healthy
# --8<-- [end:shards]


# --8<-- [start:demo]
def policies() -> dict[str, dict]:
    """New ones each time: budgets and breakers remember."""
    return {
        "one try": {"tries": 1},
        "three tries": {},
        "three, budget 10%": {"budget": Budget(0.1)},
        "three, breaker": {"breaker": Breaker()},
        "three, deadline kept": {"drop_late": True},
    }


def demo() -> dict[str, Run]:
    """80 requests a second at a service for 100; 200 for ten seconds."""
    return {name: storm(Random(1), seconds=180, **policy)
            for name, policy in policies().items()}
# --8<-- [end:demo]


if __name__ == "__main__":
    print("the last 30 of 180 s; seconds with less than 40 answered")
    #> the last 30 of 180 s; seconds with less than 40 answered
    for name, run in demo().items():
        low = sum(good < 40 for good in run.good)
        rates = f"{rate(run.sent):3.0f}/s sent, {rate(run.good):2.0f}/s good"
        told = f"{low:3} s low, {sum(run.refused):4} refused"
        print(f"{name:20} {rates}, {told}")
        #> one try               80/s sent, 80/s good,  48 s low,    0 refused
        #> three tries          241/s sent,  0/s good, 156 s low,    0 refused
        #> three, budget 10%     80/s sent, 80/s good,  90 s low,    0 refused
        #> three, breaker        80/s sent, 80/s good,   5 s low, 1413 refused
        #> three, deadline kept  80/s sent, 80/s good,   0 s low,    0 refused
    for tries in (1, 2, 3):
        print(f"{tries} tries heal below {heals_below(100, tries):.0f}/s")
        #> 1 tries heal below 100/s
        #> 2 tries heal below 50/s
        #> 3 tries heal below 33/s
    print(f"the burst tips it after {tipping_burst_s(200, 100, 2):.0f} s")
    #> the burst tips it after 2 s
    for burst_s in (1, 1.5, 2, 3):
        good = rate(storm(Random(1), burst_s=burst_s).good)
        print(f"burst of {burst_s} s: {good:.0f}/s good at the end")
        #> burst of 1 s: 81/s good at the end
        #> burst of 1.5 s: 80/s good at the end
        #> burst of 2 s: 0/s good at the end
        #> burst of 3 s: 0/s good at the end
    for layers, tries in (3, 4), (5, 3):
        free = len(calls_below(layers, tries))
        kept = len(calls_below(layers, tries, deadline=True))
        print(f"{layers} layers, {tries} tries: {free} calls, deadline {kept}")
        #> 3 layers, 4 tries: 64 calls, deadline 4
        #> 5 layers, 3 tries: 243 calls, deadline 3
    for k in (2.0, 1.1):
        accepted, rejected = throttled(Random(1), k)
        print(f"throttle {k}: {accepted:.0f}/s accepted, {rejected:.0f}/s not")
        #> throttle 2.0: 100/s accepted, 102/s not
        #> throttle 1.1: 99/s accepted, 10/s not
    for failing in (0.5, 0.1):
        for down in (1, 6):
            one = shards(Random(1), down, shared=True, failing=failing)
            own = shards(Random(1), down, shared=False, failing=failing)
            told = f"one breaker refuses {one:.0%}, ten {own:.0%}"
            print(f"{down} of 10 down, open at {failing:.0%}: {told}")
            #> 1 of 10 down, open at 50%: one breaker refuses 0%, ten 0%
            #> 6 of 10 down, open at 50%: one breaker refuses 99%, ten 0%
            #> 1 of 10 down, open at 10%: one breaker refuses 97%, ten 0%
            #> 6 of 10 down, open at 10%: one breaker refuses 99%, ten 0%
