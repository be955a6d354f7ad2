"""The pictures: two rules for sizing, what a longer line buys, and short queues by looking."""

from random import Random

from snippets.concepts import queueing as program
from tools.figures import chart


def figures():
    return {"sizing": sizing(), "line": line(), "tails": tails()}


def sizing():
    rules = program.demo()
    naive, root = rules["by_utilisation"], rules["by_square_root"]
    limit = program.halfin_whitt(1)
    loads = sorted({row.load for row in naive} | {0.8 * 1.15**step for step in range(48)})
    kept = [program.erlang_c(program.by_square_root(load), load) for load in loads]

    def plot(ax, tall):
        for rule, rows, colour, marker in (
            (program.by_utilisation, naive, chart.RED, "s"),
            (program.by_square_root, root, chart.BLUE, "o"),
        ):
            curve = [program.erlang_c(rule(load), load) for load in loads]
            ax.plot(loads, [100 * share for share in curve], color=colour)
            ax.errorbar(
                [row.load for row in rows],
                [100 * row.run for row in rows],
                yerr=[200 * row.error for row in rows],
                fmt=marker,
                color=colour,
                capsize=2,
            )
        ax.axhline(100 * limit, color=chart.MUTED, linestyle=":", linewidth=1)
        ax.set_xscale("log")
        ax.set_ylim(0, 90)
        ax.set_xlim(0.6, 620)
        ax.set_xlabel("load, in servers that would be busy (points: runs, ± 2 errors)")
        if tall:
            ax.set_xlabel("load in erlangs (points: runs, ± 2 errors)")
        ax.set_ylabel("requests that have to wait, %")
        ax.annotate("80% utilisation", (6, 46), color=chart.RED)
        ax.annotate("load + √load", (90, 37), color=chart.BLUE)

    first, last = naive[0], naive[-1]
    return chart.draw(
        plot,
        title="One rule for every size, and one that knows the size",
        caption=(
            f"Sized for 80% utilisation, {first.formula:.0%} of the requests wait at one server "
            f"and {last.formula:.2%} at {last.servers}: the rule is wrong at both ends. The load "
            f"plus its square root keeps it between {min(kept):.0%} and {max(kept):.0%}, and near "
            f"{limit:.1%} for large loads, with {root[-1].servers} servers in place of "
            f"{last.servers}. Whole servers make the steps."
        ),
        description=(
            "Share of requests that wait against load on a log axis. Sized by 80% utilisation it "
            "falls from 80% to nothing; sized by the load and its square root it stays between "
            + f"{min(kept):.0%} and {max(kept):.0%}."
        ),
        seed="seed 7",
    )


def line():
    places = list(range(1, 41))
    loads = ((0.8, chart.BLUE), (0.95, chart.AMBER), (1.2, chart.RED))
    rng = Random(7)
    at = (1, 5, 10, 20, 40)
    runs = {
        load: [program.station(rng, load, 1, room=k - 1, requests=20_000) for k in at]
        for load, _ in loads
    }

    def plot(axes, tall):
        for ax, what in zip(axes, ("lost", "wait"), strict=True):
            for load, colour in loads:
                formula = program.mm1k_loss if what == "lost" else program.mm1k_wait
                scale = 100 if what == "lost" else 1
                ax.plot(places, [scale * formula(load, k) for k in places], color=colour)
                ax.plot(at, [scale * getattr(run, what) for run in runs[load]], "o", color=colour)
                end = scale * formula(load, 40)
                if what == "lost" and load < 1:
                    continue  # the two ends nearly touch; their names are in the other panel
                ax.annotate(
                    f"load {load}" if what == "lost" else f"{load}",
                    (40, end),
                    xytext=(5, 0) if what == "wait" else (0, 9),
                    textcoords="offset points",
                    color=colour,
                    ha="left" if what == "wait" else "right",
                    va="center",
                )
            ax.set_xlim(0, 45)
            ax.set_ylim(0, None)
            ax.set_xlabel("places, with that of the server")
        axes[0].set_ylabel("requests lost, %")
        axes[1].set_ylabel("mean wait of those served, in service times")

    floor = 1 - 1 / 1.2
    return chart.draw(
        plot,
        title="What a longer line buys",
        caption=(
            f"At load 0.8 twenty places lose {program.mm1k_loss(0.8, 20):.2%} of the requests. At "
            f"load 1.2 no line loses less than {floor:.1%}: from 5 places to 40 the loss falls "
            f"from {program.mm1k_loss(1.2, 5):.0%} to {program.mm1k_loss(1.2, 40):.0%}, and the "
            f"wait grows from {program.mm1k_wait(1.2, 5):.1f} to "
            f"{program.mm1k_wait(1.2, 40):.1f} service times."
        ),
        description=(
            "Two panels against the number of places: the lost share falls to nothing at loads "
            "0.8 and 0.95 and to a sixth at 1.2; the mean wait levels off at 0.8 and grows in a "
            "straight line at 1.2. Points from runs lie on the curves."
        ),
        seed="seed 7, 20,000 requests a point",
        panels=2,
        height=2.5,
    )


def tails():
    lengths = list(range(0, 11))
    rng, load = Random(7), 0.9
    looks = ((1, chart.RED), (2, chart.BLUE), (3, chart.GREEN))
    shares = {choices: program.shop(rng, choices, load)[1] for choices, _ in looks}

    def plot(ax, tall):
        for choices, colour in looks:
            said = [(n, program.tail(choices, load, n)) for n in lengths]
            said = [(n, share) for n, share in said if share > 1e-12]
            ax.plot(*zip(*said, strict=True), color=colour)
            got = [(n, shares[choices][n - 1]) for n in lengths[1:]]
            got = [(n, share) for n, share in got if share > 2e-5]
            ax.plot(*zip(*got, strict=True), "o", color=colour)
        ax.set_yscale("log")
        ax.set_ylim(2e-5, 1.3)
        ax.set_yticks([0.0001, 0.001, 0.01, 0.1, 1], ["0.01", "0.1", "1", "10", "100"])
        ax.set_xlabel("requests, at least")
        ax.set_ylabel("share of the queues, % (log scale)")
        ax.annotate("a random queue", (6.2, 0.64), color=chart.RED)
        ax.annotate("the shorter of two", (5.8, 0.03), color=chart.BLUE)
        ax.annotate("of three", (2.5, 0.006), color=chart.GREEN, ha="right")

    return chart.draw(
        plot,
        title="Long queues, when requests look before they join",
        caption=(
            f"With a random queue {program.tail(1, load, 6):.0%} of 100 queues at load 0.9 hold "
            f"six requests or more; with the shorter of two it is "
            f"{program.tail(2, load, 6):.2%} in the limit for many queues (lines), and "
            f"{shares[2][5]:.2%} in the run (points)."
        ),
        description=(
            "Share of queues with at least so many requests, log scale: a straight slow fall for "
            "one choice, a fall that steepens for two and three choices; points of the run lie "
            "near the lines."
        ),
        seed="seed 7, 1,000 service times",
    )
