from math import inf
from random import Random

from snippets.concepts.advantages import (
    majority,
    mean_hours,
    mean_ms,
    mttdl,
    slow_share,
    throughput,
    uptime,
    usl,
)
from tools.figures import chart

SIGMA, KAPPA = 0.02, 0.0005


def tail():
    rng = Random(11)
    machines = [1, 2, 3, 5, 10, 20, 50, 100]
    seen = [mean_ms(n, 0.01, 20_000 if n <= 10 else 4000, rng) for n in machines]
    best, last = min(seen), seen[-1]

    def plot(ax, tall):
        ax.plot(machines, [100 / n for n in machines], color=chart.MUTED, linestyle=":")
        ax.plot(
            machines, [100 / n + 1000 * slow_share(0.01, n) for n in machines], color=chart.BLUE
        )
        ax.plot(machines, seen, "o", color=chart.BLUE)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xticks([1, 3, 10, 30, 100])
        ax.minorticks_off()
        ax.text(9, 200, "1 part in 100 pauses", color=chart.BLUE, ha="right")
        ax.text(9, 7, "promised", color=chart.MUTED, ha="right")
        ax.set_xlabel("machines that share one request")
        ax.set_ylabel("mean response, ms")

    return chart.draw(
        plot,
        title="Response time of a request that is split over n machines",
        caption=(
            f"One machine answers in {seen[0]:.0f} ms; {machines[seen.index(best)]} "
            f"machines in {best:.0f} ms; 100 machines in {last:.0f} ms, "
            "where the promise says 1 ms. Points: the run; lines: the formulas."
        ),
        description="On log axes the promise falls from 100 ms to 1 ms, while the run falls "
        "a little, turns, and rises. "
        + " ".join(f"{n} machines: {ms:.0f} ms." for n, ms in zip(machines, seen, strict=True)),
        seed="seed 11, 4,000 to 20,000 requests a point",
    )


def cap():
    rng = Random(11)
    sizes = range(1, 8)
    alone = [1 - uptime(n, 150_000, rng) for n in sizes]
    shared = [1 - uptime(n, 150_000, rng, shared=0.01) for n in sizes]

    def plot(ax, tall):
        ax.plot(sizes, [1 - majority(0.9, n) for n in sizes], color=chart.BLUE)
        ax.plot(sizes, alone, "o", color=chart.BLUE)
        ax.plot(sizes, [1 - 0.99 * majority(0.9, n) for n in sizes], color=chart.AMBER)
        ax.plot(sizes, shared, "s", color=chart.AMBER)
        ax.axhline(0.01, color=chart.AMBER, linestyle=":")
        ax.set_yscale("log")
        ax.text(7, 0.034, "with a shared cause", color=chart.AMBER, ha="right")
        ax.text(6.2, 0.0035, "independent", color=chart.BLUE, ha="right")
        ax.set_xlabel("nodes, of which a majority must be up")
        ax.set_ylabel("share of the time not available")

    return chart.draw(
        plot,
        title="Unavailability of a majority of n nodes",
        caption=(
            f"Each node is down a tenth of the time. Four nodes are worse than three "
            f"({alone[3]:.3f} and {alone[2]:.3f} in the run), "
            f"and with a cause that takes all nodes for 1% of the time, seven nodes are "
            f"still down for {shared[6]:.3f} of it."
        ),
        description="Two zigzag lines that fall with n: every even size is worse than the odd one "
        "before it. The line with a shared "
        "cause flattens above 0.01.",
        seed="seed 11, 150,000 simulated hours a point",
    )


def peak():
    nodes = [1, 8, 16, 30, 44, 60, 88, 120]
    step = [throughput(n, SIGMA, KAPPA, 100, Random(11)) for n in nodes]
    free = [throughput(n, SIGMA, KAPPA, 100, Random(11), in_step=False) for n in nodes]
    at = range(1, 121, 3)

    def plot(ax, tall):
        ax.plot([0, 30], [0, 30], color=chart.MUTED, linestyle=":")
        ax.plot(at, [usl(n, SIGMA, 0) for n in at], color=chart.GREEN)
        ax.plot(at, [usl(n, SIGMA, KAPPA) for n in at], color=chart.BLUE)
        ax.plot(nodes, step, "o", color=chart.BLUE)
        ax.plot(nodes, free, "s", color=chart.AMBER)
        ax.set_xlim(0, 122)
        ax.set_ylim(0, 40)
        ax.text(26, 33, "promised", color=chart.MUTED)
        ax.text(82, 35.5, "contention only", color=chart.GREEN)
        ax.text(62, 24.5, "not in step", color=chart.AMBER)
        ax.text(120, 7.5, "contention and coherency", color=chart.BLUE, ha="right")
        ax.set_xlabel("nodes")
        ax.set_ylabel("throughput, in nodes")

    return chart.draw(
        plot,
        title="Throughput of n nodes that share two per cent of the work",
        caption=(
            f"The run in step follows Gunther's law to its peak ({step[4]:.1f} at 44 "
            f"nodes) and down ({step[6]:.1f} at 88). "
            f"Nodes that do not wait for each other get more ({free[4]:.1f} at 44) and "
            f"turn down too ({free[6]:.1f} at 88)."
        ),
        description="A straight dotted line, promised; a curve with contention only, that flattens "
        f"and is at {usl(120, SIGMA, 0):.0f} with 120 nodes; and two that rise, peak and fall. In step and not, "
        + "; ".join(f"{n} nodes: {a:.1f} and {b:.1f}" for n, a, b in zip(nodes, step, free, strict=True))
        + ".",
        seed="seed 11, 100 requests a node",
    )


def loss():
    rng = Random(11)
    rows = [
        ("one machine", 1000.0, 1000.0),
        ("pair, no repair", mean_hours(1000, inf, 0, 2000, rng), 1500.0),
        (
            "pair, repair 10 h,\n1 failure in 10 shared",
            mean_hours(1000, 10, 0.1, 2000, rng),
            mttdl(1000, 10, 0.1),
        ),
        ("pair, repair 10 h", mean_hours(1000, 10, 0, 2000, rng), mttdl(1000, 10)),
    ]

    def plot(ax, tall):
        names = [name for name, *_ in rows]
        ax.barh(names, [seen for _, seen, _ in rows], color=chart.BLUE)
        ax.plot([wanted for *_, wanted in rows], names, "|", color=chart.INK, markersize=16)
        ax.invert_yaxis()
        ax.set_xscale("log")
        ax.set_xlim(100, 100_000)
        ax.set_xlabel("mean hours until all copies are down")

    return chart.draw(
        plot,
        title="How long a pair of machines keeps a copy",
        caption=(
            f"Without repair a second machine adds half a life ({rows[1][1]:,.0f} hours "
            f"in place of 1,000). With repair the pair "
            f"lasts {rows[3][1]:,.0f} hours, and one shared failure in ten takes most of "
            f"that away again "
            f"({rows[2][1]:,.0f}). Marks: the formulas."
        ),
        description="Bars on a log axis. "
        + " ".join(
            f"{name}: {seen:,.0f} hours, by formula {wanted:,.0f}." for name, seen, wanted in rows
        ).replace("\n", " "),
        seed="seed 11, 2,000 lives a bar",
        height=2.2,
    )


def figures():
    return {"tail": tail(), "cap": cap(), "peak": peak(), "loss": loss()}
