import struct
from random import Random

from snippets.concepts.characteristics import (
    CENTS,
    REQUESTS,
    demo,
    kept,
    kept_expected,
    run,
)
from tools.figures import chart, space_time
from tools.figures.trace import trace_of

OUTCOMES = (  # field, name, tone
    ("right", "right balance", chart.BLUE),
    ("wrong", "wrong balance", chart.RED),
    ("silent", "no answer", chart.AMBER),
    ("unasked", "never asked", chart.LANE),
)
LEGEND = space_time.Legend(
    messages={"deposit": "blue", "balance": "green ring"},
    states={"down": "red"},
    marks={"timeout": "gives up"},
    words={"deposit": "a deposit of 100 cents", "balance": "the new balance"},
)


def loop():
    rows = demo()

    def plot(ax, tall):
        names = [row.trait + (", mended" if row.mended else "") for row in rows]
        names[0] = "one room, all alike"
        if tall:
            names = [name.replace(", mended", " +") for name in names]
        left = [0] * len(rows)
        for field, label, tone in OUTCOMES:
            counts = [getattr(row, field) for row in rows]
            ax.barh(names, counts, left=left, color=tone, label=label)
            left = [a + b for a, b in zip(left, counts, strict=True)]
        for at, row in enumerate(rows):
            ax.text(0.4, at, f"{row.end_ms:,} ms", color=chart.ON, verticalalignment="center")
        ax.invert_yaxis()
        ax.set_xlim(0, REQUESTS)
        ax.set_xlabel("requests")
        ax.figure.legend(loc="outside upper left", ncols=2 if tall else 4)

    bare = {row.trait: row for row in rows if not row.mended}
    stuck, lied, forgot = (bare[name] for name in ("independent", "heterogeneous", "dynamic"))
    return chart.draw(
        plot,
        title="One loop of 36 deposits under each characteristic",
        caption=(
            f"A server that fails alone stops the whole loop: {stuck.unasked} of "
            f"{REQUESTS} deposits are never "
            f"tried. A server that orders its bytes the other way gives {lied.wrong} "
            f"wrong balances without "
            f"an error, and one that is replaced by an empty one forgets: {forgot.wrong} "
            f"wrong balances. "
            "Distance changes no answer; it changes the wait, from "
            f"{bare['none'].wait_ms:.1f} ms to {bare['geographic'].wait_ms:.1f} ms. In "
            f"each bar: when the client took its "
            "last step."
        ),
        description="Stacked bars, one a run. "
        + " ".join(
            f"{row.trait}{' mended' if row.mended else ''}: {row.right} right, {row.wrong} wrong, "
            f"{row.silent} without answer, {row.unasked} never asked."
            for row in rows
        ),
        seed="no randomness in these runs",
        height=3.4,
    )


def failure(lost, words):
    sim = run("independent", mended=True, lost=lost)
    held = sum(sim.nodes["S2"].balances.values())

    def kind(message):
        return "deposit" if struct.unpack("<BI", message)[1] == CENTS else "balance"

    return space_time.draw(
        trace_of(sim, nodes=("S1", "S3", "client", "S2"), kind=kind),
        LEGEND,
        title=f"One server fails alone: the {lost} is lost",
        caption=f"{words} The client gives up {len(sim.nodes['client'].unknown)} deposits, "
        f"and S2 holds {held} cents.",
        window=(34, 64),
        seed="no randomness in this run",
    )


def churn():
    nodes, steps = 100, 300
    curves = [  # copies, repair_every, name, tone, where to write it
        (1, 0, "1 copy", chart.AMBER, (22, 0.36)),
        (3, 0, "3 copies", chart.BLUE, (160, 0.6)),
        (3, 1, "3 copies, each gap filled", chart.GREEN, (100, 0.92)),
    ]
    left = {(c, r): kept(nodes, c, steps, r, Random(7)) for c, r, *_ in curves}

    def plot(ax, tall):
        at = range(0, steps, 10)
        for copies, repair, name, tone, where in curves:
            shares = [1.0, *left[copies, repair]]
            ax.plot(list(at), [shares[step] for step in at], color=tone)
            if not repair:
                wanted = [kept_expected(nodes, copies, step) for step in at]
                ax.plot(list(at), wanted, color=tone, linestyle=":")
            ax.text(*where, name, color=tone)
        ax.set_ylim(0, 1.04)
        ax.set_xlabel("replacements")
        ax.set_ylabel("keys left, share")

    one, three, filled = (left[c, r][-1] for c, r, *_ in curves)
    return chart.draw(
        plot,
        title="Keys that survive replacements of random nodes",
        caption=(
            f"After {steps} replacements among {nodes} nodes {one:.0%} of the keys with "
            f"one copy are left and "
            f"{three:.0%} of those with three; copies delay the loss. With every gap "
            f"filled before the next "
            f"departure {filled:.0%} are left. Dotted: the formula."
        ),
        description=f"Falling curves for one and three copies, down to {one:.0%} and {three:.0%}, "
        f"beside their formulas; a level line at {filled:.0%} with repair.",
        seed="seed 7",
    )


def figures():
    return {
        "loop": loop(),
        "request-lost": failure(
            "request",
            "S2 is down before the deposit reaches it: nothing is booked, and no answer comes.",
        ),
        "reply-lost": failure(
            "reply",
            "The link is cut after S2 has booked the deposit: the same silence, another balance.",
        ),
        "churn": churn(),
    }
