from functools import cache
from math import comb, exp
from random import Random

from snippets.challenges import data_consistency as program
from tools.measure import Paper, Table
from tools.tested import tested

WRITES = 60_000


def within(k, n=3, r=1, w=1):
    """Bailis et al. 2012, section 3.1."""
    return 1 - (comb(n - w, r) / comb(n, r)) ** k


def lost_to_skew(skew_ms, gap_ms):
    """Two clocks wrong by up to skew_ms, writes an exponential gap of mean gap_ms apart."""
    x = 2 * skew_ms / gap_ms
    return 0.5 - 1 / x + (1 - exp(-x)) / x**2


@cache
def rung(name):
    how = program.LADDER[name]
    history = program.run(Random(7), todo=2000, **how)
    stale, own = program.stale(history)
    reads, writes = program.mean_ms(history, "read"), program.mean_ms(history, "write")
    return how, stale, own, program.rejected(Random(7), 400, **how), reads, writes


def paper():
    behind = program.versions_behind(Random(7), n=3, r=1, w=1, writes=WRITES)
    shared = f"{WRITES:,} writes; reads in a row are not independent, hence the tolerance"
    rows = [
        Paper(
            key="bailis2012pbs",
            place="section 3.1",
            claim=f"read returns one of the last {k} versions, N=3, R=W=1",
            said=within(k),
            got=sum(old < k for old in behind) / WRITES,
            tolerance=0.01,
            show="{:.4f}",
            note=shared if k == 2 else "the same run",
        )
        for k in (2, 3, 5, 10)
    ]
    both = sum(available and linear for *_, available, linear in program.cap(cut=True))
    return [
        *rows,
        Paper(
            key="gifford1979weighted",
            place="the quorum rule",
            claim="share of reads older than an acknowledged write, r + w > n",
            said=0.0,
            got=rung("quorum")[1],
            show="{:.1%}",
            note="n=3, r=w=2, about 3,000 reads",
        ),
        Paper(
            key="attiya1995sharing",
            place="the emulation with write-back",
            claim="share of histories that are not linearizable, majorities and write-back",
            said=0.0,
            got=rung("quorum, write-back")[3],
            show="{:.1%}",
            note="400 histories of 15 operations, three clients",
        ),
        Paper(
            key="gilbert2002brewer",
            place="theorem 1",
            claim="policies that are available and linearizable while the link is cut",
            said=0,
            got=both,
            show="{} of 4",
            note="the history above, all four policies",
        ),
    ]


def tables():
    ladder = []
    for name in program.LADDER:
        how, stale, own, bad, reads, writes = rung(name)
        ladder.append(
            (
                name,
                str(how["w"]),
                str(how["r"]),
                f"{stale:.1%}",
                f"{own:.1%}",
                f"{bad:.1%}",
                f"{reads:.0f} ms",
                f"{writes:.0f} ms",
            )
        )

    distance = []
    for where, n, hop_ms, lag_ms in (
        ("one copy, far away", 1, 50, 200),
        ("three copies, one rack", 3, 0, 2),
        ("three copies, one region", 3, 2, 20),
        ("three copies, far apart", 3, 20, 200),
    ):
        stale, _ = program.stale(program.run(Random(7), n, todo=2000, hop_ms=hop_ms, lag_ms=lag_ms))
        distance.append((where, str(n), f"{hop_ms} ms", f"{lag_ms} ms", f"{stale:.1%}"))

    skew = []
    for skew_ms in (1, 10, 50):
        lost = program.lost_to_skew(Random(7), skew_ms, gap_ms=20, pairs=40_000)
        skew.append((f"{skew_ms} ms", f"{lost_to_skew(skew_ms, 20):.1%}", f"{lost:.1%}"))

    def said(flag):
        return "yes" if flag else "no"

    policies = [
        (write, read, said(available), said(linear), said(whole and right))
        for (write, read, available, linear), (*_, whole, right) in zip(
            program.cap(cut=True), program.cap(cut=False), strict=True
        )
    ]
    return {
        "ladder": Table(
            (
                "rung",
                "w",
                "r",
                "stale reads",
                "own write missed",
                "histories not linearizable",
                "a read takes",
                "a write takes",
            ),
            tuple(ladder),
            "lrrrrrrr",
        ),
        "distance": Table(
            ("where", "copies", "a hop, on average", "a write, on average", "stale reads"),
            tuple(distance),
            "lrrrr",
        ),
        "skew": Table(
            ("clocks wrong by up to", "formula: writes lost", "run: writes lost"),
            tuple(skew),
            "rrr",
        ),
        "policies": Table(
            (
                "write without the other copy",
                "read without it",
                "cut: available",
                "cut: linearizable",
                "no cut: both",
            ),
            tuple(policies),
            "llccc",
        ),
        "valkey": tested("valkey", "a primary and a replica, one process each, loopback", "redis"),
        "postgresql": tested("postgresql", "one server, two connections, loopback", "psycopg"),
    }
