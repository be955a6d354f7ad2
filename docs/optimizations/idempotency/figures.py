"""The picture: a crash before each step of a handler, for each design."""

from matplotlib.patches import Rectangle

from snippets.optimizations import idempotency as program
from tools.figures import chart

COLOURS = {"twice": chart.RED, "lost": chart.AMBER, "stuck": chart.VIOLET, "once": chart.GREEN}
SIGNS = {"twice": "2", "lost": "0", "stuck": "?", "once": "1"}


def figures():
    return {"crashes": crashes()}


def crashes():
    runs = program.demo()
    points = sum(len(steps) for steps in runs.values())
    bad = [verdict for steps in runs.values() for verdict in steps.values() if verdict != "once"]
    count = {verdict: bad.count(verdict) for verdict in ("twice", "lost", "stuck")}

    def plot(ax, tall):
        ax.axis("off")
        ax.set_xlim(-0.12 if tall else -1.75, 4.02)
        ax.set_ylim(len(runs) - 0.4, -1.6 if tall else -1.0)
        side = 0.0 if tall else -1.75
        ax.annotate("a crash here:", (side, -1.4 if tall else -0.62), color=chart.MUTED, va="center")
        words = ("1", "charged once"), ("2", "twice"), ("0", "lost"), ("?", "no answer")
        at = (0.0, 1.25, 1.95, 2.65) if not tall else (0.0, 1.5, 2.3, 3.0)
        for x, (sign, word) in zip(at, words, strict=True):
            verdict = next(v for v in SIGNS if SIGNS[v] == sign)
            y = -0.9 if tall else -0.62
            mark(ax, x + 0.1, y, verdict)
            ax.annotate(word, (x + 0.24, y), va="center")
        for row, (name, steps) in enumerate(runs.items()):
            y = row + (0.32 if tall else 0)
            ax.annotate(name, (side, row - 0.12 if tall else y), va="center")
            for column, step in enumerate(steps):
                wide = 0.98
                ax.add_patch(Rectangle((column + 0.1, y - 0.2), wide - 0.08, 0.4,
                                       facecolor=chart.SOFT, edgecolor="none"))
                label = step.replace("charge + record", "both")
                ax.annotate(label, (column + 0.6, y), ha="center", va="center")
            for column, verdict in enumerate(steps.values()):
                mark(ax, column + 0.1, y, verdict)

    def mark(ax, x, y, verdict):
        ax.plot([x], [y], "o", color=COLOURS[verdict], markersize=12, clip_on=False)
        ax.annotate(SIGNS[verdict], (x, y), color=chart.ON, ha="center", va="center",
                    annotation_clip=False)

    return chart.draw(
        plot,
        title="A crash before each step, then a retry",
        caption=(
            f"{len(runs)} handlers of one payment, {points} places to crash. In {count['twice']} "
            f"the retry charges again, in {count['lost']} it is told of a charge that never was, "
            f"in {count['stuck']} it is never answered. Two designs survive every crash and every "
            "overlap as well: the last two. (\"Both\": charge and record in one transaction.)"
        ),
        description=(
            "Rows of steps with a mark before each step: "
            + "; ".join(
                f"{name}: " + ", ".join(f"{step} {verdict}" for step, verdict in steps.items())
                for name, steps in runs.items()
            )
        ),
        seed="no randomness; every place is tried",
        height=4.2,
    )
