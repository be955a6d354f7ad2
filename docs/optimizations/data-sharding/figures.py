"""The picture: what moves when machine 11 joins ten."""

from snippets.optimizations.data_sharding import demo
from tools.figures import chart


def figures():
    rows = demo()[::-1]
    named = {row.name: row for row in rows}
    fair = 1 / 11

    def plot(ax, tall):
        colours = [chart.RED if row.moved > 0.5 else chart.BLUE for row in rows]
        ax.barh([row.name for row in rows], [row.moved * 100 for row in rows], color=colours)
        for at, row in enumerate(rows):
            inside = row.moved > 0.5
            ax.annotate(
                f"{row.moved:.1%}",
                (max(row.moved, fair) * 100, at),  # clear of the dotted line
                xytext=(-6 if inside else 6, 0),
                textcoords="offset points",
                ha="right" if inside else "left",
                va="center",
                color="white" if inside else chart.INK,
            )
        ax.axvline(fair * 100, color=chart.MUTED, linestyle=":", linewidth=1)
        ax.set_xlabel("keys that move, %  (dotted: the eleventh that must)")
        ax.set_xlim(0, 100)

    return {
        "moved": chart.draw(
            plot,
            title="Keys that move when machine 11 joins ten",
            caption=(
                f"Hash-and-remainder moves {named['modulo'].moved:.1%} of the keys to make room for "
                f"one machine; {fair:.1%} would do. Splitting a range moves less, "
                f"{named['ranges'].moved:.1%}, because it relieves only one machine."
            ),
            description="One bar a placement: "
            + ", ".join(f"{row.name} {row.moved:.1%}" for row in rows[::-1])
            + ".",
            seed="20,000 keys, no randomness",
            height=1.7,
        )
    }
