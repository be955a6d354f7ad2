"""Paper rows and tables of this page, from calls of its program."""

from snippets.concepts import components as program
from tools.measure import Paper, Table

SIZES = (3, 5, 7)
BREAKS = {
    "": "nothing",
    "nodes": "one crash, and nobody answers",
    "network": "no operation ends",
    "protocol": "a write that was called done is nowhere",
    "algorithm": "two readers disagree for good",
}


def paper():
    return [
        Paper(
            key="attiya1995sharing",
            place="abstract",
            claim="servers that may be down, of 3, 5 and 7: a majority has to be up",
            said=tuple(size - (size // 2 + 1) for size in SIZES),
            got=tuple(program.survives(size) for size in SIZES),
            note="a write and a read, each with the first servers down from the start",
        ),
        Paper(
            key="gifford1979weighted",
            place="abstract, r + w > votes",
            claim="fewest servers that two majorities of 3, 4 and 5 share: r + w - n",
            said=(1, 2, 1),
            got=tuple(program.overlap(size) for size in (3, 4, 5)),
            note="all pairs enumerated",
        ),
    ]


def tables():
    rows = []
    for part in ("", *program.PARTS):
        writes, d, e = program.outcome(program.demo(part))
        rows.append((part or "none", f"{writes} of 3", ", ".join(d), ", ".join(e), BREAKS[part]))
    return {
        "removed": Table(
            (
                "taken away",
                "writes that ended",
                "D reads drink, size",
                "E reads drink, size",
                "what breaks",
            ),
            tuple(rows),
            "lllll",
        )
    }
