"""The pictures: what five limits pass of one greedy client, and what an old count lets through."""

from random import Random

from snippets.optimizations import rate_limiting as program
from tools.figures import chart

SYNCS_MS = (10, 30, 100, 300, 1000)


def figures():
    return {"greedy": greedy(), "copies": copies()}


def greedy():
    runs = program.demo()
    top = {name: (program.most(t, 1000), program.most(t, 200)) for name, t in runs.items()}
    fixed, counter, bucket = (
        top[name] for name in ("fixed window", "sliding counter", "token bucket"))

    def plot(ax, tall):
        for row, (name, times) in enumerate(runs.items()):
            colour = chart.RED if row == 0 else chart.BLUE
            ax.plot([ms / 1000 for ms in times], [row] * len(times), "|", color=colour,
                    markersize=16, markeredgewidth=1.5)
            if tall:
                ax.annotate(f"{name}: at most {top[name][0]} in 1 s", (0.9, row - 0.36))
            else:
                ax.annotate(f"at most {top[name][0]} in 1 s", (3.56, row), va="center")
        ax.set_yticks(range(len(runs)), [""] * len(runs) if tall else list(runs))
        ax.set_ylim(len(runs) - 0.5, -0.6)
        ax.set_xlim(0.85, 3.5 if tall else 4.3)
        ax.set_xticks([1, 2, 3])
        ax.grid(False, axis="y")
        ax.grid(True, axis="x")
        ax.set_xlabel("s")

    return chart.draw(
        plot,
        title="Ten a second, five ways",
        caption=(
            f"A client that asks every 5 ms, from 0.9 s on, when it was quiet before. The fixed window passes {fixed[1]} "
            f"in 0.2 s, because a window ends in between. The token bucket passes {bucket[1]} there, and "
            f"{bucket[0]} in a second; so does the sliding counter, with {counter[0]}. Only the log keeps to ten in "
            "every second."
        ),
        description="; ".join(
            f"{name}: {len(times)} passed, most in a second {top[name][0]}"
            for name, times in runs.items()),
        seed="no randomness",
        height=2.6,
    )


def copies():
    runs = [program.balancers(Random(1), 300, (1, 1, 1, 1), "stale", ms)[1] for ms in SYNCS_MS]
    shared = program.balancers(Random(1), 300, (1, 1, 1, 1), "shared")[1]
    each = program.balancers(Random(1), 300, (1, 1, 1, 1), "each")[1]

    def plot(ax, tall):
        ax.plot(SYNCS_MS, runs, "o-", color=chart.BLUE)
        ax.axhline(shared, color=chart.GREEN, linewidth=1)
        ax.set_xscale("log")
        ax.set_xticks(SYNCS_MS)
        ax.set_ylim(0, 340)
        ax.set_xlabel("a copy is brought up to date every so many ms")
        ax.set_ylabel("most passed in 1 s")
        ax.annotate("shared bucket", (10, shared - 12), color=chart.GREEN, va="top")
        ax.annotate("copies", (260, 215), color=chart.BLUE, ha="right")

    return chart.draw(
        plot,
        title="Four balancers, each with a copy of the count",
        caption=(
            f"The limit is 100 a second and a burst of 20. Under 300 requests a second one bucket passes {shared} in "
            f"the worst second, copies of 10 ms ago {runs[0]}, of 100 ms {runs[2]}, of a second {runs[-1]}. With a "
            f"whole limit each they pass {each}, that is all that came."
        ),
        description=f"A curve that rises from {runs[0]} at 10 ms to {runs[-1]} at 1,000 ms.",
        seed="seed 1",
    )
