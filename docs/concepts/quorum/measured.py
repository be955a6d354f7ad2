from functools import cache
from math import exp
from random import Random

from snippets.concepts import quorum as program
from tools.measure import Paper, Table
from tools.tested import tested

TRIALS = {"YMMR": 40_000}


@cache
def drawn(fit):
    return program.draw(fit, 3, TRIALS.get(fit, 20_000), Random(7))


@cache
def found(fit, r=1, w=1, after_ms=0.0):
    return program.summary(*program.outcomes(drawn(fit), r, w), after_ms)


def paper():
    tail = "p99.9 of 40,000 trials rests on 40 of them"
    rows = [
        Paper(
            key="bailis2012pbs",
            place="section 5.6",
            claim=f"{fit}: a read begun when a write returns finds it, N=3, R=W=1",
            said=said,
            got=found(fit)["consistent"],
            tolerance=0.012,
            show="{:.1%}",
            note="20,000 trials: three standard errors are 1 point" if fit == "LNKD-DISK" else "",
        )
        for fit, said in (("LNKD-SSD", 0.974), ("LNKD-DISK", 0.439), ("YMMR", 0.893), ("WAN", 0.33))
    ]
    rows.append(
        Paper(
            key="bailis2012pbs",
            place="section 5.6",
            claim="LNKD-DISK: the same, begun 10 ms later",
            said=0.925,
            got=found("LNKD-DISK", after_ms=10.0)["consistent"],
            tolerance=0.012,
            show="{:.1%}",
        )
    )
    for fit, r, w, what, said, tolerance in (
        ("LNKD-SSD", 1, 1, "visible_ms", 1.85, 0.3),
        ("LNKD-DISK", 1, 1, "visible_ms", 45.5, 14),
        ("YMMR", 1, 1, "visible_ms", 1364, 200),
        ("YMMR", 2, 1, "visible_ms", 202, 60),
        ("YMMR", 2, 1, "read_ms", 32.6, 7),
        ("YMMR", 3, 1, "read_ms", 219.27, 25),
        ("YMMR", 1, 2, "write_ms", 427.12, 60),
    ):
        names = {
            "visible_ms": "wait until 99.9% of reads are consistent",
            "read_ms": "p99.9 of a read",
            "write_ms": "p99.9 of a write",
        }
        rows.append(
            Paper(
                key="bailis2012pbs",
                place="Table 4",
                claim=f"{fit}, R={r}, W={w}: {names[what]}",
                said=said,
                got=found(fit, r, w)[what][99.9],
                tolerance=tolerance,
                show="{:.2f} ms" if said < 10 else "{:.0f} ms",
                note={1.85: "the paper ran 50,000 trials, and names no seed", 1364: tail}.get(
                    said, ""
                ),
            )
        )
    for example, votes, quorum, what, said, tolerance in (
        (2, (2, 1, 1), 2, "read", 2.0e-4, 5e-6),
        (2, (2, 1, 1), 3, "write", 1.0e-2, 5e-4),
        (3, (1, 1, 1), 1, "read", 1.0e-6, 5e-8),
        (3, (1, 1, 1), 3, "write", 3.0e-2, 5e-4),
    ):
        rows.append(
            Paper(
                key="gifford1979weighted",
                place=f"the sample file suites, example {example}",
                claim=f"a {what} with quorum {quorum} of the votes {votes} is blocked",
                said=said,
                got=program.blocking(votes, quorum, up=0.99),
                tolerance=tolerance,
                show="{:.1e}",
                note="each copy up 99% of the time; the paper gives two digits"
                if said == 2.0e-4
                else "",
            )
        )
    return rows


def tables():
    trade = []
    for r, w in ((1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1)):
        one = found("YMMR", r, w)
        visible = one["visible_ms"][99.9]
        trade.append(
            (
                str(r),
                str(w),
                f"{one['read_ms'][99.9]:,.0f} ms",
                f"{one['write_ms'][99.9]:,.0f} ms",
                f"{one['consistent']:.1%}",
                f"{visible:,.0f} ms" if visible else "none",
                f"{3 - r} and {3 - w}",
            )
        )
    formula = []
    for after_ms in (0, 5, 10, 30):
        said = 1 - 2 / 3 * exp(-after_ms / 10)
        got = found("exponential", after_ms=float(after_ms))["consistent"]
        formula.append((f"{after_ms} ms", f"{said:.1%}", f"{got:.1%}"))
    schedules = []
    for n, r in ((3, 2), (5, 3)):
        (total, turned), (more, none) = (
            program.schedules(n, r, write_back) for write_back in (False, True)
        )
        schedules.append((f"{n}, {r}", f"{turned:,} of {total:,}", f"{none:,} of {more:,}"))
    return {
        "etcd": tested("etcd", "three members, each behind a proxy that can cut it off, loopback", "httpx"),
        "trade": Table(
            (
                "R",
                "W",
                "p99.9 of a read",
                "p99.9 of a write",
                "consistent at once",
                "99.9% consistent after",
                "copies a read, a write can miss",
            ),
            tuple(trade),
            "rrrrrrr",
        ),
        "formula": Table(
            ("a read begins after", "formula: consistent", "run: consistent"),
            tuple(formula),
            "rrr",
        ),
        "schedules": Table(
            ("n, r", "new, then old", "with the write-back"), tuple(schedules), "lrr"
        ),
    }
