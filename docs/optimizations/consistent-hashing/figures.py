"""The pictures: a small ring, what one death costs by each placement, and what tokens buy."""

from snippets.optimizations import consistent_hashing as program
from tools.figures import chart, ring

KEYS = (b"apple", b"fig", b"kiwi", b"lemon", b"plum")


def figures():
    return {"ring": small(), "death": death(), "tokens": tokens()}


def small():
    made = program.Ring([b"n1", b"n2", b"n3", b"n4"], 3)
    owned = made.shares()
    parts = sorted(owned.values())
    tones = dict(zip(("n1", "n2", "n3", "n4"), ("blue", "amber", "green", "violet"), strict=True))
    keys = [ring.Key(key.decode(), program.hash64(key) / 2**64) for key in KEYS]
    heirs = {}  # of every token of the node that dies, who follows it
    points, n = made.points, len(made.points)
    for at, (_, node) in enumerate(points):
        if node == b"n1":
            step = 1
            while points[(at + step) % n][1] == b"n1":
                step += 1
            heirs[points[(at + step) % n][1].decode()] = True
    return ring.draw(
        [(at / 2**64, node.decode()) for at, node in points],
        tones,
        keys=keys,
        title="Four nodes with three tokens each",
        caption=(
            f"A key walks clockwise to the next token. With three tokens a node the largest of four "
            f"owns {parts[-1]:.0%} of the ring and the smallest {parts[0]:.0%}. If n1 dies, its arcs go "
            f"to {' and '.join(sorted(heirs))}, and nothing else moves."
        ),
        seed="BLAKE2b of the names; three tokens, to fit the picture",
    )


def death():
    rows = program.demo()[::-1]
    named = {name: row for name, *row in rows}

    def plot(axes, tall):
        left, right = axes
        names = [name for name, *_ in rows]
        left.barh(names, [most for _, most, _, _ in rows], color=chart.BLUE)
        left.axvline(1, color=chart.MUTED, linestyle=":", linewidth=1)
        left.set_xlim(0, 3.6)
        left.set_title("fullest of ten, over the mean")
        for at, (_, most, _, needless) in enumerate(rows):
            left.annotate(f"{most:.2f}", (most, at), xytext=(5, 0), textcoords="offset points",
                          va="center")
            right.annotate(f"{needless:.1%}", (100 * needless, at), xytext=(5, 0),
                           textcoords="offset points", va="center")
        right.barh(names, [100 * needless for *_, needless in rows], color=chart.RED)
        right.set_xlim(0, 100)
        right.set_title("moved needlessly, %")
        for ax in axes:
            ax.grid(visible=False)
        if not tall:
            right.set_yticklabels([])

    return chart.draw(
        plot,
        title="Ten nodes, and the fourth dies",
        caption=(
            f"Keys that change nodes although theirs is alive: {named['modulo'][2]:.1%} with a "
            f"remainder, {named['jump'][2]:.1%} with jump, whose list closes up, and none on a ring "
            f"or by rendezvous. Evenness is another matter: with one token each, the fullest node "
            f"has {named['ring, 1'][0]:.2f} times the mean."
        ),
        description="Two bars a placement: "
        + "; ".join(f"{name}, fullest {r[0]:.2f}, needlessly {r[2]:.1%}" for name, r in named.items())
        + ".",
        seed="8,000 keys, the integers from 0; no randomness",
        panels=2,
        height=2.7,
    )


def tokens():
    counts = (1, 2, 5, 10, 20, 50, 100, 200, 500)
    got = [program.deviation(program.arcs(100, count, max(1, 20 // count))) for count in counts]

    def plot(ax, tall):
        ax.plot(counts, [program.spread(100, count) for count in counts], color=chart.BLUE)
        ax.plot(counts, got, "o", color=chart.BLUE)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xticks([1, 10, 100, 500])
        ax.set_yticks([0.03, 0.1, 0.3, 1])
        ax.set_xlabel("tokens of a node")
        ax.set_ylabel("standard deviation of a node's share, over the mean")

    return chart.draw(
        plot,
        title="What tokens buy",
        caption=(
            f"Line: the formula; dots: rings of 100 nodes. One token gives a deviation of {got[0]:.2f} "
            f"of the mean, a hundred {got[counts.index(100)]:.3f}: a hundred times the table for a "
            "tenth of the spread."
        ),
        description="A straight line, the formula, that falls by half for four times the tokens of a "
        "node, and dots of runs close to it: "
        + ", ".join(f"{share:.3f} at {count}" for count, share in zip(counts, got, strict=True))
        + ".",
        seed="up to 20 rings of 100 nodes a dot",
    )
