"""Queueing: how many servers, and how long a line, a random load needs.

The unit of time is the mean service time. The load, in erlangs, is arrivals
per unit of time: the number of servers that would be busy if nobody ever had
to wait or leave. Utilisation is the load over the number of servers.

Source: Erlang, "Solution of Some Problems in the Theory of Probabilities of
Significance in Automatic Telephone Exchanges", 1917 (loss and waiting);
Kleinrock, "Queueing Systems", volume 1, 1975, chapters 3 (M/M/1/K, M/M/m)
and 5 (M/G/1); Halfin and Whitt, "Heavy-Traffic Limits for Queues with Many
Exponential Servers", 1981; Mitzenmacher, "The Power of Two Choices in
Randomized Load Balancing", 2001 (the supermarket model).
Guarantee: in the long run, for arrivals that know nothing of each other, the
formulas are exact; halfin_whitt and supermarket are limits for many servers.
Left out: bursts, users who give up or retry, priorities, servers that fail.
"""

from collections import deque
from heapq import heapreplace
from math import ceil, erf, exp, inf, log, pi, sqrt
from random import Random
from statistics import fmean
from typing import NamedTuple


# --8<-- [start:balance]
def balance(up: list[float], down: list[float]) -> list[float]:
    """Long-run share of time with 0, 1, 2, ... requests in the system.

    up[n] is the rate of arrivals at n requests, down[n] that of departures
    at n + 1. Between two neighbours each step up is taken back once, so the
    flows are equal: share[n] * up[n] = share[n + 1] * down[n].
    """
    weights = [1.0]
    for gain, loss in zip(up, down, strict=True):
        weights.append(weights[-1] * gain / loss)
    total = sum(weights)
    return [weight / total for weight in weights]
# --8<-- [end:balance]


# --8<-- [start:erlang]
def erlang_b(servers: int, load: float) -> float:
    """Share of requests lost when nobody may wait (M/M/c/c; load in erlangs).

    Holds for every spread of the service times, not only the exponential.
    """
    check(servers, load)
    lost = 1.0
    for busy in range(1, servers + 1):  # balance, one server more at a time
        lost = load * lost / (busy + load * lost)
    return lost


def erlang_c(servers: int, load: float) -> float:
    """Share of requests that wait, in one line without end (M/M/c)."""
    check(servers, load, below=servers)
    lost = erlang_b(servers, load)
    return lost / (1 - load / servers * (1 - lost))


def mmc_wait(servers: int, load: float) -> float:
    """Mean wait before service, in service times (M/M/c)."""
    return erlang_c(servers, load) / (servers - load)
# --8<-- [end:erlang]


# --8<-- [start:one]
def mm1(utilisation: float) -> float:
    """Mean time in the system, wait and service, in service times (M/M/1)."""
    check(1, utilisation, below=1)
    return 1 / (1 - utilisation)


def mm1k_loss(load: float, places: int) -> float:
    """Share lost with one server and this many places, its own included."""
    check(places, load)
    if load == 1:
        return 1 / (places + 1)
    return load**places * (1 - load) / (1 - load ** (places + 1))


def mm1k_wait(load: float, places: int) -> float:
    """Mean wait, in service times, of those that find a place (M/M/1/K)."""
    check(places, load)
    share = balance([load] * places, [1] * places)
    in_line = sum(number * part for number, part in enumerate(share[1:]))
    return in_line / (load * (1 - share[-1]))  # Little's law


def mg1_wait(utilisation: float, variance: float) -> float:
    """Mean wait, in service times (M/G/1, Pollaczek and Khinchine).

    variance is that of the service time, in squared mean service times: 0
    for equal services, 1 for exponential ones.
    """
    check(1, utilisation, below=1)
    if variance < 0:
        raise ValueError(f"a variance of {variance}: use 0 or more")
    return utilisation / (1 - utilisation) * (1 + variance) / 2
# --8<-- [end:one]


# --8<-- [start:supermarket]
def tail(choices: int, load: float, length: int) -> float:
    """Share of many queues that hold at least this many requests, if each
    request looks at `choices` random queues and joins the shortest."""
    check(choices, load, below=1)
    share = 1.0
    for _ in range(length):
        share = load * share**choices
    return share


def supermarket(choices: int, load: float) -> float:
    """Mean time in the system, in service times; load is that of one queue.

    Little's law: the mean queue, a sum of shares, over the arrival rate.
    """
    if choices == 1:
        return mm1(load)
    total, length = 0.0, 1
    while (share := tail(choices, load, length)) > 1e-18:
        total, length = total + share, length + 1
    return total / load
# --8<-- [end:supermarket]


# --8<-- [start:sizing]
def by_utilisation(load: float, utilisation: float = 0.8) -> int:
    """The naive rule: so many servers that each is busy 80% of the time."""
    return ceil(load / utilisation)


def by_square_root(load: float, beta: float = 1.0) -> int:
    """The load, and beta times its square root to spare."""
    return ceil(load + beta * sqrt(load))


def halfin_whitt(beta: float) -> float:
    """Share that waits under by_square_root, as the load goes to infinity."""
    below = (1 + erf(beta / sqrt(2))) / 2  # of the standard normal
    density = exp(-beta * beta / 2) / sqrt(2 * pi)
    return 1 / (1 + beta * below / density)


def servers_for(load: float, waiting: float) -> int:
    """The fewest servers with which at most this share has to wait."""
    if not 0 < waiting <= 1:
        raise ValueError(f"a share of {waiting}: use more than 0, at most 1")
    servers = int(load) + 1
    while erlang_c(servers, load) > waiting:
        servers += 1
    return servers
# --8<-- [end:sizing]


def check(count: int, load: float, below: float = inf) -> None:
    if count < 1:
        raise ValueError(f"{count} servers, places or choices: use 1 or more")
    if not 0 < load < below:
        raise ValueError(f"a load of {load} is not between 0 and {below}; "
                         "a line without end is stable only below full")


# --8<-- [start:station]
def exponential(rng: Random) -> float:
    return -log(1.0 - rng.random())


def equal(rng: Random) -> float:
    return 1.0


def uneven(rng: Random) -> float:
    """One request in ten takes eleven times as long; the variance is 2.25."""
    return 5.5 if rng.random() < 0.1 else 0.5


class Run(NamedTuple):
    """Means of a run and, as `error`, their standard errors in its place."""

    lost: float  # share of all requests
    waited: float  # share of those served
    wait: float  # mean of those served, in service times
    error: tuple = ()


def station(rng: Random, load: float, servers: int = 1, service=exponential,
            room: float = inf, requests: int = 40_000) -> Run:
    """Requests come at random to servers with one line of `room` places.

    They are counted in 20 batches, after one that is not: it began empty.
    """
    if requests < 20:
        raise ValueError(f"{requests} requests: 20 batches need one each")
    batches, now = [], 0.0
    free_at = [0.0] * servers  # a heap: the server that is free first
    begins = deque()  # of those in line: nobody overtakes
    for _ in range(21):
        lost, waits = 0, []
        for _ in range(requests // 20):
            now -= log(1.0 - rng.random()) / load
            while begins and begins[0] <= now:
                begins.popleft()
            begin = max(now, free_at[0])
            if begin > now:
                if len(begins) >= room:
                    lost += 1
                    continue
                begins.append(begin)
            heapreplace(free_at, begin + service(rng))
            waits.append(begin - now)
        served = len(waits) or 1
        batches.append((lost / (requests // 20),
                        sum(wait > 0 for wait in waits) / served,
                        sum(waits) / served))
    # Neighbours in a line share its luck; batches of thousands hardly do.
    columns = list(zip(*batches[1:], strict=True))
    means = [fmean(column) for column in columns]
    errors = [sqrt(sum((value - mean) ** 2 for value in column) / 19 / 20)
              for column, mean in zip(columns, means, strict=True)]
    return Run(*means, error=Run(*errors))
# --8<-- [end:station]


# --8<-- [start:shop]
def shop(rng: Random, choices: int, load: float, queues: int = 100,
         time: int = 1_000) -> tuple[float, list[float]]:
    """The supermarket model, run: mean time in the system, and tail shares.

    Exponential services forget how long they have lasted, so one clock can
    tick for all: at each tick a request comes, or a random server is done.
    """
    rng_random, length = rng.random, [0] * queues
    at_least = [0] * 200  # at_least[i]: queues with more than i requests
    area, since = [0] * 200, [0] * 200
    ticks = int(time * queues * (1 + load))
    warm = ticks // 10  # not counted: the shop opens empty
    comes = load / (1 + load)
    for tick in range(ticks):
        if rng_random() < comes:
            queue = int(rng_random() * queues)
            for _ in range(choices - 1):
                other = int(rng_random() * queues)
                if length[other] < length[queue]:
                    queue = other
            level, change = length[queue], 1
        else:
            queue = int(rng_random() * queues)
            level, change = length[queue] - 1, -1
            if level < 0:
                continue
        if tick > warm:
            area[level] += at_least[level] * (tick - max(since[level], warm))
        since[level] = tick
        at_least[level] += change
        length[queue] += change
    shares = [(area[i] + at_least[i] * (ticks - max(since[i], warm)))
              / (ticks - warm) / queues for i in range(200)]
    return sum(shares) / load, shares
# --8<-- [end:shop]


# --8<-- [start:demo]
class Size(NamedTuple):
    """One load, sized by a rule; the share that waits, said and run."""

    load: float
    servers: int
    formula: float
    run: float
    error: float


def demo() -> dict[str, list[Size]]:
    """Six loads, each sized by the naive rule and by the square root."""
    rng, rules = Random(7), {}
    for rule in by_utilisation, by_square_root:
        rules[rule.__name__] = rows = []
        for load in (0.8, 4, 16, 40, 80, 400):
            servers = rule(load)
            requests = max(40_000, int(600 * load))  # 600 service times
            got = station(rng, load, servers, requests=requests)
            rows.append(Size(load, servers, erlang_c(servers, load),
                             got.waited, got.error.waited))
    return rules
# --8<-- [end:demo]


if __name__ == "__main__":
    print("rule, load, servers: share that waits, run +- standard error")
    #> rule, load, servers: share that waits, run +- standard error
    for rule, rows in demo().items():
        for load, servers, said, got, error in rows:
            size = f"{rule:14} {load:5} {servers:3}"
            print(f"{size}: {said:6.2%}, run {got:6.2%} +- {error:.2%}")
            #> by_utilisation   0.8   1: 80.00%, run 80.47% +- 0.82%
            #> by_utilisation     4   5: 55.41%, run 53.65% +- 1.21%
            #> by_utilisation    16  20: 25.61%, run 25.46% +- 1.39%
            #> by_utilisation    40  50:  8.70%, run  6.62% +- 0.91%
            #> by_utilisation    80 100:  1.96%, run  2.04% +- 0.69%
            #> by_utilisation   400 500:  0.00%, run  0.00% +- 0.00%
            #> by_square_root   0.8   2: 22.86%, run 23.16% +- 0.53%
            #> by_square_root     4   6: 28.48%, run 28.38% +- 0.90%
            #> by_square_root    16  20: 25.61%, run 27.05% +- 1.47%
            #> by_square_root    40  47: 20.49%, run 18.34% +- 1.67%
            #> by_square_root    80  89: 23.61%, run 26.41% +- 2.76%
            #> by_square_root   400 420: 23.03%, run 24.64% +- 2.70%
    print(f"square root, endless load: {halfin_whitt(1):.2%}")
    #> square root, endless load: 22.34%
    fewest = [servers_for(load, 0.01) for load in (1, 10, 100, 1000)]
    print("servers for 1% waiting at 1, 10, 100, 1000 erlangs:", *fewest)
    #> servers for 1% waiting at 1, 10, 100, 1000 erlangs: 5 19 125 1077
    for load in (0.8, 1.2):
        for places in (1, 5, 20, 100):
            lost, wait = mm1k_loss(load, places), mm1k_wait(load, places)
            size = f"load {load}, {places:3} places"
            print(f"{size}: {lost:6.2%} lost, the others wait {wait:4.1f}")
            #> load 0.8,   1 places: 44.44% lost, the others wait  0.0
            #> load 0.8,   5 places:  8.88% lost, the others wait  1.6
            #> load 0.8,  20 places:  0.23% lost, the others wait  3.8
            #> load 0.8, 100 places:  0.00% lost, the others wait  4.0
            #> load 1.2,   1 places: 54.55% lost, the others wait  0.0
            #> load 1.2,   5 places: 25.06% lost, the others wait  2.4
            #> load 1.2,  20 places: 17.04% lost, the others wait 14.5
            #> load 1.2, 100 places: 16.67% lost, the others wait 94.0
    rng = Random(7)
    for service in exponential, equal, uneven:
        got = station(rng, 8, 10, service, room=0)
        told = f"run {got.lost:.1%} +- {got.error.lost:.1%}"
        print(f"lost, {service.__name__:11}: {erlang_b(10, 8):.1%}, {told}")
        #> lost, exponential: 12.2%, run 12.1% +- 0.2%
        #> lost, equal      : 12.2%, run 12.3% +- 0.2%
        #> lost, uneven     : 12.2%, run 11.7% +- 0.4%
    for service, variance in (exponential, 1), (equal, 0), (uneven, 2.25):
        got = station(rng, 0.8, 1, service)
        told = f"run {got.wait:.2f} +- {got.error.wait:.2f}"
        said = f"{mg1_wait(0.8, variance):.2f}"
        print(f"wait, {service.__name__:11}: {said}, {told}")
        #> wait, exponential: 4.00, run 4.12 +- 0.22
        #> wait, equal      : 2.00, run 2.02 +- 0.08
        #> wait, uneven     : 6.50, run 6.52 +- 0.29
    for choices in (2, 3):
        took, _ = shop(rng, choices, 0.9, time=800)
        said = f"{supermarket(choices, 0.9):.2f}"
        print(f"shortest of {choices} queues at 90%: {said}, run {took:.2f}")
        #> shortest of 2 queues at 90%: 2.61, run 2.57
        #> shortest of 3 queues at 90%: 2.03, run 2.01
