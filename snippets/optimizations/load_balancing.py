"""Load balancing: which of the servers that can answer gets this request?

Six policies serve the same skewed workload: heavy-tailed work, four servers
twice as fast as the other six, and a few clients who send most requests.

Source: Azar, Broder, Karlin and Upfal, "Balanced Allocations", 1999, and
Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001,
for d choices; the commit "Upstream: smooth weighted round-robin balancing"
of nginx, 2012, for weights; Mitzenmacher, "How Useful Is Old Information?",
2000, for stale load.
Guarantee: (weighted) round robin gives each server its exact share of the
requests of every full turn. No policy guarantees equal load: the work of a
request is known when it is done.
Assumes: a server is one first-in first-out queue; one balancer sees all.
Left out: network time, retries, several balancers, long connections.
"""

import math
from bisect import bisect
from collections import deque
from functools import cache
from hashlib import sha256
from itertools import accumulate, count
from random import Random
from typing import NamedTuple

SPEEDS = (2, 2, 2, 2, 1, 1, 1, 1, 1, 1)  # ms of work done in a ms
SHAPE, LEAST_MS, MOST_MS = 1.5, 3.0, 1000.0  # work: a bounded Pareto
CUT = LEAST_MS / MOST_MS
MEAN_MS = 3 * LEAST_MS * (1 - CUT**0.5) / (1 - CUT**1.5)  # for SHAPE 1.5


class Request(NamedTuple):
    at_ms: float
    client: int
    work_ms: float  # on a server of speed 1


class Run(NamedTuple):
    """What came of a workload; lost requests take inf ms."""

    response_ms: list[float]  # in the order of the requests
    busy: list[float]  # a server's work / the time of the run: 1 is full

    def served_ms(self) -> list[float]:
        return sorted(ms for ms in self.response_ms if ms < math.inf)

    def mean_ms(self) -> float:
        return sum(self.served_ms()) / len(self.served_ms())

    def p99_ms(self) -> float:
        """The nearest rank."""
        served = self.served_ms()
        return served[math.ceil(0.99 * len(served)) - 1]

    def max_over_mean(self) -> float:
        return max(self.busy) * len(self.busy) / sum(self.busy)

    def lost(self) -> float:
        return self.response_ms.count(math.inf) / len(self.response_ms)


def heavy_tailed(rng: Random) -> float:
    """Work in ms, bounded Pareto: mean MEAN_MS, at most MOST_MS."""
    return LEAST_MS / (1 - rng.random() * (1 - CUT**SHAPE)) ** (1 / SHAPE)


def exponential(rng: Random) -> float:
    """Work in ms, with the same mean."""
    return -math.log(1.0 - rng.random()) * MEAN_MS


def workload(
    rng: Random, requests: int, load: float, speeds=SPEEDS,
    work=heavy_tailed, clients: int = 1000, skew: float = 1.0,
) -> list[Request]:
    """Poisson arrivals at ``load`` of what all servers can do together.

    Client k sends in proportion to 1/(k+1)**skew: client 0 is hot.
    """
    if load <= 0:
        raise ValueError(f"load must be above 0, not {load}")
    shares = list(accumulate((k + 1) ** -skew for k in range(clients)))
    gap_ms, now_ms, made = MEAN_MS / (load * sum(speeds)), 0.0, []
    for _ in range(requests):
        now_ms += -math.log(1.0 - rng.random()) * gap_ms
        client = bisect(shares, rng.random() * shares[-1])
        made.append(Request(now_ms, client, work(rng)))
    return made


# A policy is pick(up, queue, client): up are the servers believed to work,
# queue(s) tells how many requests s has not finished, as far as is known.


# --8<-- [start:blind]
def at_random(rng: Random):
    """Any server, with equal chance."""
    return lambda up, queue, client: up[int(rng.random() * len(up))]


def round_robin():
    """Each server in turn."""
    turn = count()
    return lambda up, queue, client: up[next(turn) % len(up)]
# --8<-- [end:blind]


# --8<-- [start:weighted]
def smooth_weighted(weights):
    """In proportion to the weights, evenly spread: what nginx does.

    Add to each server its weight, take the greatest (the first of equals),
    and subtract from that one the sum of the weights.
    """
    current = [0] * len(weights)

    def pick(up, queue, client):
        for s in up:
            current[s] += weights[s]
        best = max(up, key=current.__getitem__)
        current[best] -= sum(weights[s] for s in up)
        return best

    return pick
# --8<-- [end:weighted]


# --8<-- [start:seeing]
def least_connections():
    """The shortest queue of all; equals take turns."""
    turn = count()

    def pick(up, queue, client):
        first = next(turn) % len(up)
        return min(up[first:] + up[:first], key=queue)

    return pick


def best_of(rng: Random, d: int):
    """The shortest of d queues drawn at random, with replacement."""
    def pick(up, queue, client):
        drawn = [up[int(rng.random() * len(up))] for _ in range(d)]
        return min(drawn, key=queue)

    return pick
# --8<-- [end:seeing]


# --8<-- [start:client]
def by_client():
    """The server that hashes highest together with the client.

    Rendezvous hashing: when a server goes, its own clients move, no others.
    """
    @cache
    def owner(up, client):
        def score(s):
            return sha256(f"{client}/{s}".encode()).digest()
        return max(up, key=score)

    return lambda up, queue, client: owner(up, client)
# --8<-- [end:client]


# --8<-- [start:serve]
def serve(
    requests, pick, speeds=SPEEDS, refresh_ms=0.0, dead=None,
    noticed_ms=math.inf,
) -> Run:
    """Send each request where ``pick`` says.

    refresh_ms: how often the balancer learns the queues; 0: at each request.
    dead: this server refuses at once, until it is noticed and taken out.
    """
    up = tuple(range(len(speeds)))
    ends = [deque() for _ in up]  # per server: when each request is done
    work, response_ms, now_ms = [0.0] * len(up), [], 0.0
    board, posted_ms = [0] * len(up), 0.0

    def queue(s):
        while ends[s] and ends[s][0] <= now_ms:
            ends[s].popleft()
        return len(ends[s])

    known = board.__getitem__ if refresh_ms else queue
    for now_ms, client, work_ms in requests:
        if refresh_ms and now_ms >= posted_ms + refresh_ms:
            board[:] = map(queue, range(len(speeds)))
            posted_ms = now_ms - now_ms % refresh_ms
        if dead in up and now_ms >= noticed_ms:
            up = tuple(s for s in up if s != dead)
        s = pick(up, known, client)
        if s == dead:
            response_ms.append(math.inf)
            continue
        start_ms = ends[s][-1] if queue(s) else now_ms
        ends[s].append(start_ms + work_ms / speeds[s])
        work[s] += work_ms / speeds[s]
        response_ms.append(ends[s][-1] - now_ms)
    lasted_ms = now_ms or 1.0  # 0 if all came at once
    return Run(response_ms, [ms / lasted_ms for ms in work])
# --8<-- [end:serve]


# --8<-- [start:balls]
def fullest(rng: Random, bins: int, d: int) -> int:
    """Throw as many balls as bins, each into the emptiest of d bins."""
    if d < 1:
        raise ValueError(f"a ball needs at least 1 choice, not {d}")
    held = [0] * bins
    for _ in range(bins):
        drawn = [int(rng.random() * bins) for _ in range(d)]
        held[min(drawn, key=held.__getitem__)] += 1
    return max(held)
# --8<-- [end:balls]


def missed_own_write(
    rng: Random, servers: int, lag_ms=100.0, gap_ms=1000.0, reads=50_000
) -> float:
    """Share of clients who read after a write and do not see it.

    Writes go to server 0 and reach each other server after a lag, the read
    goes to any of ``servers``; lag and gap are exponential with these means.
    """
    missed = 0
    for _ in range(reads):
        on_replica = int(rng.random() * servers) > 0
        lag = -math.log(1.0 - rng.random()) * lag_ms
        gap = -math.log(1.0 - rng.random()) * gap_ms
        missed += on_replica and gap < lag
    return missed / reads


# --8<-- [start:flood]
def limited(requests, rate_per_s: float, burst: float) -> list[Request]:
    """The requests that a token bucket per client lets in."""
    tokens, seen_ms, let_in = {}, {}, []
    for request in requests:
        at_ms, client, _ = request
        earned = (at_ms - seen_ms.get(client, at_ms)) / 1000 * rate_per_s
        tokens[client] = min(burst, tokens.get(client, burst) + earned)
        seen_ms[client] = at_ms
        if tokens[client] >= 1:
            tokens[client] -= 1
            let_in.append(request)
    return let_in


def honest_in_time(rng: Random, limit: bool, attackers=1) -> float:
    """Share of honest requests answered within 100 ms, in a flood of 10 s.

    1,000 honest clients take half of the servers' time, the attackers ask
    for twice all of it. The limit is 20 requests a second and client.
    """
    room = 10_000 / MEAN_MS * sum(SPEEDS)
    honest = workload(rng, int(room * 0.5), 0.5, skew=0)
    flood = workload(rng, int(room * 2), 2.0, clients=attackers, skew=0)
    calls = sorted(honest + [r._replace(client=-1 - r.client) for r in flood])
    calls = limited(calls, 20, 20) if limit else calls
    took_ms = serve(calls, least_connections()).response_ms
    in_time = [
        request for request, ms in zip(calls, took_ms, strict=True)
        if request.client >= 0 and ms <= 100
    ]
    return len(in_time) / len(honest)
# --8<-- [end:flood]


def demo(seed: int = 1, requests: int = 50_000) -> dict[str, Run]:
    """The six policies on the same requests, at a load of 60 %."""
    rng, calls = Random(seed), workload(Random(seed), requests, load=0.6)
    policies = {
        "by client": by_client(),
        "random": at_random(rng),
        "round robin": round_robin(),
        "weighted": smooth_weighted(SPEEDS),
        "two choices": best_of(rng, 2),
        "least connections": least_connections(),
    }
    return {name: serve(calls, pick) for name, pick in policies.items()}


if __name__ == "__main__":
    print(f"mean work {MEAN_MS:.2f} ms, speeds {SPEEDS}, load 60%")
    #> mean work 8.51 ms, speeds (2, 2, 2, 2, 1, 1, 1, 1, 1, 1), load 60%
    print("policy             mean ms   p99 ms  busiest  max/mean load")
    #> policy             mean ms   p99 ms  busiest  max/mean load
    for name, run in demo().items():
        times = f"{run.mean_ms():8.1f} {run.p99_ms():8.1f}"
        load = f"{max(run.busy):8.0%} {run.max_over_mean():8.2f}"
        print(f"{name:17} {times} {load}")
        #> by client           1164.2  13315.3     126%     1.92
        #> random                98.9    863.6      86%     1.27
        #> round robin           96.7    936.2      90%     1.32
        #> weighted              32.4    397.1      63%     1.04
        #> two choices           15.0    168.0      76%     1.17
        #> least connections      7.5     67.9      73%     1.14
    pick = smooth_weighted((5, 1, 1))
    order = ["abc"[pick((0, 1, 2), None, 0)] for _ in range(7)]
    print("weights 5, 1, 1:", *order)
    #> weights 5, 1, 1: a a b a c a a
    for d in (1, 2, 3):
        most = fullest(Random(1), 65_536, d)
        print(f"65,536 balls, d = {d}: the fullest bin holds {most}")
        #> 65,536 balls, d = 1: the fullest bin holds 8
        #> 65,536 balls, d = 2: the fullest bin holds 3
        #> 65,536 balls, d = 3: the fullest bin holds 3
    calls = workload(Random(1), 20_000, load=0.6)
    print("mean ms by age of the queues: least connections, two choices")
    #> mean ms by age of the queues: least connections, two choices
    for old_ms in (0, 30, 100, 300):
        least = serve(calls, least_connections(), refresh_ms=old_ms)
        two = serve(calls, best_of(Random(1), 2), refresh_ms=old_ms)
        print(f"{old_ms:3} ms: {least.mean_ms():5.1f}, {two.mean_ms():4.1f}")
        #>   0 ms:   7.6, 15.4
        #>  30 ms:  27.4, 20.8
        #> 100 ms:  70.3, 28.5
        #> 300 ms: 171.6, 47.8
    for name, pick in (
        ("round robin", round_robin()),
        ("least connections", least_connections()),
    ):
        lost = serve(calls, pick, dead=9).lost()
        print(f"one of 10 servers dead, {name}: {lost:.1%} lost")
        #> one of 10 servers dead, round robin: 10.0% lost
        #> one of 10 servers dead, least connections: 28.2% lost
    for limit in (False, True):
        in_time = honest_in_time(Random(1), limit)
        print(f"flood, limit {limit}: {in_time:.1%} of honest calls in time")
        #> flood, limit False: 0.7% of honest calls in time
        #> flood, limit True: 99.4% of honest calls in time
