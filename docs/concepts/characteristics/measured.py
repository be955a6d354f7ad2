from random import Random

from snippets.concepts import characteristics as program
from tools.measure import Paper, Table


def _seen_by_client(lost):
    """What happens to the client, with its times; a lost reply is nothing to it."""
    sim = program.run("independent", mended=True, lost=lost)
    return [event[:5] for event in sim.trace if event.node == "client" and event.kind != "lost"]


def paper():
    return [
        Paper(
            key="broadcast2015transatlantic",
            place="text",
            claim="round trip over 1,000 km of fibre, ms",
            said=10,
            got=program.rtt_floor_ms(1000),
            tolerance=0.5,
            show="{:.1f}",
            note="the article says approximately",
        ),
        Paper(
            key="broadcast2015transatlantic",
            place="text",
            claim="round trip New York to London, ms",
            said=58.95,
            got=program.rtt_floor_ms(5570),
            show="{:.2f}",
            differs="theirs is a cable as measured, and a cable is no great circle; "
            "ours is the floor for any cable",
        ),
        Paper(
            key="waldo1994note",
            place="section 4.3",
            claim="a failed link and a failed processor, as the client sees them",
            said="indistinguishable",
            got="indistinguishable"
            if _seen_by_client("request") == _seen_by_client("reply")
            else "different",
            note="all that the client sends, receives and gives up is compared, with the times",
        ),
        Paper(
            key="eisler2006xdr",
            place="section 7, offset 0 of the example",
            claim="the bytes of the length 9",
            said="00 00 00 09",
            got=program.pack(">", 0, 9)[1:].hex(" "),
        ),
    ]


def tables():
    rows = [
        (
            row.trait + (", mended" if row.mended else ""),
            str(row.right),
            str(row.wrong),
            str(row.silent),
            str(row.unasked),
            f"{row.wait_ms:.1f}",
            f"{row.end_ms}",
            f"{row.booked:,}",
        )
        for row in program.demo()
    ]
    gaps = (1, 10, 20, 40)
    churn = [
        (
            f"every {gap}",
            *(f"{program.kept(100, copies, 200, gap, Random(7))[-1]:.0%}" for copies in (1, 2, 3)),
        )
        for gap in gaps
    ]
    churn.append(
        (
            "never",
            *(f"{program.kept(100, copies, 200, 0, Random(7))[-1]:.0%}" for copies in (1, 2, 3)),
        )
    )
    return {
        "loop-table": Table(
            (
                "characteristic",
                "right",
                "wrong",
                "silent",
                "unasked",
                "wait, ms",
                "end, ms",
                "booked, cents",
            ),
            tuple(rows),
            "lrrrrrrr",
        ),
        "repair": Table(
            ("gaps are filled after", "1 copy", "2 copies", "3 copies"),
            tuple(churn),
            "lrrr",
        ),
    }
