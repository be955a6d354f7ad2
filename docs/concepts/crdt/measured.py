"""Paper rows and tables of this page, from calls of its program."""

from snippets.concepts import crdt as program
from tools.measure import Paper, Table


def yes(value):
    return "in" if value else "out"


def paper():
    again = {kind: program.stories(kind) for kind in program.SETS}
    a = program.MVRegister().write("A", "red")
    b = program.MVRegister().write("B", "blue")
    return [
        Paper(
            key="shapiro2011comprehensive",
            place="section 3.3",
            claim="2P-set: an item that was removed can be added again",
            said=False,
            got=again[program.TwoPhaseSet][0],
        ),
        Paper(
            key="shapiro2011comprehensive",
            place="section 3.3",
            claim="OR-set: of a concurrent add and remove, the add wins",
            said=True,
            got=again[program.ORSet][2],
        ),
        Paper(
            key="shapiro2011comprehensive",
            place="section 3.2",
            claim="MV-register: concurrent writes that are kept",
            said=2,
            got=len(a.merge(b).value()),
        ),
        Paper(
            key="shapiro2011comprehensive",
            place="section 3.2",
            claim="MV-register: values left by a write that has seen both",
            said=1,
            got=len(a.merge(b).write("A", "green").merge(b).value()),
        ),
        Paper(
            key="bieniusa2012optimized",
            place="abstract",
            claim="tombstones that the optimized set keeps, a thousand items added and removed",
            said=0,
            got=program.growth(program.OptimizedORSet, 1000) - 1,
            note="one entry is left: the number of the replica's last add",
        ),
    ]


def tables():
    names = {
        program.UnionSet: "union of the items (naive)",
        program.TwoPhaseSet: "2P-set",
        program.LWWSet: "LWW element set, B's clock 5 ms behind",
        program.ORSet: "OR-set",
        program.OptimizedORSet: "optimized OR-set",
    }
    stories = tuple(
        (names[kind], *(yes(there) for there in program.stories(kind))) for kind in program.SETS
    )
    counters = tuple(
        (name, *(f"{program.counted(kind, merges):,}" for merges in (1, 2, 3, 8)))
        for name, kind in (
            ("sum of both (naive)", program.SumCounter),
            ("larger of both (naive)", program.MaxCounter),
            ("G-counter", program.GCounter),
        )
    )
    growth = tuple(
        (
            f"{rounds:,}",
            f"{program.growth(program.ORSet, rounds):,}",
            f"{program.growth(program.OptimizedORSet, rounds):,}",
        )
        for rounds in (1, 10, 100, 1000)
    )
    return {
        "stories": Table(
            (
                "set",
                "add, remove, add at one replica",
                "removed; the other had not heard",
                "removed at A while B adds it",
            ),
            stories,
            "llll",
        ),
        "counters": Table(
            ("merge", "after 1 exchange", "2", "3", "8"), counters, "lrrrr"
        ),
        "growth": Table(
            ("times added and removed", "OR-set: entries kept", "optimized: entries kept"),
            growth,
            "rrr",
        ),
    }
