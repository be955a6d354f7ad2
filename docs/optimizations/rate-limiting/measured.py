"""Paper rows, effects and tables of this page, from calls of its program."""

from functools import cache
from random import Random

from snippets.optimizations import rate_limiting as program
from tools.measure import Effect, Paper, Table
from tools.tested import tested


@cache
def tail():
    return program.approximation(program.heavy_tail(Random(1), 2000))


def exceeding():
    """Spans of a greedy client's run in which a bucket passed more than its bound."""
    times = program.passed(program.TokenBucket(100, 10), program.GREEDY_MS)
    return sum(
        last - first + 1 > 10 + (times[last] - times[first]) / 100
        for first in range(len(times)) for last in range(first, len(times)))


def paper():
    return [
        Paper(
            key="desgats2017counting", place="the example of the sliding window",
            claim="42 requests in the minute before, 18 in the first 15 s of this one: the estimate",
            said=49.5, got=program.estimate(42, 18, 15_000, 60_000), show="{:.1f}",
        ),
        Paper(
            key="desgats2017counting", place="the analysis of 400 million requests",
            claim="mean difference of estimate and exact count",
            said=0.06, got=tail()[1], tolerance=0.02, show="{:.1%}",
            note="their traffic is not published; ours is a heavy tail of 2,000 sources. Agreement here is the size, not a proof",
        ),
        Paper(
            key="desgats2017counting", place="the same",
            claim="requests judged otherwise than by the exact count",
            said=0.00003, got=tail()[0], tolerance=0.00003, show="{:.3%}",
            differs="the share depends on how many sources are near their limit, which the text leaves open: "
            "in our traffic it is far more, and among sources that all ask for their limit more again",
        ),
        Paper(
            key="itu2004traffic", place="the generic cell rate algorithm",
            claim="requests of the greedy client on which GCRA and token bucket differ",
            said=0, got=sum(
                a.allow(t) != b.allow(t)
                for a, b in [(program.GCRA(100, 10), program.TokenBucket(100, 10))]
                for t in program.GREEDY_MS),
            note="and none in 200 random runs of the tests",
        ),
        Paper(
            key="turner1986directions", place="the leaky bucket",
            claim="spans of any length with more than burst plus rate times length",
            said=0, got=exceeding(), note="all pairs of requests that passed are tried",
        ),
    ]


def effects():
    plain, limited = (program.flood(Random(1), on) for on in (False, True))
    unsafe, orders = program.both_pass(False)
    safe, _ = program.both_pass(True)
    return [
        Effect("system-security", "honest requests answered within 100 ms while one client floods",
               plain[0], limited[0], "higher", "{:.1%}", "flood"),
        Effect("system-reliability", "honest requests lost in the same flood",
               plain[1], limited[1], "lower", "{:.1%}", "flood"),
        Effect("system-performance", "30 requests of one honest client on an idle server, until done",
               program.burst_s(False), program.burst_s(True), "lower", "{:.1f} s", "burst_s"),
        Effect("data-consistency",
               "orders of two requests that overspend the last unit of a quota: read and write, "
               "or one atomic step",
               unsafe / orders, safe / orders, "lower", "{:.1%}", "both_pass"),
    ]


KEPT = {
    "fixed window": "2 numbers", "sliding counter": "3 numbers", "sliding log": "a time a request",
    "token bucket": "2 numbers", "GCRA": "1 number",
}


def tables():
    rows = tuple(
        (name, KEPT[name], str(program.most(times, 200)), str(program.most(times, 1000)))
        for name, times in program.demo().items())
    spread = []
    even, uneven = (1, 1, 1, 1), (7, 1, 1, 1)
    for name, scheme, sync_ms in (
        ("one shared bucket", "shared", 100), ("a quarter of the limit each", "split", 100),
        ("the whole limit each", "each", 100), ("copies, 10 ms old", "stale", 10),
        ("copies, 100 ms old", "stale", 100), ("copies, 1 s old", "stale", 1000),
    ):
        refused, _ = program.balancers(Random(1), 80, uneven, scheme, sync_ms)
        _, top = program.balancers(Random(1), 300, even, scheme, sync_ms)
        spread.append((name, f"{refused:.1%}", str(top)))
    return {
        "limits": Table(("10 a second", "kept a key", "most in 0.2 s", "most in 1 s"), rows, "llrr"),
        "spread": Table(
            ("four balancers, 100 a second and 20", "refused of 80/s, uneven", "most of 300/s in 1 s"),
            tuple(spread), "lrr"),
        "valkey": tested("valkey", "one server, 40 threads, loopback", "redis"),
    }
