"""Paper rows, effects and tables of this page, from calls of its program."""

import math
from functools import cache
from random import Random

from snippets.optimizations import caching as program
from tools.measure import Effect, Paper, Table
from tools.tested import tested

SIZE, TTL_S = 3000, 60


@cache
def queries(beta, runs=400):
    """Mean number of queries that one expiry starts."""
    return sum(program.stampede(Random(seed), beta)[0] for seed in range(runs)) / runs


def three_errors(beta, runs=400):
    """The number after the first is geometric with mean e to the 1/beta, less 1."""
    more = math.exp(1 / beta) - 1
    return 3 * math.sqrt(more * (1 + more) / runs)


def hit_ratio(alpha, size):
    calls = program.traffic(Random(1), 80_000, alpha=alpha)
    return program.replay(calls, size, warm_s=10).hit_ratio()


def left_old(writer, lease):
    orders = program.interleavings(writer=writer)
    return [order for order in orders if program.race(order, lease) == "old"]


def paper():
    return [
        *(
            Paper(
                key="che2002hierarchical",
                place="the approximation of LRU by a characteristic time",
                claim=f"hit ratio of {size} entries, 10,000 keys, Zipf exponent {alpha}",
                said=program.che(program.popularity(10_000, alpha), size),
                got=hit_ratio(alpha, size),
                tolerance=0.008,
                show="{:.4f}",
                note="the paper's formula, computed, and 70,000 requests",
            )
            for alpha, size in ((0.8, 100), (1.0, 100), (1.2, 50))
        ),
        *(
            Paper(
                key="vattani2015optimal",
                place=f"the XFetch algorithm, beta = {beta}",
                claim="mean queries started for one expiry, 100 reads/s, 1 s a query",
                said=math.exp(1 / beta),
                got=queries(beta),
                tolerance=three_errors(beta),
                show="{:.2f}",
                note="the paper gives the algorithm, we derive e to the 1/beta from it; "
                "mean of 400, three standard errors",
            )
            for beta in (0.5, 1, 2)
        ),
        Paper(
            key="nishtala2013scaling",
            place="section 3.2.1",
            claim="cache-aside with deletes and no leases leaves a stale value",
            said="possible",
            got="possible" if left_old("WD", lease=False) else "impossible",
            note="in 1 of the 6 interleavings of one reader and one writer",
        ),
        Paper(
            key="nishtala2013scaling",
            place="section 3.2.1",
            claim="interleavings that leave it when a fill needs a lease",
            said=0,
            got=len(left_old("WD", lease=True)),
            note="all 6",
        ),
    ]


@cache
def timed(ttl_s):
    """5 minutes of Zipf reads and 1 write in 100, without deletes: the TTL alone."""
    calls = program.traffic(Random(3), 60_000, per_s=200.0, writes=0.01)
    return program.replay(calls, SIZE, ttl_s, warm_s=100)


@cache
def outage(ttl_s):
    """Share of reads answered in a minute without database, the 6th: entries of every age."""
    calls = program.traffic(Random(1), 72_000, per_s=200.0)
    return program.replay(calls, SIZE, ttl_s, warm_s=300, down_s=(300, math.inf)).hit_ratio()


def effects():
    served = [program.served_after_revocation(Random(seed), TTL_S) for seed in range(200)]
    return [
        Effect(
            "system-performance",
            "mean response, 3,000 of 10,000 keys cached, TTL 60 s, a query takes 20 ms",
            program.DATABASE_MS,
            timed(TTL_S).mean_ms(),
            "lower",
            "{:.1f} ms",
            "replay",
        ),
        Effect(
            "system-reliability",
            "share of reads answered while the database is down for a minute, TTL 60 s",
            0.0,
            outage(TTL_S),
            "higher",
            "{:.1%}",
            "replay",
        ),
        Effect(
            "data-consistency",
            "share of stale reads, TTL 60 s, one write in 100",
            0.0,
            timed(TTL_S).stale_share(),
            "lower",
            "{:.1%}",
            "replay",
        ),
        Effect(
            "system-security",
            "requests let in after their credential was revoked, one a second, TTL 60 s",
            0.0,
            sum(served) / len(served),
            "lower",
            "{:.1f}",
            "served_after_revocation",
        ),
    ]


def tables():
    rows = []
    for ttl_s in (0, 1, 10, 60):
        run = timed(ttl_s)
        rows.append(
            (
                f"{ttl_s} s",
                f"{run.hit_ratio():.1%}",
                f"{run.mean_ms():.1f} ms",
                f"{run.stale_share():.1%}",
                f"{outage(ttl_s):.1%}",
            )
        )
    calls = program.traffic(Random(4), 80_000)
    cold = program.replay([call for call in calls if call.at_s < 1], SIZE)
    warm = program.replay(calls, SIZE, warm_s=20)
    cold_queries, warm_queries = (1000 * (1 - run.hit_ratio()) for run in (cold, warm))
    return {
        "ttl": Table(
            ("TTL", "hit ratio", "mean response", "stale reads", "answered with the database down"),
            tuple(rows),
            "rrrrr",
        ),
        "cold": Table(
            ("the cache", "queries a second for 1,000 reads a second"),
            (
                ("warm", f"{warm_queries:.0f}"),
                ("the first second after a restart", f"{cold_queries:.0f}"),
                ("none", "1000"),
            ),
            "lr",
        ),
        "valkey": tested("valkey", "one server, 50 threads, loopback", "redis"),
    }
