"""Paper rows and tables of this page, from calls of its program."""

from functools import cache
from math import inf
from random import Random

from snippets.challenges import tail_latency as program
from tools.measure import Paper, Table


@cache
def plain_and_hedged(calls=200_000):
    """Single calls: the two times at 99.9%, and the calls that the hedge adds."""
    rng = Random(7)
    plain = [program.call(rng) for _ in range(calls)]
    pairs = [program.hedged(rng, program.AFTER_MS) for _ in range(calls)]
    extra = sum(made for _, made in pairs) / calls - 1
    tails = [program.percentile(t, 0.999) for t in (plain, [ms for ms, _ in pairs])]
    return tails[0] / tails[1], extra


def threshold():
    """The load at which two copies of everything cost what they save, from runs."""
    low, high = 0.28, 0.38

    def gain(load):
        one, two = (
            sum(
                program.mean(program.fleet(Random(seed), load, after, requests=40_000)[0])
                for seed in range(3)
            )
            / 3
            for after in (inf, 0.0)
        )
        return one - two

    at_low, at_high = gain(low), gain(high)
    return low + (high - low) * at_low / (at_low - at_high)


def paper():
    rng, hundred = Random(7), 4_000
    slow = sum(program.fan_out(rng, 100) >= 1000 for _ in range(hundred)) / hundred
    fall, extra = plain_and_hedged()
    shares = (0.3, 0.5, 0.75, 0.9, 0.99)
    closed = program.closed_loop(program.stalls, 10, 200_000)
    filled = program.corrected(closed, 10)
    return [
        Paper(
            key="dean2013tail",
            place="Component-level variability amplified by scale",
            claim="requests slow, 1 call in 100 slow, 100 calls",
            said=0.63,
            got=slow,
            tolerance=0.028,
            show="{:.1%}",
            note="4,000 requests: three standard errors and the paper's rounding",
        ),
        Paper(
            key="dean2013tail",
            place="Component-level variability amplified by scale",
            claim="the same, 1 in 10,000 slow, 2,000 calls: almost one in five",
            said=(0.175, 0.2),
            got=program.slow_share(0.0001, 2000),
            show="{:.2%}",
            note="the formula",
        ),
        Paper(
            key="dean2013tail",
            place="Within request short-term adaptations, hedged requests",
            claim="calls added by a hedge at the 95th percentile: about 5%",
            said=0.05,
            got=extra,
            tolerance=0.005,
            show="{:.2%}",
            note="200,000 calls",
        ),
        Paper(
            key="dean2013tail",
            place="Within request short-term adaptations, hedged requests",
            claim="p99.9 divided by the hedge: 1,800 ms by 74 ms, 24 times",
            said=(10, inf),
            got=fall,
            show="{:.1f}",
            note="the paper's is a measurement of Bigtable, ours a toy: more than tenfold",
        ),
        Paper(
            key="vulimiri2013low",
            place="theorem 1",
            claim="load above which two copies hurt the mean, exponential services",
            said=1 / 3,
            got=threshold(),
            tolerance=0.02,
            show="{:.3f}",
            note="50 servers, three seeds; the paper takes the queues as independent",
        ),
        Paper(
            key="tene2026hdrhistogram",
            place="the data access test",
            claim="p30, p50, p75, p90 and p99 behind the stall, in ms",
            said=(1, 1, 50_000, 80_000, 98_000),
            got=tuple(program.percentile(filled, share) for share in shares),
            note="the closed loop, corrected; the open loop gives the same",
        ),
        Paper(
            key="tene2026hdrhistogram",
            place="the data access test",
            claim="requests recorded, and after the correction",
            said=(10_001, 20_000),
            got=(len(closed), len(filled)),
        ),
    ]


def tables():
    loads = (0.3, 0.5, 0.6, 0.8, 0.9)
    rows = []
    for name, policy in program.POLICIES.items():
        row = [name]
        for load in loads:
            times, copies = program.fleet(Random(7), load, **policy)
            row.append(f"{program.percentile(times, 0.99):.1f} ({copies:.2f})")
        rows.append(tuple(row))
    return {
        "fleet": Table(
            ("p99 (copies)", *(f"load {load}" for load in loads)), tuple(rows), "lrrrrr"
        )
    }
