from random import Random

from snippets.challenges.cap_theorem import DESIGNS, measure, operations, run
from snippets.concepts.linearizability import linearizable
from tools.figures import chart

RUNS = 60


def figures():
    rows = {}
    for name, policy in DESIGNS.items():
        whole, cut = (
            [operations(run(Random(seed), *policy, cut=state)) for seed in range(RUNS)]
            for state in ("", "Tokyo")
        )
        bad = [linearizable(ops) for ops in cut].count(False) / RUNS
        rows[name] = measure(whole)["read_ms"], measure(cut)["refused"] * 100, bad * 100
    names = list(rows)[::-1]

    def plot(axes, tall):
        left, right = axes
        for at, name in enumerate(names):
            read_ms, refused, bad = rows[name]
            left.barh(at, read_ms, height=0.5, color=chart.BLUE)
            left.text(read_ms + 1, at, f"{read_ms:.0f} ms", va="center")
            for shift, value, tone in ((0.2, refused, chart.AMBER), (-0.2, bad, chart.RED)):
                right.barh(at + shift, value, height=0.34, color=tone)
                right.text(value + 2, at + shift, f"{value:.0f}%", va="center", color=tone)
        for ax, words in (
            (left, "whole network: a read takes, ms"),
            (right, "cut: refused (upper), not linearizable (lower), %"),
        ):
            ax.set_yticks(range(len(names)), names)
            ax.set_xlabel(words)
            ax.margins(x=0.22)
        right.set_xticks(range(0, 101, 25))

    both = rows["PC/EC"]
    loose = rows["PA/EL"]
    return {
        "pacelc": chart.draw(
            plot,
            title="What four designs of one store give up, on a whole network and on a cut one",
            caption=(
                f"Three regions, Tokyo cut off. No design has both bars on the right at zero: PC/EC "
                f"refuses {both[1]:.0f}% of the operations, the three others return histories that "
                f"no single copy could. And on the left is what consistency costs on all the "
                f"other days: {both[0]:.0f} ms a read in place of {loose[0]:.0f} ms."
            ),
            description=" ".join(
                f"{name}: a read {read_ms:.0f} ms; cut, {refused:.0f}% refused and {bad:.0f}% of "
                f"the histories not linearizable."
                for name, (read_ms, refused, bad) in rows.items()
            ),
            seed=f"seeds 0 to {RUNS - 1}",
            height=2.7,
            panels=2,
        )
    }
