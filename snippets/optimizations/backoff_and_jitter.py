"""Backoff and jitter: how long to wait before trying again, and why at random.

Source: Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog 2015,
with its simulator (clients that contend for one row; the five strategies);
Metcalfe and Boggs, "Ethernet: Distributed Packet Switching for Local Computer
Networks", CACM 19(7), 1976, section 6 (a crowd that shares a channel).
Guarantee: full_jitter never waits longer than the cap, and two clients with
generators of their own do not wait for the same moment.
Assumes: the same clients come back, one request at a time each. Users who
keep coming, whatever happens to others, are not slowed by anybody's wait.
Left out: a bound on the tries, which a storm needs (see retry storm).
"""

from heapq import heappop, heappush
from itertools import count
from math import cos, log, pi, sqrt
from random import Random
from typing import NamedTuple

BASE_MS, CAP_MS = 5.0, 2000.0


# --8<-- [start:strategies]
def ceiling_ms(attempt: int, base_ms: float, cap_ms: float) -> float:
    """The base, doubled for each failed attempt, and never above the cap."""
    if attempt < 0 or not 0 < base_ms <= cap_ms:
        raise ValueError(f"attempt {attempt}, base {base_ms}, cap {cap_ms}: "
                         "use 0 or more, and a base above 0 up to the cap")
    # 2.0 ** 1024 is an OverflowError, after a long outage: stop doubling.
    return min(cap_ms, base_ms * 2.0 ** min(attempt, 60))


def none(rng, attempt, last_ms, base_ms=BASE_MS, cap_ms=CAP_MS):
    """The naive client: again, at once."""
    return 0.0


def exponential(rng, attempt, last_ms, base_ms=BASE_MS, cap_ms=CAP_MS):
    """Backoff without jitter: who failed together comes back together."""
    return ceiling_ms(attempt, base_ms, cap_ms)


def equal_jitter(rng, attempt, last_ms, base_ms=BASE_MS, cap_ms=CAP_MS):
    """Half of the wait is fixed, the other half random."""
    return ceiling_ms(attempt, base_ms, cap_ms) * (1 + rng.random()) / 2


def full_jitter(rng, attempt, last_ms, base_ms=BASE_MS, cap_ms=CAP_MS):
    """Anywhere between now and the ceiling."""
    return ceiling_ms(attempt, base_ms, cap_ms) * rng.random()


def decorrelated(rng, attempt, last_ms, base_ms=BASE_MS, cap_ms=CAP_MS):
    """Between the base and three times the last wait; at first the base."""
    last_ms = max(last_ms, base_ms)
    return min(cap_ms, base_ms + rng.random() * (3 * last_ms - base_ms))


STRATEGIES = (none, exponential, equal_jitter, full_jitter, decorrelated)
# --8<-- [end:strategies]


# --8<-- [start:contend]
class Run(NamedTuple):
    calls_ms: list[float]  # when each write reached the server
    took_ms: float  # until the last client was told of its success


def hop_ms(rng: Random) -> float:
    """One way through the network: normal, 10 ms and 2 ms, never below 0."""
    radius = sqrt(-2.0 * log(1.0 - rng.random()))
    return abs(10.0 + 2.0 * radius * cos(2.0 * pi * rng.random()))


def contend(rng: Random, strategy, clients: int = 100,
            same_seed: bool = False) -> Run:
    """Clients that each want to change one row, once, by compare and set.

    A client reads the row's version, and writes if nobody else has written
    in between. A write that comes too late fails; the client waits, reads
    again and tries again. same_seed: all draw their waits from equal
    generators, as processes do that were started with one seed.
    """
    if clients < 1:
        raise ValueError(f"{clients} clients: use 1 or more")
    waits = [Random(7) if same_seed else rng for _ in range(clients)]
    attempts, last_ms = [0] * clients, [0.0] * clients
    order, version, calls, took_ms = count(), 0, [], 0.0
    agenda = []  # (when it reaches the server, order, client, version read)
    for client in range(clients):
        heappush(agenda, (hop_ms(rng), next(order), client, None))
    while agenda:
        now_ms, _, client, read = heappop(agenda)
        back_ms = now_ms + hop_ms(rng)  # the reply is at the client
        if read is None:
            event = back_ms + hop_ms(rng), next(order), client, version
            heappush(agenda, event)
            continue
        calls.append(now_ms)
        if read == version:
            version += 1
            took_ms = max(took_ms, back_ms)
            continue
        attempts[client] += 1
        last_ms[client] = strategy(waits[client], attempts[client],
                                   last_ms[client])
        event = (back_ms + last_ms[client] + hop_ms(rng), next(order),
                 client, None)
        heappush(agenda, event)
    return Run(calls, took_ms)
# --8<-- [end:contend]


class Mean(NamedTuple):
    calls: float
    took_ms: float


def average(strategy, clients: int = 100, runs: int = 20,
            same_seed: bool = False) -> Mean:
    """Writes until all have succeeded, and the time it took."""
    rng = Random(1)
    done = [contend(rng, strategy, clients, same_seed) for _ in range(runs)]
    return Mean(sum(len(run.calls_ms) for run in done) / runs,
                sum(run.took_ms for run in done) / runs)


# --8<-- [start:crowd]
def acquisition(crowd: int) -> float:
    """Chance that exactly one of the crowd sends in a slot, if each sends
    with the chance 1 / crowd: the best they can do. Goes to 1 / e."""
    return (1 - 1 / crowd) ** (crowd - 1)


def efficiency(crowd: int, packet_bits: int, slot_bits: int = 48) -> float:
    """Share of the channel's time that carries packets (Ethernet, 1976).

    Before each packet the crowd contends for (1 - A) / A slots on average.
    """
    lost = (1 - acquisition(crowd)) / acquisition(crowd)
    return packet_bits / (packet_bits + lost * slot_bits)


def slots(rng: Random, crowd: int, window: float, packet_bits: int = 48,
          slot_bits: int = 48, bits: int = 1_000_000) -> float:
    """The same, run: each of the crowd sends in a slot with the chance
    1 / window; a slot in which one alone sends becomes a packet."""
    sent = spent = 0
    while spent < bits:
        senders = sum(rng.random() * window < 1 for _ in range(crowd))
        if senders == 1:
            sent += packet_bits
            spent += packet_bits
        else:
            spent += slot_bits
    return sent / spent
# --8<-- [end:crowd]


# --8<-- [start:herd]
def busiest_ms(rng: Random, clients: int, window_ms: float,
               bucket_ms: int = 10) -> int:
    """Reconnections in the fullest bucket, if each client waits a random
    time below window_ms after the server is back."""
    counts = {}
    for _ in range(clients):
        bucket = int((rng.random() * window_ms + hop_ms(rng)) / bucket_ms)
        counts[bucket] = counts.get(bucket, 0) + 1
    return max(counts.values())
# --8<-- [end:herd]


# --8<-- [start:demo]
def demo() -> dict[str, Run]:
    """A hundred clients, one row, each strategy once."""
    return {strategy.__name__: contend(Random(1), strategy)
            for strategy in STRATEGIES}
# --8<-- [end:demo]


if __name__ == "__main__":
    print("100 clients write one row; means of 20 runs")
    #> 100 clients write one row; means of 20 runs
    for strategy in STRATEGIES:
        calls, took_ms = average(strategy)
        name = strategy.__name__
        print(f"{name:12} {calls:6.0f} calls, {took_ms / 1000:5.1f} s")
        #> none           2420 calls,   2.0 s
        #> exponential    1857 calls,  63.6 s
        #> equal_jitter    812 calls,   6.3 s
        #> full_jitter     795 calls,   4.9 s
        #> decorrelated   1012 calls,   4.6 s
    calls, took_ms = average(full_jitter, same_seed=True)
    print(f"one seed for all: {calls:.0f} calls, {took_ms / 1000:.1f} s")
    #> one seed for all: 1846 calls, 26.5 s
    for strategy in none, full_jitter:
        few, more = (average(strategy, n, 10).calls for n in (50, 100))
        name = strategy.__name__
        print(f"{name}: twice the clients, {more / few:.1f} times the calls")
        #> none: twice the clients, 3.5 times the calls
        #> full_jitter: twice the clients, 2.4 times the calls
    print("slots that carry one sender alone, crowd of 50, by window")
    #> slots that carry one sender alone, crowd of 50, by window
    for window in (5, 50, 500):
        share = slots(Random(1), 50, window, bits=200_000)
        print(f"window {window:3}: {share:.1%}")
        #> window   5: 0.0%
        #> window  50: 38.1%
        #> window 500: 9.0%
    print(f"best: {acquisition(50):.1%}, in a large crowd 36.8% = 1 / e")
    #> best: 37.2%, in a large crowd 36.8% = 1 / e
    for window_ms in (0.1, 1_000, 10_000):
        most = busiest_ms(Random(1), 10_000, window_ms)
        print(f"10,000 reconnect within {window_ms:,.1f} ms: {most} in 10 ms")
        #> 10,000 reconnect within 0.1 ms: 5149 in 10 ms
        #> 10,000 reconnect within 1,000.0 ms: 121 in 10 ms
        #> 10,000 reconnect within 10,000.0 ms: 19 in 10 ms
