"""Tail latency: the slow call in a hundred, who meets it, and asking twice.

Source: Dean and Barroso, "The Tail at Scale", CACM 56(2), 2013 (fan-out,
hedged and tied requests); Vulimiri et al., "Low Latency via Redundancy",
CoNEXT 2013 (the load at which a second copy begins to hurt); Tene's
HdrHistogram and wrk2 (coordinated omission).
Guarantee: a hedged request ends no later than its first copy, if the second
copy costs the servers nothing; fleet() shows what happens since it does.
Left out: the time to cancel a copy, requests that must not run twice, slow
servers (here each call is slow by its own bad luck, wherever it goes).
"""

from heapq import heappop, heappush
from math import ceil, exp, inf, log
from random import Random


# --8<-- [start:call]
def call(rng: Random) -> float:
    """One call in ms: 5 ms and a mean of 5 ms more; 1 in 100 takes 1 s."""
    slow, body = rng.random() < 0.01, rng.random()
    return 1000.0 if slow else 5.0 - 5.0 * log(1.0 - body)


def later(ms: float) -> float:
    """The share of calls that takes longer than ms: the tail of call()."""
    body = min(1.0, exp(-(ms - 5.0) / 5.0))
    return (0.01 if ms < 1000 else 0.0) + 0.99 * body
# --8<-- [end:call]


def percentile(values, share: float) -> float:
    """The smallest value that at least this share does not exceed."""
    if not values or not 0 < share <= 1:
        raise ValueError("a percentile needs values, and a share above 0 to 1")
    # 99.9 % of 1,000 is 999, and in binary fractions a little more than that.
    return sorted(values)[ceil(share * len(values) - 1e-9) - 1]


# --8<-- [start:fan]
def slow_share(p: float, parts: int) -> float:
    """Share of requests that meet a slow call, if they wait for all parts."""
    return 1 - (1 - p) ** parts


def fan_out(rng: Random, parts: int, after_ms: float = inf) -> float:
    """A request that asks this many machines and waits for the last, in ms."""
    return max(hedged(rng, after_ms)[0] for _ in range(parts))
# --8<-- [end:fan]


# --8<-- [start:hedge]
def hedged(rng: Random, after_ms: float = inf) -> tuple[float, int]:
    """Ask; if nothing came after after_ms, ask another. (ms, calls made)."""
    first = call(rng)
    if first <= after_ms:
        return first, 1
    return min(first, after_ms + call(rng)), 2


def hedged_later(ms: float, after_ms: float) -> float:
    """The tail of hedged(): both copies have to be late."""
    return later(ms) * (later(ms - after_ms) if ms > after_ms else 1.0)
# --8<-- [end:hedge]


# --8<-- [start:fleet]
def exponential(rng: Random) -> float:
    return -log(1.0 - rng.random())


def fleet(rng: Random, load: float, after: float = inf, budget: float = inf,
          tied: bool = False, service=exponential, servers: int = 50,
          requests: int = 20_000) -> tuple[list[float], float]:
    """Requests at servers with queues: (times, copies for each request).

    Times are in mean service times; load is the utilisation without second
    copies. A second copy goes to another server after `after`, for at most a
    share `budget` of the requests, and nobody takes it back. Tied: a request
    waits at two servers, and the first to begin removes it from the other.
    """
    if not 0 < load < 1 or servers < 2:
        raise ValueError(f"a load of {load} at {servers} servers: use a load "
                         "between 0 and 1, and 2 servers or more")
    free, copies, tokens = [0.0] * servers, 0, 10.0
    came, ends, coming, hedges = [], [], 0.0, []
    while len(came) < requests or hedges:
        if hedges and (hedges[0][0] <= coming or len(came) == requests):
            now, request, first = heappop(hedges)
            if ends[request] <= now or tokens < 1:
                continue
            tokens -= 1
            server = int(rng.random() * (servers - 1))
            server += server >= first  # another one
        else:
            now, request = coming, len(came)
            coming += exponential(rng) / (load * servers)
            server = int(rng.random() * servers)
            if tied:
                other = int(rng.random() * servers)
                server = min(server, other, key=lambda s: max(now, free[s]))
            came.append(now)
            ends.append(inf)
            tokens = min(10.0, tokens + budget)
            if after < inf:
                heappush(hedges, (now + after, request, server))
        copies += 1
        free[server] = max(now, free[server]) + service(rng)
        ends[request] = min(ends[request], free[server])
    warm = requests // 10  # the servers began idle
    times = [end - start for start, end in zip(came, ends)]
    return times[warm:], copies / requests
# --8<-- [end:fleet]


def mean(values) -> float:
    return sum(values) / len(values)


# --8<-- [start:threshold]
def one_copy(load: float) -> float:
    """Mean time of one M/M/1 server, in service times."""
    return 1 / (1 - load)


def tipping_load(after: float) -> float:
    """The highest load at which hedging after `after`, without a budget, can
    settle, in M/M/1 servers.

    At utilisation x a share e**(-after * (1 - x)) is slower than that and
    hedged, so x = load * (1 + that share): the largest load that has an x.
    """
    return max(x / (1 + exp(-after * (1 - x)))
               for x in (i / 1000 for i in range(1, 1000)))


def two_copies(load: float) -> float:
    """Every request at two servers, the first answer counts, none cancelled.

    Each server has twice the load; of two exponential times the shorter has
    half the mean. Takes the two queues as independent.
    """
    return 1 / (1 - 2 * load) / 2 if load < 0.5 else inf
# --8<-- [end:threshold]


# --8<-- [start:omission]
def stalls(now_ms: int) -> int:
    """When a server answers what it got at now_ms: after 1 ms, except from
    100 s to 200 s, when it stands still."""
    return 200_000 if 100_000 <= now_ms < 200_000 else now_ms + 1


def closed_loop(answer, every_ms: int, until_ms: int) -> list[int]:
    """A benchmark that wants to send every_ms, but waits for each answer."""
    found, now_ms = [], 0
    while now_ms < until_ms:
        done_ms = answer(now_ms)
        found.append(done_ms - now_ms)
        now_ms = max(now_ms + every_ms, done_ms)
    return found


def open_loop(answer, every_ms: int, until_ms: int) -> list[int]:
    """Users do not wait for each other's answers."""
    return [answer(at) - at for at in range(0, until_ms, every_ms)]


def corrected(latencies, every_ms: int) -> list[int]:
    """What a closed loop would have found, had it gone on sending.

    HdrHistogram's correction: a latency above every_ms hides requests that
    would have come every_ms apart, and waited for the rest of it.
    """
    if every_ms < 1:
        raise ValueError(f"every {every_ms} ms: use 1 or more")
    return [hidden for latency in latencies
            for hidden in [latency, *range(latency - every_ms, every_ms - 1,
                                           -every_ms)]]
# --8<-- [end:omission]


# --8<-- [start:demo]
AFTER_MS = 21.0  # the 95th percentile of call()
CALM = 5.0  # that of a server at load 0.4, in service times


def demo(requests: int = 4_000) -> dict[str, list[float]]:
    """Times in ms: one call and a hundred, each plain and hedged."""
    rng = Random(7)
    return {
        "one call": [call(rng) for _ in range(requests * 10)],
        "one call, hedged":
            [hedged(rng, AFTER_MS)[0] for _ in range(requests * 10)],
        "a hundred": [fan_out(rng, 100) for _ in range(requests)],
        "a hundred, hedged":
            [fan_out(rng, 100, AFTER_MS) for _ in range(requests)],
    }


POLICIES = {
    "one copy": {},
    "two copies": {"after": 0.0},
    "hedge after 5": {"after": CALM},
    "the same, budget 5%": {"after": CALM, "budget": 0.05},
    "tied": {"tied": True},
}
# --8<-- [end:demo]


if __name__ == "__main__":
    for p, parts in (0.01, 100), (0.0001, 2000):
        share = slow_share(p, parts)
        print(f"1 in {1 / p:,.0f} slow, {parts} parts: {share:.2%} are slow")
        #> 1 in 100 slow, 100 parts: 63.40% are slow
        #> 1 in 10,000 slow, 2000 parts: 18.13% are slow
    for name, times in demo(requests=1_000).items():
        shown = [percentile(times, share) for share in (0.5, 0.95, 0.999)]
        told = " ".join(f"{ms:6.1f}" for ms in shown)
        print(f"{name:17} p50, p95, p99.9: {told} ms")
        #> one call          p50, p95, p99.9:    8.5   21.1 1000.0 ms
        #> one call, hedged  p50, p95, p99.9:    8.5   21.0   37.5 ms
        #> a hundred         p50, p95, p99.9: 1000.0 1000.0 1000.0 ms
        #> a hundred, hedged p50, p95, p99.9:   30.4   43.0 1000.0 ms
    rng, calls = Random(7), 100_000
    extra = sum(hedged(rng, AFTER_MS)[1] for _ in range(calls)) / calls - 1
    print(f"calls that the hedge adds: {extra:.1%}")
    #> calls that the hedge adds: 5.0%

    print("p99 in service times, and copies, at load 0.3, 0.6, 0.9")
    #> p99 in service times, and copies, at load 0.3, 0.6, 0.9
    for name, policy in POLICIES.items():
        row = []
        for load in (0.3, 0.6, 0.9):
            times, copies = fleet(Random(7), load, **policy)
            row.append(f"{percentile(times, 0.99):6.1f} x{copies:.2f}")
        print(f"{name:19} {' '.join(row)}")
        #> one copy               6.9 x1.00   13.2 x1.00   46.4 x1.00
        #> two copies             6.0 x2.00  160.8 x2.00  366.7 x2.00
        #> hedge after 5          5.8 x1.03  105.5 x1.77  334.9 x1.94
        #> the same, budget 5%    5.8 x1.03   10.4 x1.05   64.1 x1.05
        #> tied                   4.7 x1.00    5.0 x1.00    6.6 x1.00
    print(f"hedging after {CALM} tips at load {tipping_load(CALM):.3f}")
    #> hedging after 5.0 tips at load 0.585

    for name, found in (
        ("closed loop", closed_loop(stalls, 10, 200_000)),
        ("corrected", corrected(closed_loop(stalls, 10, 200_000), 10)),
        ("open loop", open_loop(stalls, 10, 200_000)),
    ):
        p99 = percentile(found, 0.99)
        told = f"mean {mean(found):8.1f} ms, p99 {p99:6,} ms"
        print(f"{name:11} {len(found):6,} requests: {told}")
        #> closed loop 10,001 requests: mean     11.0 ms, p99      1 ms
        #> corrected   20,000 requests: mean  25003.0 ms, p99 98,000 ms
        #> open loop   20,000 requests: mean  25003.0 ms, p99 98,000 ms
