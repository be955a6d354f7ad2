from dataclasses import replace
from random import Random

from snippets.concepts import application_scenarios as program
from tools.measure import Paper, Table
from tools.tested import tested

WORDS = {
    "old": "old data",
    "slow": "slow nodes",
    "lost": "lost pieces",
    "forged": "forged answers",
}
CHALLENGES = {
    "data-consistency": "[consistency](../../challenges/data-consistency/index.md)",
    "system-performance": "[performance](../../challenges/system-performance/index.md)",
    "system-reliability": "[reliability](../../challenges/system-reliability/index.md)",
    "system-security": "[security](../../challenges/system-security/index.md)",
}


def paper():
    longer, twice = program.backup_tasks()
    return [
        Paper(
            key="renyi1953theory",
            place="exponential order statistics",
            claim="mean time of the slowest of 100 pieces, exponential with mean 1",
            said=program.slowest(100),
            got=program.drawn_slowest(100, 0, 2_000, Random(1)),
            tolerance=0.1,
            show="{:.2f}",
            note="2,000 draws; their standard error is 0.03",
        ),
        Paper(
            key="dean2004mapreduce",
            place="section 3.6",
            claim="share of the pieces that backup tasks run a second time",
            said=(0.0, 0.05),
            got=twice,
            show="{:.2%}",
            note='"no more than a few percent" read as at most 5 %',
        ),
        Paper(
            key="dean2004mapreduce",
            place="section 5.4",
            claim="how much longer the job takes without backup tasks",
            said=0.44,
            got=longer,
            tolerance=0.02,
            show="{:.0%}",
            differs="The paper does not say how slow its 5 stragglers were, and they held up only "
            "the reduce phase, by 300 s; ours are 8 times as slow and hold up both phases. "
            "The sign is reproduced, the size is not.",
        ),
    ]


def tables():
    return {
        "rates": _rates(),
        "removed": _removed(),
        "even": _even(),
        "overtake": _overtake(),
        "dask": tested("dask", "2 worker processes, 1 thread each, loopback"),
    }


def _rates():
    rows = []
    for p in program.PROFILES:
        if p.checkpoint:
            waits = "all, for each step"
            lost = f"1 in {1 / p.lost:,.0f}; all go back"
        elif p.barriers:
            waits = "all, twice a job"
            lost = f"{p.lost:.2%}; done again"
        else:
            waits = f"nobody; late after {p.deadline} service times"
            lost = f"{p.lost:.1%}; gone"
        rows.append(
            (p.name, str(p.nodes), waits, f"{p.slow:.2%}, {p.slowness} times as long", lost)
        )
    head = ("scenario", "nodes", "who waits", "slow pieces", "lost pieces")
    return Table(head, tuple(rows), "lrlll")


def _removed():
    rows = []
    for p, whole, removed, cured in program.demo():
        first = program.dominating(p)
        cells = [f"**{s:.1%}**" if t == first else f"{s:.1%}" for t, s in removed.items()]
        cause = CHALLENGES[program.TROUBLES[first]]
        rows.append((p.name, f"{whole:.1%}", *cells, cause, f"{cured:.1%}"))
    head = ("scenario", "lost in all", *WORDS.values(), "dominated by", "lost with the cure")
    return Table(head, tuple(rows), "lrrrrrlr")


def _even():
    rows = []
    for p in program.PROFILES:
        same = replace(p, **program.EVEN)
        rows.append((p.name, *(f"{program.alone(same, t):.1%}" for t in WORDS)))
    return Table(("scenario", *WORDS.values()), tuple(rows), "lrrrr")


def _overtake():
    rows = []
    for p in program.PROFILES:
        cells = []
        for trouble in WORDS:
            if trouble == program.dominating(p):
                cells.append("dominates")
            else:
                factor = program.overtake(p, trouble)
                cells.append(f"{factor:,} times" if factor else "never")
        rows.append((p.name, *cells))
    return Table(("scenario", *WORDS.values()), tuple(rows), "lrrrr")
