"""The pictures: who does not know yet, and what a quiet end costs."""

from math import exp

from snippets.concepts import gossip as program
from tools.figures import chart

TONES = {"push": chart.AMBER, "pull": chart.BLUE, "push-pull": chart.GREEN}


def figures():
    return {"wave": wave(), "stop": stop()}


def wave():
    runs = program.demo()
    sites = runs["push"]["informed"][-1]

    def plot(ax, tall):
        for mode, run in runs.items():
            left = [max(sites - known, 0.55) for known in run["informed"]]
            ax.plot(range(len(left)), left, "o-", color=TONES[mode], markersize=3)
        ax.set_yscale("log")
        ax.set_yticks([1, 10, 100, 1000])
        ax.set_xlim(0, 23)
        ax.set_xticks([0, 5, 10, 15, 20])
        ax.set_xlabel("cycle")
        ax.set_ylabel("sites that do not know (log)")
        ax.annotate("push", (14.6, 60), color=chart.AMBER)
        ax.annotate("pull", (11.2, 2.2), color=chart.BLUE, ha="right")
        ax.annotate("push-pull", (7.3, 6), color=chart.GREEN, ha="right")

    ends = {mode: run["t_last"] for mode, run in runs.items()}
    return chart.draw(
        plot,
        title="One update, a thousand sites",
        caption=(
            "For eight cycles push and pull look alike. Then pull falls off a cliff: "
            f"it ends after {ends['pull']} cycles. Push needs {ends['push']}, most of its last ones "
            f"for a handful of sites that nobody happens to call. Both at once: {ends['push-pull']}."
        ),
        description=(
            "Sites without the update by cycle on a log axis; the lowest dot of each stands for none. Push ends in a straight slope, pull "
            "and push-pull bend down ever more steeply."
        ),
        seed="seed 1, one run each",
    )


def stop():
    ways = {
        "blind, coin": (chart.AMBER, "o", ("push", False, False)),
        "feedback, counter": (chart.VIOLET, "s", ("push", True, True)),
        "pull, feedback, counter": (chart.BLUE, "D", ("pull", True, True)),
    }
    found = {}
    for name, (_, _, (mode, feedback, counter)) in ways.items():
        found[name] = [
            program.mean(
                8, 1, program.simulate, 1000, mode, k=k, feedback=feedback, counter=counter
            )
            for k in ((1, 2) if mode == "pull" else (2, 3, 4))
        ]

    def plot(ax, tall):
        line = [m / 10 for m in range(10, 61)]
        ax.plot(line, [100 * exp(-m) for m in line], color=chart.MUTED)
        for name, (tone, shape, _) in ways.items():
            runs = found[name]
            ax.plot(
                [r["traffic"] for r in runs],
                [100 * r["residue"] for r in runs],
                shape,
                color=tone,
                label=name,
            )
        ax.set_yscale("log")
        ax.set_xlim(1, 6)
        ax.set_xlabel("copies of the update a site")
        ax.set_ylabel("sites that never hear of it, %")
        ax.legend(frameon=False, loc="lower left")
        ax.annotate("chance that copies sent\nat random miss you", (3.2, 7), color=chart.MUTED)

    pull = found["pull, feedback, counter"][1]
    return chart.draw(
        plot,
        title="What a quiet end costs",
        caption=(
            "However push decides to stop, it lies on one line: to miss fewer sites, send more. "
            f"Pull is below it: {pull['traffic']:.1f} copies a site leave out "
            f"{pull['residue']:.2%}."
        ),
        description=(
            "Sites that never hear of the update, on a log axis, against the copies a site. Both "
            "ways of push lie on the line, pull is far below it. "
            + "; ".join(
                f"{name}: " + ", ".join(f"{r['residue']:.2%} at {r['traffic']:.1f}" for r in runs)
                for name, runs in found.items()
            )
            + "."
        ),
        seed="seed 1, 1000 sites, means of 8 runs",
    )
