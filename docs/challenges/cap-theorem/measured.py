from functools import cache
from random import Random

from snippets.challenges import cap_theorem as program
from snippets.concepts.linearizability import linearizable
from tools.measure import Paper, Table

RUNS = 60


@cache
def histories(name, cut, **how):
    policy = program.DESIGNS[name]
    return [
        program.operations(program.run(Random(seed), *policy, cut=cut, **how))
        for seed in range(RUNS)
    ]


def rejected(many):
    return [linearizable(ops) for ops in many].count(False) / len(many)


@cache
def counts(cut):
    return program.count_policies(cut)


def paper():
    silent = [program.history(lambda *_: "wait", world) for world in program.WORLDS]
    initial = [
        program.history(lambda _, asked, __: "ok" if asked == "write" else "nothing", world)
        for world in program.WORLDS
    ]

    def verdict(runs):
        answers = "available" if all(map(program.available, runs)) else "not available"
        right = "atomic" if all(map(program.consistent, runs)) else "not atomic"
        return f"{right}, {answers}"

    return [
        Paper(
            key="gilbert2002brewer",
            place="theorem 1",
            claim="policies behind a cut that are atomic and available in every world",
            said=0,
            got=counts(cut=True)[3],
            note=f"of {counts(cut=True)[0]}: every way to answer one read or write a node",
        ),
        Paper(
            key="gilbert2002brewer",
            place="section 3.2.1",
            claim="a service that ignores all requests",
            said="atomic, not available",
            got=verdict(silent),
        ),
        Paper(
            key="gilbert2002brewer",
            place="section 3.2.2",
            claim="there is a policy that is both when no message is lost",
            said="yes",
            got="yes" if counts(cut=False)[3] else "no",
        ),
        Paper(
            key="gilbert2002brewer",
            place="section 3.2.3",
            claim="a service that returns the initial value to every read",
            said="not atomic, available",
            got=verdict(initial),
        ),
        *(
            Paper(
                key="abadi2012consistency",
                place="the four kinds of PACELC",
                claim=f"{name}: gives up what when cut, and else",
                said=said,
                got=gives_up(name),
                note="measured: refused or not linearizable; reads at home or far" if not i else "",
            )
            for i, (name, said) in enumerate(
                {
                    "PA/EL": "consistency, consistency",
                    "PA/EC": "consistency, latency",
                    "PC/EL": "availability, consistency",
                    "PC/EC": "availability, latency",
                }.items()
            )
        ),
    ]


def gives_up(name):
    whole, cut = (program.measure(histories(name, state)) for state in ("", "Tokyo"))
    return ", ".join(
        (
            "availability" if cut["refused"] else "consistency",
            "latency" if whole["read_ms"] > 20 else "consistency",
        )
    )


def tables():
    theorem = [
        (
            "cut" if cut else "whole",
            f"{total:,}",
            f"{answering:,}",
            f"{right:,}",
            str(both),
        )
        for cut, (total, answering, right, both) in ((c, counts(c)) for c in (True, False))
    ]
    designs = []
    for name in program.DESIGNS:
        wrong, wrong_cut = (f"{rejected(histories(name, state)):.1%}" for state in ("", "Tokyo"))
        whole, cut = (program.measure(histories(name, state)) for state in ("", "Tokyo"))
        designs.append(
            (
                name,
                f"{whole['read_ms']:.0f} ms",
                f"{whole['write_ms']:.0f} ms",
                wrong,
                f"{cut['refused']:.1%}",
                wrong_cut,
            )
        )
    patience = []
    for patience_ms in (40, 60, 80, 120, 200):
        many = histories("PA/EC", "", patience_ms=patience_ms, jitter_ms=10)
        every = [op for ops in many for op in ops]
        patience.append(
            (
                f"{patience_ms} ms",
                f"{sum(op['home'] for op in every) / len(every):.1%}",
                f"{rejected(many):.1%}",
            )
        )
    return {
        "theorem": Table(
            ("network", "policies", "available", "linearizable", "both"), tuple(theorem), "lrrrr"
        ),
        "designs": Table(
            (
                "design",
                "whole: a read",
                "whole: a write",
                "whole: histories not linearizable",
                "cut: operations refused",
                "cut: histories not linearizable",
            ),
            tuple(designs),
            "lrrrrr",
        ),
        "patience": Table(
            ("waits for the primary", "operations done at home", "histories not linearizable"),
            tuple(patience),
            "rrr",
        ),
    }
