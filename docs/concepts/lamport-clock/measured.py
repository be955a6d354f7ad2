from functools import cache
from math import exp
from random import Random

from snippets.concepts import lamport_clock as program
from tools.measure import Paper, Table

PROCS = (2, 4, 8, 16)


@cache
def runs(procs):
    return [program.random_events(Random(seed), procs, 60) for seed in range(60)]


def against(procs):
    """Pairs with a before b that the total order puts the other way round."""
    return sum(
        stamps[i] > stamps[j]
        for events in runs(procs)
        for stamps in [program.stamp(events)]
        for i, j in program.happened_before(events)
    )


def paper():
    calls = [{"proc": "A", "kind": "local"}] * 3 + [{"proc": "B", "kind": "local"}]
    *_, first, then = program.stamp(calls)
    return [
        Paper(
            key="lamport1978time",
            place="section Logical Clocks",
            claim="clocks for which a smaller number means before, for p2, p3 and q3 of Figure 1",
            said=0,
            got=program.converse(program.APART)[2],
            note="all 27 assignments of the numbers 1 to 3",
        ),
        Paper(
            key="lamport1978time",
            place="section Ordering the Events Totally",
            claim="pairs with a → b that the total order ⇒ contradicts",
            said=0,
            got=sum(against(procs) for procs in PROCS),
            note="240 random runs",
        ),
        Paper(
            key="lamport1978time",
            place="section Anomalous Behavior",
            claim="a request made after a telephone call may get the lower stamp",
            said=True,
            got=then < first,
            note="three events at A, the call, one at B",
        ),
        Paper(
            key="lamport1978time",
            place="section Physical Clocks",
            claim="wall clocks out of order when ε/(1 − κ) ≤ μ",
            said=0.0,
            got=program.stamped_early(0.1, 0.6, Random(1), least_ms=0.2),
            show="{:.1%}",
            note="clocks 0.2 ms apart at most, no message faster; they do not drift, κ = 0",
        ),
    ]


def early(error_ms):
    x = 2 * error_ms / 0.6
    return 0.5 - 1 / x + (1 - exp(-x)) / x**2


def tables():
    wall = [
        (
            f"{error_ms} ms",
            f"{early(error_ms):.1%}",
            f"{program.stamped_early(error_ms, 0.6, Random(1)):.1%}",
        )
        for error_ms in (0.1, 1, 10, 100)
    ]
    share = [
        (str(procs), f"{program.share_ordered(runs(procs)):.1%}") for procs in PROCS
    ]
    return {
        "wall": Table(
            ("clocks right to ±", "formula", "receives stamped before their send"),
            tuple(wall),
            "rrr",
        ),
        "share": Table(
            ("processes", "of the pairs with L(a) < L(b): a happened before b"),
            tuple(share),
            "rr",
        ),
    }
