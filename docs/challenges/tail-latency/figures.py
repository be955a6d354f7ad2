"""The pictures: the tail with and without a hedge, what copies cost, what a benchmark omits."""

from math import ceil
from random import Random

from snippets.challenges import tail_latency as program
from tools.figures import chart


def figures():
    return {"tail": tail(), "tip": tip(), "omission": omission()}


def tail():
    runs = program.demo(requests=2_000)
    after = program.AFTER_MS
    ms = [5 * 10 ** (i / 60) for i in range(1, 141)]

    def plain(t):
        return program.later(t)

    def hedge(t):
        return program.hedged_later(t, after)

    curves = (
        ("one call", plain, 1, chart.BLUE, "--"),
        ("one call, hedged", hedge, 1, chart.GREEN, "--"),
        ("a hundred", plain, 100, chart.BLUE, "-"),
        ("a hundred, hedged", hedge, 100, chart.GREEN, "-"),
    )

    def plot(ax, tall):
        for name, share, parts, colour, style in curves:
            said = [100 * program.slow_share(share(t), parts) for t in ms]
            ax.plot(ms, said, style, color=colour)
            times = sorted(runs[name])
            got = [(t, 100 * sum(x > t for x in times) / len(times)) for t in (12, 20, 30, 50, 300)]
            got = [(t, share) for t, share in got if share > 0.02]
            ax.plot(*zip(*got, strict=True), "o", color=colour)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_ylim(0.01, 150)
        ax.set_xlim(5, 1100)
        ax.set_xticks([5, 10, 20, 50, 100, 200, 500, 1000])
        ax.set_yticks([0.01, 0.1, 1, 10, 100])
        ax.set_xlabel("ms")
        ax.set_ylabel("requests that take longer, % (log scale)")
        ax.annotate("a hundred", (140, 75), color=chart.BLUE)
        ax.annotate("one call", (140, 1.15), color=chart.BLUE)
        ax.annotate("a hundred, hedged", (90, 0.62), color=chart.GREEN, va="top")
        ax.annotate("one, hedged", (140, 0.013), color=chart.GREEN)

    hundred = runs["a hundred"]
    slow = sum(t >= 1000 for t in hundred) / len(hundred)
    hedged = runs["a hundred, hedged"]
    return chart.draw(
        plot,
        title="How many requests take longer",
        caption=(
            f"One call in a hundred takes a second, and {slow:.0%} of the requests that wait for "
            f"a hundred calls. If each call that is not back after {after:.0f} ms is asked again "
            f"elsewhere, it is {sum(t >= 1000 for t in hedged) / len(hedged):.1%}, and half of "
            f"them take less than {program.percentile(hedged, 0.5):.0f} ms. Lines: formula. "
            "Points: run."
        ),
        description=(
            "Share of requests above a time, both axes logarithmic: one call levels off at 1%, "
            "a hundred calls at 63%, a hundred hedged calls at 1%, one hedged call at 0.01%."
        ),
        seed="seed 7",
    )


def tip():
    loads = [0.1, 0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9]
    colours = dict(
        zip(
            program.POLICIES,
            (chart.MUTED, chart.VIOLET, chart.RED, chart.AMBER, chart.GREEN),
            strict=True,
        )
    )
    found = {}
    for name, policy in program.POLICIES.items():
        found[name] = means = []
        for load in loads:
            times, _ = program.fleet(Random(7), load, requests=15_000, **policy)
            means.append((load, program.mean(times)))
            if means[-1][1] > 20:
                break  # off the picture, and growing as long as the run lasts

    def plot(ax, tall):
        for name, means in found.items():
            ax.plot(*zip(*means, strict=True), "o-", color=colours[name])
        ax.axvline(1 / 3, color=chart.VIOLET, linestyle=":", linewidth=1)
        ax.axvline(program.tipping_load(program.CALM), color=chart.RED, linestyle=":", linewidth=1)
        ax.set_ylim(0, 12)
        ax.set_xlim(0.05, 0.95)
        ax.set_xlabel("load without second copies")
        ax.set_ylabel("mean time, in service times")
        ax.annotate("two copies", (0.32, 6.4), color=chart.VIOLET, ha="right")
        ax.annotate(
            "hedge after 5", (0.6, 7.6), color=chart.RED
        )
        ax.annotate("one copy", (0.83, 3.7), color=chart.MUTED)
        ax.annotate("budget 5%", (0.885, 10.5), color=chart.AMBER, ha="right")
        ax.annotate("tied", (0.75, 2.1), color=chart.GREEN)

    return chart.draw(
        plot,
        title="What second copies cost where there are queues",
        caption=(
            "Two copies of everything help below a load of a third (violet dots) and hurt above. "
            "A hedge set on a calm day adds few copies, until at "
            f"{program.tipping_load(program.CALM):.3f} (red dots) it feeds itself. A budget of 5% "
            "bounds the damage. Tied requests leave one copy to do and help at every load."
        ),
        description=(
            "Mean time against load for five policies. Two copies shoot up before 0.5, the "
            "unbudgeted hedge at 0.6; one copy and the budgeted hedge rise slowly to 0.9; tied "
            "requests stay below 3."
        ),
        seed="seed 7, 50 servers, 15,000 requests a point",
    )


def omission():
    closed = sorted(program.closed_loop(program.stalls, 10, 200_000))
    users = sorted(program.open_loop(program.stalls, 10, 200_000))
    nines = [10 ** (i / 20) for i in range(0, 81)]  # one in so many

    def curve(times):
        return [times[max(0, ceil((1 - 1 / n) * len(times)) - 1)] / 1000 for n in nines]

    def plot(ax, tall):
        ax.plot(nines, curve(closed), color=chart.RED)
        ax.plot(nines, curve(users), color=chart.BLUE)
        ax.set_xscale("log")
        ax.set_xticks([1, 10, 100, 1000, 10_000], ["0", "90", "99", "99.9", "99.99"])
        ax.set_xlim(1, 10_000)
        ax.set_ylim(-4, 112)
        ax.set_xlabel("percentile")
        ax.set_ylabel("latency, s")
        ax.annotate("what users meet", (6, 50), color=chart.BLUE)
        ax.annotate("what the closed loop reports", (30, 5), color=chart.RED)

    return chart.draw(
        plot,
        title="One stall, two benchmarks",
        caption=(
            f"A server answers in 1 ms for 100 s and stands still for 100 s. The closed loop "
            f"sends {len(closed) - 10_000} request into the stall and reports a p99.9 of "
            f"{program.percentile(closed, 0.999)} ms. Of the users' requests half wait, up to "
            f"{max(users) // 1000} s."
        ),
        description=(
            "Latency against percentile: the closed loop's curve stays at 1 ms up to 99.99%, "
            "that of the users rises from the median on."
        ),
        seed="no randomness",
        height=2.4,
    )
