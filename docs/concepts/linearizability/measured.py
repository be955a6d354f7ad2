from functools import cache
from random import Random

from snippets.concepts import linearizability as program
from tools.measure import Paper, Table

SEEDS = 400


@cache
def many(reads_at="primary", loss=0.0):
    return [program.run(Random(seed), reads_at, loss=loss) for seed in range(SEEDS)]


def paper():
    one, two = (
        program.models([op for op in program.TWO_QUEUES if op["key"] == key])["sequential"]
        for key in "pq"
    )
    both = program.models(program.TWO_QUEUES)
    said = {
        "store buffering": ("ahamad1995causal", "causal memory", "causal, not sequential"),
        "independent reads": ("ahamad1995causal", "causal memory", "causal, not sequential"),
        "write to read": ("ahamad1995causal", "PRAM and causal memory", "PRAM, not causal"),
        "message passing": ("lipton1988pram", "definition of PRAM", "not PRAM"),
    }
    rows = [
        Paper(
            key="herlihy1990linearizability",
            place="Figure 1",
            claim="which of the queue histories H1, H2, H3, H4 are acceptable",
            said="yes, no, yes, no",
            got=", ".join("yes" if program.linearizable(ops) else "no"
                          for ops in program.QUEUES.values()),
            note="the overlaps of the figure, in our own times",
        ),
        Paper(
            key="herlihy1990linearizability",
            place="section 3.3",
            claim="two FIFO queues: p alone, q alone, both together sequentially consistent",
            said="yes, yes, no",
            got=", ".join("yes" if each else "no" for each in (one, two, both["sequential"])),
        ),
        Paper(
            key="lamport1979how",
            place="the mutual exclusion example",
            claim="both processes may read the other's flag as unset, under sequential consistency",
            said="no",
            got="yes" if program.models(program.LITMUS["store buffering"])["sequential"] else "no",
        ),
    ]
    for name, (key, place, verdict) in said.items():
        kept = program.models(program.LITMUS[name])
        names = list(kept)
        weakest = next((each for each in names if kept[each]), "")
        above = names[names.index(weakest) - 1] if weakest else "PRAM"
        rows.append(
            Paper(
                key=key,
                place=place,
                claim=f"the history “{name}”",
                said=verdict,
                got=f"{weakest}, not {above}" if weakest else "not PRAM",
                note="the usual history of this name, judged by the paper's definition",
            )
        )
    return rows


def tables():
    def percent(histories):
        return f"{program.rejected(histories):.1%}"

    reads = [
        (where, f"{program.read_ms(many(where)):.0f} ms", percent(many(where)))
        for where in ("follower", "primary")
    ]
    lossy = many(loss=0.05)
    repairs = [
        ("left open: any later time, or never", percent(lossy)),
        ("dropped", percent([program.without_open(ops) for ops in lossy])),
        ("ended when its caller left", percent([program.closed(ops) for ops in lossy])),
    ]
    models = [
        (name, *("yes" if kept else "no" for kept in program.models(ops).values()))
        for name, ops in program.LITMUS.items()
    ]
    steps = []
    for writes in (2, 4, 6, 8, 10, 12):
        (ops,) = program.by_key(program.hard(writes)).values()
        orders = 1
        for factor in range(2, writes + 1):
            orders *= factor
        steps.append((str(writes), f"{program.search(ops).steps:,}", f"{orders:,}"))
    return {
        "reads": Table(("reads at the", "a read takes", "histories not linearizable"),
                       tuple(reads), "lrr"),
        "repairs": Table(("an operation without an answer is", "good histories called bad"),
                         tuple(repairs), "lr"),
        "models": Table(("history", "linearizable", "sequential", "causal", "PRAM"),
                        tuple(models), "lcccc"),
        "steps": Table(("writes at once", "results compared", "orders of the writes"),
                       tuple(steps), "rrr"),
    }
