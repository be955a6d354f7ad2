"""Paper rows and tables of this page, from calls of its program."""

from functools import cache
from math import e, log
from random import Random

from snippets.concepts import failure_detector as program
from tools.measure import Paper, Table

AKKA = {0: 0.0, 500: 0.1, 1000: 0.3, 1200: 1.6, 1400: 4.7, 1600: 10.8, 1700: 15.3}
MEMBERLIST = {0: 2.0, 1: 1.25, 2: 0.81, 3: 0.5}


@cache
def load(n):
    return program.swim(4, 5, n, periods=40, loss=0.05, crash=False)["messages"]


def paper():
    rows = [
        Paper(
            key="das2002swim",
            place="section 3.1",
            claim="expected periods until a crash is first detected, e/(e-1)",
            said=e / (e - 1),
            got=program.swim(300, 3, 50, periods=14)["first_detection"],
            tolerance=0.17,
            show="{:.2f}",
            note="50 members, 300 runs: three standard errors",
        ),
        Paper(
            key="das2002swim",
            place="abstract",
            claim="the load of a member does not vary with the group: 120 members over 10",
            said=1.0,
            got=load(120) / load(10),
            tolerance=0.06,
            show="{:.2f}",
            note="5% of the messages lost, so that helpers are asked",
        ),
    ]
    for t, said in AKKA.items():
        rows.append(
            Paper(
                key="akka2013accrual",
                place="return realistic phi values",
                claim=f"Akka's phi after {t:,} ms, gaps of mean 1,000 and deviation 100 ms",
                said=said,
                got=program.phi_akka(t, 1000.0, 100.0),
                tolerance=0.1,
                show="{:.3f}",
                note="the tolerance is the test's own" if t == 0 else "",
            )
        )
    for confirmations, said in MEMBERLIST.items():
        rows.append(
            Paper(
                key="memberlist2026suspicion",
                place="TestSuspicion_Timer",
                claim=f"suspicion timeout after {confirmations} of 3 confirmations, from 0.5 to 2 s",
                said=said,
                got=program.suspicion_ms(confirmations, 3, 0.5, 2.0),
                tolerance=0.006,
                show="{:.3f} s",
                note="the test gives 10 ms" if confirmations == 2 else "",
            )
        )
    return rows


def tables():
    kinds = (
        ("timeout 200 ms", program.Fixed, 200),
        ("timeout 600 ms", program.Fixed, 600),
        ("phi 3", program.Phi, 3),
        ("phi 8", program.Phi, 8),
        ("exponential phi 2", program.Exponential, 2),
        (f"timeout 2 ln 10 intervals, {200 * log(10):.0f} ms", program.Fixed, 200 * log(10)),
    )
    rows = []
    for name, kind, setting in kinds:
        cells = [name]
        for network in (program.STEADY, program.CHANGING):
            run = program.monitor(kind(setting), network, 20_000, Random(1))
            cells += [f"{run['mistakes']:,.0f}", f"{run['detect_ms']:,.0f} ms"]
        rows.append(tuple(cells))
    swim = []
    for k, suspicion in ((0, 0), (1, 0), (3, 0), (3, 1), (3, 3), (3, 5)):
        run = program.swim(40, 3, 50, k=k, suspicion=suspicion, loss=0.1, periods=20)
        swim.append(
            (
                str(k),
                str(suspicion),
                f"{run['first_detection']:.1f}",
                f"{run['false_positives']:.3%}",
                f"{run['messages']:.1f}",
            )
        )
    sizes = []
    for n in (10, 40, 120):
        sizes.append((str(n), f"{load(n):.2f}", str(n - 1), f"{n * load(n):,.0f}", f"{n * (n - 1):,}"))
    return {
        "links": Table(
            (
                "detector",
                "steady: wrong an hour",
                "crash seen after",
                "changing: wrong an hour",
                "crash seen after ",
            ),
            tuple(rows),
            "lrrrr",
        ),
        "swim": Table(
            (
                "helpers k",
                "suspicion, periods",
                "a crash is declared after, periods",
                "healthy ones declared failed, of all probes",
                "messages a member and period",
            ),
            tuple(swim),
            "rrrrr",
        ),
        "load": Table(
            (
                "members",
                "SWIM: messages a member",
                "all to all: a member",
                "SWIM: together",
                "all to all: together",
            ),
            tuple(sizes),
            "rrrrr",
        ),
    }
