"""Paper rows and tables of this page, from calls of its program."""

from snippets.concepts import two_phase_commit as program
from tools.measure import Paper, Table
from tools.tested import tested


def paper():
    rows = [
        Paper(
            key="stateright2026twophase",
            place="the test of the example",
            claim=f"distinct states with {n} managers",
            said=said,
            got=program.explore(n)[0],
            show="{:,}",
            note="the system of Gray and Lamport's appendix; TLC, run by the tests of this page, "
            "counts the same for 1 to 5 managers" if n == 3 else "",
        )
        for n, said in ((3, 288), (5, 8832))
    ]
    for n in (2, 3, 5, 9):
        rows.append(
            Paper(
                key="gray2006consensus",
                place="section 3.3",
                claim=f"messages and message delays of a commit, {n} managers",
                said=f"{3 * n - 1}, 4",
                got=", ".join(map(str, program.cost(n))),
                note="3N - 1, begun by one of the managers" if n == 2 else "",
            )
        )
    both = {program.COMMITTED, program.ABORTED}
    sets = program.concurrency_sets(3)
    rows.append(
        Paper(
            key="skeen1981nonblocking",
            place="the theorem on nonblocking protocols",
            claim="states of a manager in which others may have committed, and may have aborted",
            said="prepared",
            got=", ".join(state for state, others in sorted(sets.items()) if both <= others),
            note="3 managers; a protocol with such a state blocks",
        )
    )
    stuck = [s for s in program.reachable(3, program.with_crash)[0] if program.blocked(s)]
    rows.append(
        Paper(
            key="gray2006consensus",
            place="section 3.2",
            claim="failure of the coordinator can leave all managers prepared for ever",
            said=True,
            got=bool(stuck),
            note=f"{len(stuck)} such states: they differ in what the coordinator had heard",
        )
    )
    return rows


def tables():
    explored = []
    for n in range(1, 6):
        distinct, generated, depth = program.explore(n)
        explored.append((str(n), f"{distinct:,}", f"{generated:,}", str(depth)))
    points = []
    for point, (crash_ms, _) in program.POINTS.items():
        together = program.crash_at(point)
        alone = program.crash_at(point, together=False)
        before = ", ".join(dict.fromkeys(program.states_at(together, 199)))
        after = ", ".join(dict.fromkeys(program.states_at(together, 400)))
        points.append(
            (
                point,
                f"{crash_ms} ms",
                before,
                after,
                f"{program.in_doubt_ms(alone)} ms",
                f"{program.in_doubt_ms(together)} ms",
            )
        )
    sets = program.concurrency_sets(3)
    order = (program.WORKING, program.PREPARED, program.COMMITTED, program.ABORTED)
    views = [
        (mine, *("yes" if other in sets[mine] else "" for other in order)) for mine in order
    ]
    return {
        "postgresql": tested("postgresql", "two servers, loopback", "psycopg"),
        "explored": Table(
            ("managers", "distinct states", "generated", "depth"), tuple(explored), "rrrr"
        ),
        "points": Table(
            (
                "the coordinator crashes",
                "at",
                "all managers before it is back",
                "in the end",
                "in doubt, alone",
                "in doubt, asking each other",
            ),
            tuple(points),
            "lrllrr",
        ),
        "views": Table(("a manager is", *order), tuple(views), "lcccc"),
    }
