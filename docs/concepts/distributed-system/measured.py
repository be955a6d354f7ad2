"""Paper rows and tables of this page, from calls of its program."""

from random import Random

from snippets.concepts import distributed_system as program
from tools.measure import Paper, Table


def paper():
    hung = program.gather("crash", timeout_ms=None)
    hung.run(3_600_000)
    views = {program.seen_by_the_caller(program.demo(each), 300) for each in program.SILENCES}
    return [
        Paper(
            key="waldo1994note",
            place="section 4.3",
            claim=(
                "different views that a caller has, until its deadline, of a dead worker, a lost "
                "question, a lost answer and a late answer (the paper: indistinguishable)"
            ),
            said=1,
            got=len(views),
            note="the same for every set of delays: the tests draw them",
        ),
        Paper(
            key="lamport1987distribution",
            place="the definition",
            claim="reports within an hour, without a timeout, when one of three workers crashed",
            said=0,
            got=int(hung.nodes["caller"].report is not None),
            note='the caller is what Lamport calls "unusable"',
        ),
    ]


def tables():
    rows = []
    for silence in program.SILENCES:
        sim = program.demo(silence)
        asked = any(e.kind == "received" and e.node == "W3" for e in sim.trace)
        report = sim.nodes["caller"].report
        rows.append(
            (
                silence,
                "yes" if asked else "no",
                f"{report.total}, {', '.join(report.missing)} missing",
            )
        )
    rng = Random(23)
    timeouts = [
        (
            f"{timeout_ms} ms",
            f"{program.suspects(timeout_ms, rng):.3%}",
            f"{program.suspects_formula(timeout_ms):.3%}",
        )
        for timeout_ms in (100, 200, 500, 1000)
    ]
    return {
        "silences": Table(
            ("what happened", "W3 counted its stock", "the caller reports"), tuple(rows), "lll"
        ),
        "timeouts": Table(
            ("timeout, and delay until a crash is noticed", "healthy worker suspected", "formula"),
            tuple(timeouts),
            "rrr",
        ),
    }
