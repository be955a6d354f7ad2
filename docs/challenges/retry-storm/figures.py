"""The pictures: five policies through one burst, and which bursts leave a storm behind."""

from random import Random

from snippets.challenges import retry_storm as program
from tools.figures import chart


def figures():
    return {"burst": burst(), "region": region()}


def burst():
    runs = program.demo()
    colours = dict(
        zip(
            runs, (chart.MUTED, chart.RED, chart.AMBER, chart.BLUE, chart.GREEN), strict=True
        )
    )

    def smooth(counts):
        return [sum(counts[at : at + 4]) / 4 for at in range(0, len(counts) - 3, 4)]

    def plot(ax, tall):
        ax.axvspan(20, 30, color=chart.SOFT)
        for name, run in runs.items():
            means = smooth(run.good)
            ax.plot([4 * at + 2 for at in range(len(means))], means, color=colours[name])
        ax.set_xlim(0, 180)
        ax.set_ylim(-3, 128)
        ax.set_yticks([0, 25, 50, 75, 100])
        ax.set_xlabel("s")
        ax.set_ylabel("answered in time, a second")
        ax.annotate("burst", (25, 117), ha="center", color=chart.MUTED)
        ax.annotate("three tries", (176, 4), ha="right", color=chart.RED)
        ax.annotate("one try", (66, 25), color=chart.MUTED, ha="right")
        ax.annotate("budget 10%", (111, 55), color=chart.AMBER, ha="right")
        ax.annotate("breaker", (48, 104), color=chart.BLUE)
        ax.annotate("deadline", (84, 104), color=chart.GREEN)

    storm = runs["three tries"]
    return chart.draw(
        plot,
        title="Ten seconds of a burst, and what stays",
        caption=(
            f"A service for 100 requests a second is asked for 80, and for 200 during ten seconds. "
            f"With three tries it ends with {program.rate(storm.sent):.0f}/s sent and "
            f"{program.rate(storm.good):.0f}/s answered, and stays there. With one try, with a "
            "budget, with a breaker, or if requests carry their deadline, it comes back."
        ),
        description=(
            "Requests answered in time against time for five policies: with three tries the curve "
            "falls to zero after the burst and stays; the others return to 80, the deadline at "
            "once, the breaker after some seconds, one try after fifty, the budget after a "
            "hundred."
        ),
        seed="seed 1, means of 4 s",
    )


def region():
    loads, bursts = (20, 28, 36, 44, 52, 60, 70, 80, 90), (1, 1.5, 2, 2.5, 3, 4, 5)
    stuck, well = [], []
    heals = program.heals_below(100, 3)
    tips = program.tipping_burst_s(200, 100, 2)
    for load in loads:
        # What ends, ends slowly: near the bound there is little to spare.
        seconds = 300 if load < heals else 60
        for burst_s in bursts:
            run = program.storm(Random(1), load_per_s=load, burst_s=burst_s, seconds=seconds)
            ends = program.rate(run.good, 10) < load / 2
            (stuck if ends else well).append((load, burst_s))

    def plot(ax, tall):
        ax.plot(*zip(*well, strict=True), "o", color=chart.BLUE, markerfacecolor="none")
        ax.plot(*zip(*stuck, strict=True), "X", color=chart.RED, markersize=7)
        ax.plot([heals, heals, 100], [6, tips, tips], ":", color=chart.INK, linewidth=1.2)
        ax.set_xlim(14, 100)
        ax.set_ylim(0.5, 6)
        ax.set_xlabel("requests a second before and after the burst")
        ax.set_ylabel("length of the burst, s")
        ax.annotate("comes back", (16, 5.5), color=chart.BLUE)
        ax.annotate("stays down", (66, 5.5), color=chart.RED)

    return chart.draw(
        plot,
        title="Which bursts leave a storm",
        caption=(
            f"Three tries, runs (crosses stay down). Dotted: below {heals:.0f}/s, a third of the "
            f"capacity, every overload ends; above it a burst of 200/s can tip the service once "
            f"it has made the line as long as users wait, after {tips:.0f} s."
        ),
        description=(
            f"A grid of {len(loads)} loads, {loads[0]} to {loads[-1]} requests a second, and "
            f"{len(bursts)} lengths of the burst, {bursts[0]} to {bursts[-1]} s. {len(stuck)} runs "
            f"stay down: they fill the corner of loads from {min(stuck)[0]} and bursts from "
            f"{min(burst for _, burst in stuck)} s. The other {len(well)} come back."
        ),
        seed="seed 1, the last 10 s of each run",
    )
