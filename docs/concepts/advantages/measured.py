from math import exp, sqrt
from random import Random

from snippets.concepts import advantages as program
from tools.measure import Paper, Table

HOURS_A_YEAR = 24 * 365.25


def _slow_in_run(p, parts, requests=20_000):
    rng = Random(11)
    return sum(program.response_ms(parts, p, rng) >= 1000 for _ in range(requests)) / requests


def paper():
    tail = "section Component-Level Variability Amplified by Scale"
    return [
        Paper(
            key="dean2013tail",
            place=tail,
            claim="requests that wait for a slow server: 1 in 100 slow, 100 asked",
            said=0.63,
            got=_slow_in_run(0.01, 100),
            tolerance=0.013,
            show="{:.0%}",
            note="four standard errors of 20,000 simulated requests",
        ),
        Paper(
            key="dean2013tail",
            place=tail,
            claim="the same, 1 in 10,000 slow, 2,000 asked",
            said=0.2,
            got=program.slow_share(0.0001, 2000),
            tolerance=0.02,
            show="{:.1%}",
            note="the paper says almost one in five; ours is the formula",
        ),
        Paper(
            key="amdahl1967validity",
            place="page 483",
            claim="most times one processor when a fifth of the work is sequential",
            said=(5, 7),
            got=program.usl(10**9, 0.2, 0),
            tolerance=0.01,
            show="{:.1f}",
            note="the fifth is the 40% he measured, halved as he allows; he writes no formula",
        ),
        Paper(
            key="gunther2008general",
            place="abstract: the law is the synchronous bound of a repairman queue",
            claim="throughput of 88 nodes in step, of one node",
            said=program.usl(88, 0.02, 0.0005),
            got=program.throughput(88, 0.02, 0.0005, 300, Random(11)),
            tolerance=0.3,
            show="{:.1f}",
            note=f"the peak by formula is at {sqrt((1 - 0.02) / 0.0005):.1f} nodes",
        ),
        Paper(
            key="patterson1988case",
            place="the reliability formula, for one mirrored pair",
            claim="mean time to data loss, million years: "
            "disks of 1,000,000 hours, repair 24 hours",
            said=1e6**2 / (2 * 24) / HOURS_A_YEAR / 1e6,
            got=program.mttdl(1e6, 24) / HOURS_A_YEAR / 1e6,
            tolerance=0.0003,
            show="{:.4f}",
            note="MTTF²/(2 MTTR) against the exact Markov chain; tolerance 0.01%",
        ),
    ]


def tables():
    def cells(row):
        return [
            f"{x:,.4f}" if row.promise < 1 else f"{x:,.1f}"
            for x in (row.promise, row.holds, row.breaks, row.corrected)
        ]

    words = {
        "availability": (
            "5 nodes, majority up",
            "nodes fail independently",
            "one cause takes all for 1% of the time",
        ),
        "scalability": (
            "88 nodes, in nodes",
            "nothing is shared",
            "2% contention, 0.05% coherency",
        ),
        "performance": (
            "100 machines, ms",
            "no part is slower",
            "1 part in 100 pauses for 1,000 ms",
        ),
        "reliability": ("a pair, hours", "repair, independence", "1 failure in 10 takes both"),
    }
    promises = []
    for row in program.demo():
        what, assumption, without = words[row.advantage]
        promise, holds, breaks, corrected = cells(row)
        promises.append(
            (f"{row.advantage}: {what}", promise, assumption, holds, without, breaks, corrected)
        )

    sizes = [
        (
            str(n),
            f"{program.majority(0.99, n):.8f}",
            f"{0.999 * program.majority(0.99, n):.8f}",
            f"{program.majority(0.99 * 0.999, n):.8f}",
        )
        for n in (1, 2, 3, 4, 5, 7)
    ]
    twins = [
        (
            f"every {mttf:,} hours, for {mttr:,}",
            f"{mttf / (mttf + mttr):.2f}",
            f"{exp(-24 / mttf):.4f}",
        )
        for mttf, mttr in ((99, 1), (9900, 100))
    ]
    return {
        "promises": Table(
            ("advantage", "promise", "assumption", "run", "without it", "run", "formula"),
            tuple(promises),
            "lrlrlrr",
        ),
        "majority": Table(
            ("nodes", "independent", "shared cause 0.001", "each behind a link of 0.999"),
            tuple(sizes),
            "rrrr",
        ),
        "twins": Table(("fails", "availability", "a day without failure"), tuple(twins), "lrr"),
    }
