"""The pictures: six policies on one workload, and what old queue lengths do."""

from random import Random

from snippets.optimizations import load_balancing as program
from tools.figures import chart

AGES_MS = (1, 3, 10, 30, 100, 300, 1000)


def figures():
    return {"policies": policies(), "old": old()}


def policies():
    runs = program.demo()
    names = list(runs)
    means = [run.mean_ms() for run in runs.values()]
    p99s = [run.p99_ms() for run in runs.values()]
    least, robin, weighted = runs["least connections"], runs["round robin"], runs["weighted"]

    def plot(ax, tall):
        for at, name in enumerate(names):
            colour = chart.RED if name == "by client" else chart.BLUE
            ax.plot([means[at], p99s[at]], [at, at], color=chart.LANE, linewidth=3)
            ax.plot([means[at]], [at], "o", color=colour)
            ax.plot([p99s[at]], [at], "D", color=colour, markerfacecolor="none")
            right = f"{p99s[at]:,.0f}"
            if not tall:
                right += f"  ·  busiest × {runs[name].max_over_mean():.2f}"
            ax.annotate(
                f"{means[at]:,.1f}",
                (means[at], at),
                xytext=(-7, 0),
                textcoords="offset points",
                ha="right",
                va="center",
            )
            ax.annotate(
                right,
                (p99s[at], at),
                xytext=(7, 0),
                textcoords="offset points",
                va="center",
            )
        ax.set_xscale("log")
        ax.set_xlim(1, 400_000)
        ax.set_ylim(-0.6, len(names) - 0.4)
        ax.set_yticks(range(len(names)), names)
        ax.grid(False, axis="y")
        ax.grid(True, axis="x")
        ax.set_xlabel("ms: dot the mean, diamond the 99th percentile")

    return chart.draw(
        plot,
        title="Six policies, the same 50,000 requests",
        caption=(
            f"Taking turns costs a mean of {robin.mean_ms():.1f} ms, a look at the queues "
            f"{least.mean_ms():.1f} ms. Weights share the load best (busiest server "
            f"{weighted.max_over_mean():.2f} times the mean, least connections "
            f"{least.max_over_mean():.2f}) and still wait longer: even load is not short queues. "
            f"By client, one server is asked for {max(runs['by client'].busy):.0%} of what it "
            "can do."
        ),
        description="Mean and 99th percentile of the response in ms: "
        + "; ".join(
            f"{name} {run.mean_ms():.1f} and {run.p99_ms():.1f}" for name, run in runs.items()
        )
        + ".",
        seed="seed 1, load 60%, four fast servers and six slow",
    )


def old():
    calls = program.workload(Random(1), 20_000, load=0.6)
    random_ms = program.serve(calls, program.at_random(Random(1))).mean_ms()
    curves = {"least connections": [], "two choices": []}
    for age_ms in AGES_MS:
        for name, pick in (
            ("least connections", program.least_connections()),
            ("two choices", program.best_of(Random(1), 2)),
        ):
            curves[name].append(program.serve(calls, pick, refresh_ms=age_ms).mean_ms())

    def plot(ax, tall):
        for name, colour, marker, at, below in (
            ("least connections", chart.AMBER, "o", -1, 8),
            ("two choices", chart.BLUE, "s", -2, -16),
        ):
            ax.plot(AGES_MS, curves[name], marker=marker, color=colour)
            ax.annotate(
                name,
                (AGES_MS[at], curves[name][at]),
                xytext=(0, below),
                textcoords="offset points",
                ha="right" if at == -1 else "center",
                color=colour,
            )
        ax.axhline(random_ms, color=chart.MUTED, linestyle=":")
        ax.annotate(
            "random",
            (AGES_MS[0], random_ms),
            xytext=(0, 5),
            textcoords="offset points",
            color=chart.MUTED,
        )
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_ylim(5, 2000)
        ax.set_xlabel("queue lengths are read every ... ms")
        ax.set_ylabel("mean response, ms")

    at = AGES_MS.index(1000)
    return chart.draw(
        plot,
        title="The herd: the shortest queue of a while ago",
        caption=(
            f"Read every {AGES_MS[at]:,} ms, the queues lead least connections to a mean of "
            f"{curves['least connections'][at]:.0f} ms, worse than the {random_ms:.0f} ms of a "
            f"random choice: everyone runs to the server that was empty. Two choices take "
            f"{curves['two choices'][at]:.0f} ms."
        ),
        description="Mean response by age of the queue lengths. "
        + "; ".join(
            f"{name}: "
            + ", ".join(f"{ms:.1f} ms at {age}" for age, ms in zip(AGES_MS, values, strict=True))
            for name, values in curves.items()
        )
        + f"; random {random_ms:.1f} ms.",
        seed="seed 1, 20,000 requests",
    )
