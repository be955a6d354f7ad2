from math import exp
from random import Random

from snippets.concepts.history import PERIODS, TIMELINE, throughput
from tools.figures import chart

RERUN = ("abramson1970aloha", "chandy1985distributed", "decandia2007dynamo", "davis2024uuid")
LETTER = 5.0  # points: about the width of a letter, for placing labels before they are drawn
YEARS = 20.6  # across a shelf, with a little room at the right
SEED = 7


def shelves(tall):
    """(period, first year, rows) from the top: each row is a list of (milestone, x, side) that do not touch."""
    per_year = (3.5 if tall else 7.0) * 72 / YEARS
    out = []
    for period, milestones in TIMELINE.items():
        first, rows = PERIODS[period][0], []
        for m in milestones:
            x, wide = m.year - first, (len(f"{m.year} {m.what}") + 3) * LETTER / per_year
            side = "left" if x + wide <= YEARS else "right"
            start, end = (x - 0.3, x + wide) if side == "left" else (x - wide, x + 0.3)
            for row in rows:
                if all(end <= other[3] or start >= other[4] for other in row):
                    row.append((m, x, side, start, end))
                    break
            else:
                rows.append([(m, x, side, start, end)])
        out.append((period, first, rows))
    return out


def plot_timeline(ax, tall):
    top = 0.0
    for _, first, rows in shelves(tall):
        for year, x, side in ((first, 0, "left"), (first + 10, 10, "left"), (first + 19, YEARS, "right")):
            ax.text(x, top - 0.5, str(year), color=chart.MUTED, ha=side, va="center")
        ax.axhspan(top - 1.1 - len(rows), top - 1.0, color=chart.SOFT)
        for at, row in enumerate(rows):
            y = top - 1.55 - at
            for m, x, side, _, _ in row:
                again = m.source in RERUN
                tone = chart.AMBER if again else chart.BLUE
                ax.plot([x], [y], marker="D" if again else "o", markersize=5 if again else 4, color=tone, linestyle="")
                gap = 0.35 if not tall else 0.6
                ax.text(x + (gap if side == "left" else -gap), y, f"{m.year} {m.what}", ha=side, va="center_baseline")
        top -= len(rows) + 1.35
    ax.set_xlim(-0.4, YEARS + 0.1)
    ax.set_ylim(top + 0.2, 0)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)


def timeline():
    count = sum(map(len, TIMELINE.values()))
    words = "; ".join(
        f"{period}: " + ", ".join(f"{m.year} {m.what}" for m in milestones)
        for period, milestones in TIMELINE.items()
    )
    newest = max(m.year for milestones in TIMELINE.values() for m in milestones)
    return chart.draw(
        plot_timeline,
        title="Four periods of distributed systems",
        caption=(
            f"{count} milestones, each at the year of its primary source. The diamonds are run again on this page. The "
            f"last shelf is empty after {newest}, because what has not happened has no source."
        ),
        description=f"Four shelves of twenty years. {words}.",
        seed="data, no randomness",
        height=4.7,
    )


def aloha():
    loads = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
    rng = Random(SEED)
    pure = [throughput(load, rng, packets=40_000) for load in loads]
    slotted = [throughput(load, rng, slotted=True, packets=40_000) for load in loads]

    def plot(ax, tall):
        at = [i / 20 for i in range(61)]
        ax.plot(at, [g * exp(-g) * 100 for g in at], color=chart.GREEN)
        ax.plot(at, [g * exp(-2 * g) * 100 for g in at], color=chart.AMBER)
        ax.plot(loads, [s * 100 for s in slotted], "s", color=chart.GREEN)
        ax.plot(loads, [s * 100 for s in pure], "o", color=chart.AMBER)
        ax.text(1.35, 36.5, "slots: Roberts", color=chart.GREEN)
        ax.text(0.95, 16.5, "no slots: Abramson", color=chart.AMBER)
        ax.set_xlim(0, 3.1)
        ax.set_ylim(0, 42)
        ax.set_xlabel("packets started per packet time")
        ax.set_ylabel("channel carrying good packets, %")

    best, best_slots = pure[loads.index(0.5)], slotted[loads.index(1.0)]
    return chart.draw(
        plot,
        title="What ALOHA carries as more is sent",
        caption=(
            f"With nobody granting turns a channel carries at most {best:.1%} (formula {1 / (2 * exp(1)):.1%}); "
            f"starting on a common tick doubles it, to {best_slots:.1%} ({1 / exp(1):.1%}). Beyond the peak, more "
            "sending carries less. Lines: the formulas. Marks: the run."
        ),
        description=(
            "Two humped curves over the offered load, each with marks of the run on it: "
            + ", ".join(f"{g:g}: {a:.1%} and {b:.1%}" for g, a, b in zip(loads, pure, slotted))
            + "."
        ),
        seed=f"seed {SEED}, 40,000 packets a mark",
    )


def figures():
    return {"timeline": timeline(), "aloha": aloha()}
