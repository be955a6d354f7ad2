"""Paper rows, effects and tables of this page, from calls of its program."""

import math
from functools import cache
from random import Random

from snippets.optimizations import load_balancing as program
from tools.measure import Effect, Paper, Table
from tools.tested import tested

BINS = 65_536
CROWD = (1,) * 100  # Mitzenmacher's set-up: 100 equal servers, load 0.9, exponential work


def gonnet(balls):
    """The x with gamma(x) = balls, less 3/2: the fullest bin for one choice."""
    low, high = 2.0, 50.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if math.lgamma(middle) < math.log(balls) else (low, middle)
    return low - 1.5


def fullest(d, runs=5):
    return sum(program.fullest(Random(seed), BINS, d) for seed in range(runs)) / runs


def expected_time(load, d):
    """The supermarket model's fixed point, in service times."""
    return sum(load ** ((d**i - d) / (d - 1)) for i in range(1, 12))


@cache
def crowd(requests):
    return program.workload(Random(1), requests, 0.9, CROWD, program.exponential)


def crowd_time(pick, requests=60_000, every=0):
    """Mean time in service times; the queues are read ``every`` service times."""
    run = program.serve(crowd(requests), pick, CROWD, refresh_ms=every * program.MEAN_MS)
    return run.mean_ms() / program.MEAN_MS


@cache
def random_time(requests):
    return crowd_time(program.at_random(Random(2)), requests)


def against_random(pick, requests=15_000):
    slower = crowd_time(pick, requests, every=10) > random_time(requests)
    return "worse" if slower else "better"


def paper():
    pick = program.smooth_weighted((5, 1, 1))
    loglog = math.log(math.log(BINS))
    return [
        Paper(
            key="azar1999balanced",
            place="section 1, after Gonnet",
            claim="fullest of 65,536 bins, one choice a ball",
            said=gonnet(BINS),
            got=fullest(1),
            tolerance=0.8,
            show="{:.1f}",
            note="the inverse of the gamma function, less 3/2, for large n; mean of 5 runs",
        ),
        Paper(
            key="azar1999balanced",
            place="abstract",
            claim="the same, the emptier of two bins: ln ln n / ln 2 plus a constant",
            said=loglog / math.log(2),
            got=fullest(2),
            tolerance=1.0,
            show="{:.1f}",
            note="the theorem leaves the constant open; the tolerance is one ball",
        ),
        Paper(
            key="azar1999balanced",
            place="the theorem for d choices",
            claim="the same, the emptiest of three: ln ln n / ln 3 plus a constant",
            said=loglog / math.log(3),
            got=fullest(3),
            tolerance=1.0,
            show="{:.1f}",
            note="as above",
        ),
        *(
            Paper(
                key="mitzenmacher2001power",
                place="the supermarket model, n to infinity",
                claim=f"mean time at load 0.9, the shorter of {d} queues, in service times",
                said=expected_time(0.9, d),
                got=crowd_time(program.best_of(Random(2), d)),
                tolerance=0.06 * expected_time(0.9, d),
                show="{:.2f}",
                note="100 servers; fewer than infinitely many are about 3% slower",
            )
            for d in (2, 3)
        ),
        Paper(
            key="mitzenmacher2000useful",
            place="abstract",
            claim="shortest of 100 queues, read every 10 service times, against a random choice",
            said="worse",
            got=against_random(program.least_connections()),
        ),
        Paper(
            key="mitzenmacher2000useful",
            place="abstract",
            claim="the shorter of two queues, read every 10 service times, against a random choice",
            said="better",
            got=against_random(program.best_of(Random(2), 2)),
        ),
        Paper(
            key="dounin2012smooth",
            place="commit message",
            claim="the first seven picks for the weights 5, 1, 1",
            said="a a b a c a a",
            got=" ".join("abc"[pick((0, 1, 2), None, 0)] for _ in range(7)),
        ),
    ]


def effects():
    calls = program.workload(Random(1), 60_000, load=0.6)  # about a minute
    alone = program.serve(calls, program.at_random(Random(1)))
    balanced = program.serve(calls, program.least_connections())
    unseen = program.serve(calls, program.round_robin(), dead=9)
    noticed = program.serve(calls, program.round_robin(), dead=9, noticed_ms=5000)
    return [
        Effect(
            "system-performance",
            "mean response at 60% load: each request to any server, or to the shortest queue",
            alone.mean_ms(),
            balanced.mean_ms(),
            "lower",
            "{:.1f} ms",
            "least_connections",
        ),
        Effect(
            "system-reliability",
            "share of requests lost in the minute after one of 10 servers dies: never noticed, "
            "or by a health check after 5 s",
            unseen.lost(),
            noticed.lost(),
            "lower",
            "{:.1%}",
            "serve",
        ),
        Effect(
            "data-consistency",
            "share of clients who do not see their own write: reads from the primary alone, "
            "or from any of 10 replicas that lag 100 ms",
            program.missed_own_write(Random(1), 1),
            program.missed_own_write(Random(1), 10),
            "lower",
            "{:.1%}",
            "missed_own_write",
        ),
        Effect(
            "system-security",
            "share of honest requests answered within 100 ms while one client floods: "
            "without and with the balancer's limit per client",
            program.honest_in_time(Random(1), False),
            program.honest_in_time(Random(1), True),
            "higher",
            "{:.1%}",
            "honest_in_time",
        ),
    ]


def tables():
    equal = (1,) * 10
    calls = program.workload(Random(1), 60_000, 0.7, equal)
    rows = []
    for name, pick in (
        ("random", program.at_random(Random(1))),
        ("round robin", program.round_robin()),
        ("two choices", program.best_of(Random(1), 2)),
        ("least connections", program.least_connections()),
    ):
        run = program.serve(calls, pick, equal)
        rows.append((name, f"{run.mean_ms() / program.MEAN_MS:.1f}", f"{run.max_over_mean():.2f}"))
    return {
        "equal": Table(
            ("10 equal servers, load 70%", "mean time, in service times", "max over mean load"),
            tuple(rows),
            "lrr",
        ),
        "haproxy": tested("haproxy", "three servers, one of them ten times as slow, loopback", "httpx"),
        "nginx": tested("nginx", "the same three servers", "httpx"),
    }
