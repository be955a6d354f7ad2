"""Four promises of distribution: a formula, a run, and the run that misses it.

Each promise is simulated twice: once as its formula assumes, once with the
assumption taken away.

Source: Gray and Siewiorek, "High-Availability Computer Systems", 1991
(availability is MTTF/(MTTF + MTTR)); Gunther, "A General Theory of
Computational Scalability Based on Rational Functions", 2008 (throughput of n
nodes); Dean and Barroso, "The Tail at Scale", 2013 (the slowest of n parts);
Patterson, Gibson and Katz, "A Case for Redundant Arrays of Inexpensive Disks
(RAID)", 1988 (mean time to data loss).
Guarantee: over any seed a run agrees with the formula of its own assumptions,
within the tolerances in the tests.
Assumes: times between failures and repairs are exponential.
Left out: the time to notice a failure; failures that answer wrongly.
"""

import heapq
from dataclasses import dataclass
from math import comb, inf, log, sqrt
from random import Random


def exponential(mean: float, rng: Random) -> float:
    """A waiting time of that mean, in its unit; 0 for mean 0."""
    return -log(1.0 - rng.random()) * mean


# --8<-- [start:availability]
def majority(p: float, n: int) -> float:
    """Chance that more than half of n nodes are up, each alone with p.

    Raises ValueError for p outside 0 to 1 or n below 1.
    """
    if not 0 <= p <= 1 or n < 1:
        raise ValueError(f"no chance for {p=}, {n=}: 0 <= p <= 1, n >= 1")
    return sum(comb(n, up) * p**up * (1 - p) ** (n - up)
               for up in range(n // 2 + 1, n + 1))


def uptime(n: int, hours: float, rng: Random, mttf: float = 90.0,
           mttr: float = 10.0, shared: float = 0.0) -> float:
    """Share of the hours in which a majority of n nodes is up and reachable.

    ``shared`` is the unavailability of what all nodes stand on: one room,
    one configuration, one release. It takes mttr hours to mend, too.
    """
    means = [(mttf, mttr)] * n  # hours up, hours down
    if shared:
        means.append((mttr / shared - mttr, mttr))
    is_up = [True] * len(means)
    changes = [(exponential(means[i][0], rng), i) for i in range(len(means))]
    heapq.heapify(changes)
    now, good, serving = 0.0, 0.0, True
    while now < hours:
        at, i = heapq.heappop(changes)
        good += serving * (min(at, hours) - now)
        now, is_up[i] = at, not is_up[i]
        mean = means[i][0 if is_up[i] else 1]
        heapq.heappush(changes, (at + exponential(mean, rng), i))
        serving = 2 * sum(is_up[:n]) > n and all(is_up[n:])
    return good / hours
# --8<-- [end:availability]


# --8<-- [start:scalability]
def usl(n: int, sigma: float, kappa: float) -> float:
    """Throughput of n nodes, of one node = 1 (Gunther's scalability law).

    sigma is the share of a request that is done one at a time, kappa what
    a request costs for each other node. kappa = 0 is Amdahl's law.
    Raises ValueError for n below 1, sigma outside 0 to 1, negative kappa.
    """
    if n < 1 or not 0 <= sigma <= 1 or kappa < 0:
        raise ValueError(f"no system has n={n}, {sigma=}, {kappa=}")
    return n / (1 + sigma * (n - 1) + kappa * n * (n - 1))


def throughput(n: int, sigma: float, kappa: float, each: int, rng: Random,
               in_step: bool = True) -> float:
    """The same from a run in which every node finishes ``each`` requests.

    A request is 1 - sigma of its node's own work, then the shared part, for
    which nodes queue. In step, all start a round together, with equal work;
    else each goes on alone, and its work varies (exponential).
    """
    mean = sigma + kappa * (n - 1)  # shared part: own, and n - 1 others told

    def own():
        return (1 - sigma) * (1 if in_step else exponential(1, rng))

    queue = [(own(), node) for node in range(n)]
    heapq.heapify(queue)
    free = last = 0.0  # when the shared part is free, when the last is done
    finished = 0
    while finished < n * each:
        at, node = heapq.heappop(queue)
        last = at
        if mean:
            last = free = max(at, free) + exponential(mean, rng)
        finished += 1
        if not in_step:
            heapq.heappush(queue, (last + own(), node))
        elif not queue:  # the round is over when its last request is
            queue = [(last + own(), node) for node in range(n)]
    return finished / last
# --8<-- [end:scalability]


# --8<-- [start:performance]
def slow_share(p: float, n: int) -> float:
    """Chance that at least one of n parts is slow, each alone with p.

    Raises ValueError for p outside 0 to 1 or n below 1.
    """
    if not 0 <= p <= 1 or n < 1:
        raise ValueError(f"no chance for {p=}, {n=}: 0 <= p <= 1, n >= 1")
    return 1 - (1 - p) ** n


def response_ms(n: int, p: float, rng: Random, work_ms: float = 100.0,
                pause_ms: float = 1000.0) -> float:
    """A request cut into n equal parts waits for the slowest of them.

    A part pauses with chance p: a garbage collection, a busy disk. A pause
    is as long for a small part as for a large one.
    """
    paused = any([rng.random() < p for _ in range(n)])
    return work_ms / n + pause_ms * paused


def mean_ms(n: int, p: float, requests: int, rng: Random) -> float:
    """Mean response time of that many requests, in ms."""
    return sum(response_ms(n, p, rng) for _ in range(requests)) / requests
# --8<-- [end:performance]


# --8<-- [start:reliability]
def mttdl(mttf: float, mttr: float, shared: float = 0.0) -> float:
    """Exact mean hours until both of a pair are down (Markov chain).

    ``shared`` of each node's failures take both at once. Raises ValueError
    unless mttf and mttr are positive and 0 <= shared < 1.
    """
    if mttf <= 0 or mttr <= 0 or not 0 <= shared < 1:
        raise ValueError(f"no pair has {mttf=}, {mttr=}, {shared=}")
    fail, repair = 1 / mttf, 1 / mttr
    one, both = 2 * (1 - shared) * fail, shared * fail
    return (fail + repair + one) / (one * fail + both * (fail + repair))


def pair_hours(mttf: float, mttr: float, shared: float, rng: Random) -> float:
    """One life of a pair: hours until both are down; mttr inf: no repair."""
    alone = mttf / (1 - shared)
    fails = [exponential(alone, rng), exponential(alone, rng)]
    common = exponential(mttf / shared, rng) if shared else inf
    while True:
        at = min(fails)
        if common < at:
            return common
        first = fails.index(at)
        back = at + (exponential(mttr, rng) if mttr < inf else inf)
        other = min(fails[1 - first], common)
        if other <= back:
            return other
        fails[first] = back + exponential(alone, rng)


def mean_hours(mttf, mttr, shared, lives, rng) -> float:
    """Mean of that many lives of pairs, in hours."""
    return sum(pair_hours(mttf, mttr, shared, rng)
               for _ in range(lives)) / lives


def first_failure_hours(n, mttf, runs, rng) -> float:
    """Mean hours until the first of n nodes fails; by formula mttf / n."""
    return sum(min(exponential(mttf, rng) for _ in range(n))
               for _ in range(runs)) / runs
# --8<-- [end:reliability]


@dataclass(frozen=True)
class Row:
    """A promise, the run that keeps it, the run that does not, and why."""

    advantage: str
    promise: float  # the formula
    holds: float  # the run with the assumption
    breaks: float  # the run without it
    corrected: float  # the formula without it


# --8<-- [start:demo]
def demo() -> list[Row]:
    """The four promises; units as in the functions."""
    rng = Random(11)
    return [
        Row("availability", majority(0.9, 5), uptime(5, 300_000, rng),
            uptime(5, 300_000, rng, shared=0.01), 0.99 * majority(0.9, 5)),
        Row("scalability", 88, throughput(88, 0, 0, 200, rng, in_step=False),
            throughput(88, 0.02, 0.0005, 200, rng), usl(88, 0.02, 0.0005)),
        Row("performance", 100 / 100, mean_ms(100, 0, 2000, rng),
            mean_ms(100, 0.01, 2000, rng), 1 + 1000 * slow_share(0.01, 100)),
        Row("reliability", 1000**2 / (2 * 10),
            mean_hours(1000, 10, 0, 2000, rng),
            mean_hours(1000, 10, 0.1, 2000, rng), mttdl(1000, 10, 0.1)),
    ]
# --8<-- [end:demo]


if __name__ == "__main__":
    print("              promise      run  without it    by formula")
    #>               promise      run  without it    by formula
    for r in demo():
        digits = 4 if r.promise < 1 else 1
        line = f"{r.advantage:13}{r.promise:8.{digits}f}{r.holds:9.{digits}f}"
        line += f"{r.breaks:12.{digits}f}{r.corrected:14.{digits}f}"
        print(line)
        #> availability   0.9914   0.9925      0.9819        0.9815
        #> scalability      88.0     87.9        13.5          13.4
        #> performance       1.0      1.0       632.0         635.0
        #> reliability   50000.0  52578.0      8811.6        8638.7

    for n in (1, 3, 4, 5):
        print(f"a majority of {n} is up: {majority(0.99, n):.8f}")
        #> a majority of 1 is up: 0.99000000
        #> a majority of 3 is up: 0.99970200
        #> a majority of 4 is up: 0.99940797
        #> a majority of 5 is up: 0.99999015
    print(f"3 nodes behind links of 0.999: {majority(0.99 * 0.999, 3):.6f}")
    #> 3 nodes behind links of 0.999: 0.999640

    best = max(range(1, 200), key=lambda n: usl(n, 0.02, 0.0005))
    print(f"the peak is at {sqrt((1 - 0.02) / 0.0005):.1f} nodes")
    #> the peak is at 44.3 nodes
    for n in (best, 2 * best):
        law = usl(n, 0.02, 0.0005)
        free = throughput(n, 0.02, 0.0005, 200, Random(11), in_step=False)
        print(f"{n} nodes: {law:.1f} of one in step, {free:.1f} not in step")
        #> 44 nodes: 15.7 of one in step, 24.3 not in step
        #> 88 nodes: 13.4 of one in step, 15.8 not in step

    print(f"100 parts, 1 in 100 slow: {slow_share(0.01, 100):.0%} are slow")
    #> 100 parts, 1 in 100 slow: 63% are slow
    print(f"2000 parts, 1 in 10,000: {slow_share(0.0001, 2000):.0%} are slow")
    #> 2000 parts, 1 in 10,000: 18% are slow
    for n in (1, 3, 10, 100):
        mean = 100 / n + 1000 * slow_share(0.01, n)
        print(f"mean, work split over {n}: {mean:.0f} ms")
        #> mean, work split over 1: 110 ms
        #> mean, work split over 3: 63 ms
        #> mean, work split over 10: 106 ms
        #> mean, work split over 100: 635 ms

    rng = Random(11)
    print(f"no repair: {mean_hours(1000, inf, 0, 2000, rng):.0f} hours")
    #> no repair: 1487 hours
    first = first_failure_hours(100, 1000, 1000, rng)
    print(f"first failure among 100: {first:.1f} hours")
    #> first failure among 100: 9.9 hours
