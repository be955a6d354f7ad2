"""Waiting lines: why a busy server is slow, long before it is overloaded.

Requests arrive at random, wait in one line, and are served by the first free
server. The unit of time is the mean service time, so at utilisation rho the
requests arrive at the rate rho (times the number of servers).

Source: Erlang, "Solution of Some Problems in the Theory of Probabilities",
1917 (several servers); Kleinrock, "Queueing Systems", volume 1, 1975,
chapters 3 (M/M/1, M/M/m) and 5 (M/G/1); Little, "A Proof for the Queuing
Formula", 1961.
Guarantee: the formulas are exact for a line that has run for ever, with
arrivals independent of each other (Poisson) and of the load.
Left out: time-outs, retries, users who leave, a bound on the line.
"""

from heapq import heapreplace
from math import ceil, factorial, log, sqrt
from random import Random
from typing import NamedTuple


# --8<-- [start:serve]
def exponential(rng: Random, mean: float, n: int) -> list[float]:
    return [-log(1.0 - rng.random()) * mean for _ in range(n)]


def poisson(rng: Random, rate: float, n: int) -> list[float]:
    """The moments of n arrivals that know nothing of each other."""
    now, arrivals = 0.0, []
    for gap in exponential(rng, 1 / rate, n):
        now += gap
        arrivals.append(now)
    return arrivals


def serve(arrivals: list[float], services: list[float], servers: int = 1):
    """When each request leaves, in the order of arrival. One line."""
    if servers < 1 or len(arrivals) != len(services):
        raise ValueError("give a server, and a service time for each arrival")
    free_at = [0.0] * servers  # a heap: the server that is free first
    departures = []
    for arrival, service in zip(arrivals, services, strict=True):
        departure = max(arrival, free_at[0]) + service
        heapreplace(free_at, departure)
        departures.append(departure)
    return departures


def responses(arrivals: list[float], departures: list[float]) -> list[float]:
    """Response times: waiting plus service."""
    return [leaves - came
            for came, leaves in zip(arrivals, departures, strict=True)]
# --8<-- [end:serve]


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


# --8<-- [start:percentile]
def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share does not exceed."""
    if not values or not 0 < share <= 1:
        raise ValueError("a percentile needs values, and a share above 0 to 1")
    return sorted(values)[ceil(share * len(values)) - 1]
# --8<-- [end:percentile]


# --8<-- [start:formulas]
def mm1(rho: float) -> float:
    """Mean response time of one server, random arrivals and services."""
    check(rho)
    return 1 / (1 - rho)


def mm1_percentile(rho: float, share: float) -> float:
    """The response time is exponential: p99 is 4.6 times the mean."""
    return -log(1 - share) * mm1(rho)


def erlang_c(servers: int, rho: float) -> float:
    """Chance that a request has to wait, with one line for all servers."""
    check(rho)
    load = servers * rho
    idle = sum(load**k / factorial(k) for k in range(servers))
    busy = load**servers / factorial(servers) / (1 - rho)
    return busy / (idle + busy)


def mmc(servers: int, rho: float) -> float:
    """Mean response time of several servers with one line."""
    return 1 + erlang_c(servers, rho) / (servers * (1 - rho))


def mg1(rho: float, cv2: float) -> float:
    """Pollaczek-Khinchine: cv2 is the services' variance over mean squared."""
    return 1 + rho * mm1(rho) * (1 + cv2) / 2


def error(rho: float, n: int) -> float:
    """Standard error, as a share, of the mean number in an M/M/1 system
    over n arrivals; the mean response time has nearly the same."""
    return sqrt(2 * (1 + rho) / n) * mm1(rho)
# --8<-- [end:formulas]


def check(rho: float) -> None:
    if not 0 < rho < 1:
        raise ValueError(f"utilisation {rho} is not between 0 and 1: "
                         "at 1 the line grows without end")


class Point(NamedTuple):
    """One utilisation, run and formula; times in service times."""

    rho: float
    requests: int
    response: float
    p99: float
    throughput: float


# --8<-- [start:demo]
def measure(rng: Random, rho: float, n: int) -> Point:
    """Run n requests through one server."""
    arrivals = poisson(rng, rho, n)
    departures = serve(arrivals, exponential(rng, 1, n))
    took = responses(arrivals, departures)
    rate = n / departures[-1]
    return Point(rho, n, mean(took), percentile(took, 0.99), rate)


def demo() -> list[Point]:
    """Five utilisations, each with the requests that a standard error of
    5% needs, but at most 200,000."""
    rng, points = Random(7), []
    for rho in (0.5, 0.8, 0.9, 0.95, 0.99):
        enough = round((error(rho, 1) / 0.05) ** 2)
        points.append(measure(rng, rho, min(enough, 200_000)))
    return points
# --8<-- [end:demo]


# --8<-- [start:little]
def mean_in_system(arrivals: list[float], departures: list[float]) -> float:
    """Requests that wait or are served, averaged over time, from 0 to the
    last departure: counted by a sweep over all comings and goings."""
    moments = [(at, 1) for at in arrivals] + [(at, -1) for at in departures]
    present, area, last = 0, 0.0, 0.0
    for at, change in sorted(moments):
        area += present * (at - last)
        present, last = present + change, at
    return area / last
# --8<-- [end:little]


# --8<-- [start:lines]
def lines(rng: Random, rho: float, n: int, servers: int) -> tuple:
    """Mean response time of the same requests: (a line for each server,
    chosen blindly; one line for all)."""
    arrivals = poisson(rng, servers * rho, n)
    services = exponential(rng, 1, n)
    own = [([], []) for _ in range(servers)]
    for arrival, service in zip(arrivals, services, strict=True):
        chosen = own[int(rng.random() * servers)]
        chosen[0].append(arrival)
        chosen[1].append(service)
    split = [took for a, s in own for took in responses(a, serve(a, s))]
    return mean(split), mean(responses(arrivals,
                                       serve(arrivals, services, servers)))
# --8<-- [end:lines]


def spread(rng: Random, n: int, slow: float, times: float) -> list[float]:
    """Service times of mean 1: a share ``slow`` takes ``times`` as long."""
    short = 1 / (1 - slow + slow * times)
    return [short * (times if rng.random() < slow else 1) for _ in range(n)]


def spread_cv2(slow: float, times: float) -> float:
    short = 1 / (1 - slow + slow * times)
    return short**2 * (1 - slow + slow * times**2) - 1


# --8<-- [start:dashboard]
def dashboard(rng: Random, loads: list[float], n: int) -> tuple:
    """Servers at these utilisations, n requests on each unit of load: the
    average of their p99s, and the p99 of all requests together."""
    each = []
    for rho in loads:
        arrivals = poisson(rng, rho, int(rho * n))
        services = exponential(rng, 1, len(arrivals))
        each.append(responses(arrivals, serve(arrivals, services)))
    together = [took for server in each for took in server]
    averaged = mean([percentile(server, 0.99) for server in each])
    return averaged, percentile(together, 0.99)
# --8<-- [end:dashboard]


# --8<-- [start:pipeline]
def pipeline(rng: Random, stages: tuple[float, ...], rate: float, n: int):
    """Mean time through servers in a row, with these mean service times."""
    arrivals = moments = poisson(rng, rate, n)
    for service in stages:
        moments = serve(moments, exponential(rng, service, n))
    return mean(responses(arrivals, moments))
# --8<-- [end:pipeline]


if __name__ == "__main__":
    for rho, n, took, p99, _ in demo():
        got = f"{took:.1f} (+-{error(rho, n):.0%}), p99 {p99:.1f}"
        said = f"{mm1(rho):.0f}, p99 {mm1_percentile(rho, 0.99):.1f}"
        print(f"{rho:.0%} busy: {said}; run of {n:,}: {got}")
        #> 50% busy: 2, p99 9.2; run of 4,800: 2.0 (+-5%), p99 8.8
        #> 80% busy: 5, p99 23.0; run of 36,000: 4.9 (+-5%), p99 23.1
        #> 90% busy: 10, p99 46.1; run of 152,000: 9.8 (+-5%), p99 48.5
        #> 95% busy: 20, p99 92.1; run of 200,000: 21.1 (+-9%), p99 108.8
        #> 99% busy: 100, p99 460.5; run of 200,000: 101.5 (+-45%), p99 388.5

    rng = Random(7)
    arrivals = poisson(rng, 0.8, 50_000)
    departures = serve(arrivals, exponential(rng, 1, 50_000))
    found = mean_in_system(arrivals, departures)
    rate = 50_000 / departures[-1]
    took = mean(responses(arrivals, departures))
    print(f"{found:.4f} = {rate:.4f} x {took:.4f} = {rate * took:.4f}")
    #> 4.1484 = 0.8029 x 5.1666 = 4.1484

    ten, one = lines(Random(7), 0.9, 100_000, servers=10)
    print(f"ten lines: {mm1(0.9):.2f}, run {ten:.2f}")
    #> ten lines: 10.00, run 10.50
    print(f"one line:  {mmc(10, 0.9):.2f}, run {one:.2f}")
    #> one line:  1.67, run 1.72

    rng, n = Random(7), 100_000
    arrivals = poisson(rng, 0.8, n)
    for name, services, cv2 in (
        ("all alike", [1.0] * n, 0),
        ("exponential", exponential(rng, 1, n), 1),
        ("2% take 50 times", spread(rng, n, 0.02, 50), spread_cv2(0.02, 50)),
    ):
        took = mean(responses(arrivals, serve(arrivals, services)))
        print(f"{name}: {mg1(0.8, cv2):.1f}, run {took:.1f}")
        #> all alike: 3.0, run 3.1
        #> exponential: 5.0, run 5.1
        #> 2% take 50 times: 27.0, run 26.6

    averaged, true = dashboard(Random(7), [0.5] * 9 + [0.9], 40_000)
    print(f"average of ten p99s {averaged:.1f}, p99 of all {true:.1f}")
    #> average of ten p99s 13.3, p99 of all 32.2

    for stages in (0.2, 0.5, 1.0), (0.1, 0.5, 1.0), (0.2, 0.5, 0.5):
        said = sum(s * mm1(0.8 * s) for s in stages)
        took = pipeline(Random(7), stages, 0.8, 50_000)
        print(f"stages {stages}: {said:.2f}, run {took:.2f}")
        #> stages (0.2, 0.5, 1.0): 6.07, run 6.07
        #> stages (0.1, 0.5, 1.0): 5.94, run 5.94
        #> stages (0.2, 0.5, 0.5): 1.90, run 1.91
