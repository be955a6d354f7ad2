"""The pictures: what two proofs contain, and how many hashes find the keys that differ."""

from snippets.concepts import merkle_tree as program
from tools.figures import chart

LOG = program.REFERENCE


def figures():
    return {"proofs": proofs(), "compared": compared()}


def tree(ax, given, made, start, title):
    """The reference tree by its first four digits, the root on top."""
    rows = program.levels(LOG)
    place = [[float(i) for i in range(len(LOG))]]
    for row in rows[1:]:
        below = place[-1]
        place.append([(below[2 * i] + below[2 * i + 1]) / 2 for i in range(len(row))])
    for y, row in enumerate(rows):
        for i, digest in enumerate(row):
            x, name = place[y][i], digest.hex()[:4]
            if y:
                for child in (2 * i, 2 * i + 1):
                    ax.plot([x, place[y - 1][child]], [y, y - 1], color=chart.LANE, zorder=1,
                            linewidth=1)
            if name in given:
                fill, ink = chart.AMBER, chart.ON
            elif name in start:
                fill, ink = chart.GREEN, chart.ON
            elif name in made:
                fill, ink = chart.BLUE, chart.ON
            else:
                fill, ink = chart.SOFT, chart.MUTED
            ax.text(x, y, name, color=ink, ha="center", va="center", zorder=3,
                    bbox={"boxstyle": "round,pad=0.28", "facecolor": fill, "edgecolor": "none"})
    ax.set_xlim(-0.6, len(LOG) - 0.4)
    ax.set_ylim(-0.5, len(rows) - 0.5)
    ax.set_title(title)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)


def short(digests):
    return [digest.hex()[:4] for digest in digests]


def proofs():
    rows = program.levels(LOG)
    leaf = short(program.inclusion_proof(LOG, 5))
    six = short(program.consistency_proof(LOG, 6))
    (was,) = short([program.root(LOG[:6])])
    up = short([rows[1][2], rows[2][1], rows[3][0]])

    def plot(axes, tall):
        tree(axes[0], leaf, up, short([rows[0][5]]), "is this leaf 5 of the 8?")
        tree(axes[1], six, short([rows[2][1], rows[3][0]]), [], "do the 8 begin with those 6?")

    return chart.draw(
        plot,
        title="What two proofs about eight log entries contain",
        caption=(
            f"Boxes are hashes, by their first four digits. Amber is sent, blue is computed. Who "
            f"has entry 5 (green) computes the root {up[-1]} from {len(leaf)} hashes. In the other "
            f"proof {six[2]} and {six[0]} give the root of the first six, {was}, which the tree of "
            f"eight no longer has, and with {six[1]} the root of all eight."
        ),
        description=(
            f"Two copies of a binary tree of 8 leaves. Left, sent for leaf 5: {', '.join(leaf)}; "
            f"computed: {', '.join(up)}. Right, sent for 6 of 8: {', '.join(six)}; computed: "
            f"{', '.join(up[1:])}, and the old root {was}."
        ),
        seed="no randomness: the reference entries of Certificate Transparency",
        panels=2,
        height=2.2,
    )


def compared():
    differences = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000)
    rows = dict(program.demo(differences))
    n = 2**16

    def plot(ax, tall):
        many = [10 ** (step / 8) for step in range(37)]
        bound = [1 + 2 * d * 16 for d in many]
        ax.plot(many, bound, color=chart.MUTED, linestyle=":")
        ax.axhline(n, color=chart.RED, linewidth=1.2)
        ax.text(1, n * 1.25, "send every leaf's hash", color=chart.RED, va="bottom")
        ax.plot(list(rows), list(rows.values()), color=chart.BLUE, marker="o")
        ax.text(150, 1300, "compared from the root", color=chart.BLUE, va="top")
        ax.text(60, 4600, "bound", color=chart.MUTED, ha="right")
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_ylim(20, 500_000)
        ax.set_xlabel("keys that differ, of 65,536")
        ax.set_ylabel("hashes compared")

    over = next(d for d in differences if rows[d] > n)
    return chart.draw(
        plot,
        title="How many hashes find the keys that differ",
        caption=(
            f"{rows[1]} hashes find one difference among {n:,} keys, {rows[10]} find ten, "
            f"{rows[100]:,} a hundred. The tree helps while few differ: with {over:,} differences "
            f"it takes {rows[over]:,} hashes, more than a plain list of them."
        ),
        description=" ".join(f"{d:,} differences: {rows[d]:,} hashes." for d in differences),
        seed="seed 7; another seed moves all but the first point by a few per cent",
        height=2.9,
    )
