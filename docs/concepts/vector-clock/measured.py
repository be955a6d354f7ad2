from snippets.concepts import vector_clock as program
from tools.measure import Paper, Table


def text(vector):
    return "[" + ", ".join(f"({name},{n})" for name, n in vector.items()) + "]"


def paper():
    versions = program.figure_3()
    early = {name: versions[name] for name in ("D1", "D2", "D3", "D4")}
    wrong = sum(
        program.wrong(run, program.stamp(run))
        for run in program.all_runs("PQR", 4)
    )
    rows = [
        Paper(
            key="mattern1989virtual",
            place="the theorem on vector time and causality",
            claim="pairs of events on which vectors and causality disagree",
            said=0,
            got=wrong,
            note="all runs of four events and three processes",
        )
    ]
    rows += [
        Paper(
            key="charronbost1991size",
            place="the theorem",
            claim=f"entries that {n} processes need, at the worst",
            said=n,
            got=n // program.turned(n),
            note="by trying all orders of one run" if n == 3 else "",
        )
        for n in (3, 4)
    ]
    rows += [
        Paper(
            key="decandia2007dynamo",
            place="Figure 3",
            claim="versions that a read returns before D5 is written",
            said="D3 and D4",
            got=" and ".join(program.siblings(early)),
        ),
        Paper(
            key="decandia2007dynamo",
            place="Figure 3",
            claim="the one version after it, and its clock",
            said="D5 [(Sx,3), (Sy,1), (Sz,1)]",
            got=" ".join(f"{name} {text(versions[name])}" for name in program.siblings(versions)),
        ),
    ]
    return rows


def tables():
    rows = [
        (str(n), f"{program.share_concurrent(n):.1%}", f"{program.stamp_bytes(n)}")
        for n in (4, 16, 64)
    ]
    return {
        "size": Table(
            ("processes", "pairs that are concurrent", "bytes of a stamp, as JSON"),
            tuple(rows),
            "rrr",
        )
    }
