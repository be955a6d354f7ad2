from math import exp
from random import Random

from snippets.concepts import history as program
from tools.measure import Paper, Table

SEED = 1970


def _clock(version):
    return "[" + ", ".join(f"({server},{n})" for server, n in sorted(version.items())) + "]"


def paper():
    versions = program.figure_3()
    rng = Random(SEED)
    rows = [
        Paper(
            key="abramson1970aloha",
            place="result 1/(2e)",
            claim="most that a channel without slots carries",
            said=1 / (2 * exp(1)),
            got=program.throughput(0.5, rng),
            tolerance=0.002,
            show="{:.3f}",
            note="Poisson arrivals at a load of 1/2, 200,000 packets; three standard errors are 0.0018",
        ),
        Paper(
            key="roberts1975aloha",
            place="result 1/e",
            claim="most that a channel with slots carries",
            said=1 / exp(1),
            got=program.throughput(1.0, rng, slotted=True),
            tolerance=0.004,
            show="{:.3f}",
            note="a load of 1; three standard errors are about 0.003",
        ),
        Paper(
            key="chandy1985distributed",
            place="Example 2.1",
            claim="global states of the single-token system, as the markers record them",
            said=4,
            got=len(program.snapshots()),
            note="every interleaving",
        ),
        Paper(
            key="chandy1985distributed",
            place="section 3.1",
            claim="tokens in a recorded state, with markers",
            said=(1,),
            got=tuple(sorted({sum(state) for state in program.snapshots()})),
            note="both processes and both channels added up",
        ),
    ]
    for name, said in (
        ("D3", "[(Sx,2), (Sy,1)]"),
        ("D4", "[(Sx,2), (Sz,1)]"),
        ("D5", "[(Sx,3), (Sy,1), (Sz,1)]"),
    ):
        rows.append(
            Paper(
                key="decandia2007dynamo",
                place="Figure 3",
                claim=f"clock of version {name}",
                said=said,
                got=_clock(versions[name]),
            )
        )
    rows.append(
        Paper(
            key="davis2024uuid",
            place="appendix A.6",
            claim="the UUID of the fields in the example",
            said="017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
            got=str(program.uuid7(0x017F22E279B0, 0xCC3, 0x18C4DC0C0C07398F)),
        )
    )
    return rows


def tables():
    out = {}
    for name, (_, milestones) in zip(
        ("period-1", "period-2", "period-3", "period-4"), program.TIMELINE.items()
    ):
        out[name] = Table(
            ("year", "milestone", "who", "why it mattered"),
            tuple(
                (str(m.year), m.what, f"[{m.who}](../../reference/papers.md#{m.source})", m.why) for m in milestones
            ),
            "rlll",
        )
    out["article"] = Table(
        ("the article's account, checked like the timeline",),
        tuple((line,) for line in program.problems(program.ARTICLE)),
    )
    return out
