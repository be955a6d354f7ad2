"""The pictures: when the calls come, what more clients cost, and how wide a window should be."""

from random import Random

from snippets.optimizations import backoff_and_jitter as program
from tools.figures import chart

COLOURS = dict(
    zip(
        (strategy.__name__ for strategy in program.STRATEGIES),
        (chart.RED, chart.AMBER, chart.VIOLET, chart.BLUE, chart.GREEN),
        strict=True,
    )
)


def figures():
    return {"calls": calls(), "clients": clients(), "window": window()}


def calls():
    runs = program.demo()
    step, end = 50, 5000
    shown = ("exponential", "full_jitter")

    def counts(name):
        found = [0] * (end // step)
        for ms in runs[name].calls_ms:
            if ms < end:
                found[int(ms / step)] += 1
        return found

    def plot(axes, tall):
        for ax, name in zip(axes, shown, strict=True):
            edges = [at * step / 1000 for at in range(end // step + 1)]
            ax.stairs(counts(name), edges, color=COLOURS[name], fill=True)
            ax.set_xlim(0, end / 1000)
            ax.set_ylim(0, 100)
            ax.set_xlabel("s")
            ax.set_title(name.replace("_", " "))
        axes[0].set_ylabel(f"writes in {step} ms")

    plain, full = (runs[name] for name in shown)
    late = sum(ms >= end for ms in plain.calls_ms)
    return chart.draw(
        plot,
        title="When a hundred clients come back",
        caption=(
            f"With backoff alone the clients stay together: {len(plain.calls_ms):,} writes in "
            f"bursts, {late} of them after the picture's end, and {plain.took_ms / 1000:.1f} s until "
            f"the last is done. A random wait below the same ceilings needs "
            f"{len(full.calls_ms)} writes and {full.took_ms / 1000:.1f} s."
        ),
        description=(
            "Writes in each 50 ms. Exponential backoff: high spikes with longer and longer gaps "
            "of silence. Full jitter: a hump at the beginning that falls off smoothly."
        ),
        seed="seed 1",
        panels=2,
        height=2.3,
    )


def clients():
    crowds = (10, 25, 50, 75, 100)
    found = {
        strategy.__name__: [program.average(strategy, crowd, 5) for crowd in crowds]
        for strategy in program.STRATEGIES
    }

    def plot(axes, tall):
        for name, means in found.items():
            axes[0].plot(crowds, [m.calls for m in means], "o-", color=COLOURS[name])
            axes[1].plot(crowds, [m.took_ms / 1000 for m in means], "o-", color=COLOURS[name])
        axes[0].set_ylabel("writes until all are done")
        axes[1].set_ylabel("time, s (log scale)")
        axes[1].set_yscale("log")
        axes[1].set_ylim(0.2, 100)
        axes[0].set_ylim(0, 2600)
        for ax in axes:
            ax.set_xlim(0, 105)
            ax.set_xlabel("clients")
        axes[0].annotate("none", (78, 2000), color=COLOURS["none"], ha="right")
        axes[0].annotate("exponential", (99, 1190), color=COLOURS["exponential"], ha="right",
                         va="top")
        axes[0].annotate("with jitter", (98, 440), color=COLOURS["full_jitter"], ha="right")
        axes[1].annotate("exponential", (50, 40), color=COLOURS["exponential"], ha="right")
        axes[1].annotate("with jitter", (42, 4.6), color=COLOURS["equal_jitter"], ha="right")
        axes[1].annotate("none", (70, 0.75), color=COLOURS["none"], ha="right")

    last = {name: means[-1] for name, means in found.items()}
    return chart.draw(
        plot,
        title="What more clients cost",
        caption=(
            f"At a hundred clients jitter more than halves the writes, from "
            f"{last['exponential'].calls:,.0f} to {last['full_jitter'].calls:,.0f}. The clients "
            f"that never wait are done first, after {last['none'].took_ms / 1000:.1f} s, and make "
            "the most work."
        ),
        description=(
            "Writes and time against the number of clients. None and exponential bend upwards in "
            "writes; the three with jitter stay below a thousand. In time exponential is ten "
            "times above the others."
        ),
        seed="seed 1, means of 5 runs",
        panels=2,
        height=2.6,
    )


def window():
    crowd = 50
    windows = [5 * 1.12**step for step in range(49)]
    runs = [5, 10, 20, 35, 50, 100, 200, 400, 1000]
    share = {
        at: program.slots(Random(1), crowd, at, bits=100_000) for at in runs
    }

    def plot(ax, tall):
        said = [100 * crowd / w * (1 - 1 / w) ** (crowd - 1) for w in windows]
        ax.plot(windows, said, color=chart.BLUE)
        ax.plot(runs, [100 * share[at] for at in runs], "o", color=chart.BLUE)
        ax.axvline(crowd, color=chart.MUTED, linestyle=":", linewidth=1)
        ax.set_xscale("log")
        ax.set_xticks([5, 10, 20, 50, 100, 200, 500, 1000])
        ax.set_ylim(0, 45)
        ax.set_xlabel("window, in slots")
        ax.set_ylabel("slots in which one sends alone, %")
        ax.annotate("too narrow:\nthey collide", (5.3, 20), color=chart.MUTED)
        ax.annotate("too wide:\nnobody sends", (230, 28), color=chart.MUTED)

    return chart.draw(
        plot,
        title="How wide should the window be",
        caption=(
            f"A crowd of {crowd} gets one of them through most often when the window is as wide as "
            f"the crowd (dots on the line: runs): {program.acquisition(crowd):.1%} of the slots. "
            "Doubling the window after each failure finds it without counting anybody."
        ),
        description=(
            "Share of slots with exactly one sender against the window on a log axis: a hill with "
            "its top, 37%, at a window of 50."
        ),
        seed="seed 1",
    )
