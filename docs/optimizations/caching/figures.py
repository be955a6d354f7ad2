"""The pictures: hit ratio against size, and one expiry of a popular entry."""

import math
from random import Random

from snippets.optimizations import caching as program
from tools.figures import chart

SIZES = (10, 30, 100, 300, 1000, 3000)
RUNS = 200


def figures():
    return {"size": size(), "stampede": stampede()}


def size():
    shares = {alpha: program.popularity(10_000, alpha) for alpha in (0.8, 1.0, 1.2)}
    said = {alpha: [program.che(share, n) for n in SIZES] for alpha, share in shares.items()}
    got = {}
    for alpha in shares:
        calls = program.traffic(Random(1), 40_000, alpha=alpha)
        got[alpha] = [program.replay(calls, n, warm_s=10).hit_ratio() for n in SIZES]

    def plot(ax, tall):
        tones = zip(shares, (chart.VIOLET, chart.BLUE, chart.AMBER), ("s", "o", "^"), strict=True)
        for alpha, colour, marker in tones:
            ax.plot(SIZES, said[alpha], color=colour)
            ax.plot(SIZES, got[alpha], marker, color=colour)
            ax.annotate(
                f"exponent {alpha}" if alpha == 0.8 else f"{alpha}",
                (SIZES[3], said[alpha][3]),
                xytext=(-4, 7),
                textcoords="offset points",
                ha="right",
                color=colour,
            )
        ax.plot(SIZES, [n / 10_000 for n in SIZES], ":", color=chart.MUTED)
        ax.annotate(
            "every key alike",
            (SIZES[-1], 0.3),
            xytext=(-8, -4),
            textcoords="offset points",
            ha="right",
            color=chart.MUTED,
        )
        ax.set_xscale("log")
        ax.set_ylim(0, 1)
        ax.set_xlabel("entries in the cache, of 10,000 keys")
        ax.set_ylabel("share of reads that hit")

    worst = max(
        abs(a - b) for alpha in shares for a, b in zip(said[alpha], got[alpha], strict=True)
    )
    at = SIZES.index(100)
    return chart.draw(
        plot,
        title="Hit ratio of LRU against its size",
        caption=(
            f"One key in a hundred is kept and {got[1.0][at]:.0%} of the reads hit, because a few "
            f"keys are read much more than the rest (Zipf, exponent 1.0); were all keys alike, 1% "
            f"would. Lines: Che's formula; marks: measured, at most {worst:.3f} away."
        ),
        description="Hit ratio by size. "
        + "; ".join(
            f"exponent {alpha}: "
            + ", ".join(f"{h:.2f} at {n}" for n, h in zip(SIZES, got[alpha], strict=True))
            for alpha in shares
        )
        + ".",
        seed="seed 1, 40,000 requests a curve, the first quarter not counted",
    )


def stampede():
    policies = (
        ("no care", 0, False),
        ("XFetch, beta 0.5", 0.5, False),
        ("XFetch, beta 1", 1, False),
        ("XFetch, beta 2", 2, False),
        ("single flight", 0, True),
    )
    means = []
    for _, beta, single in policies:
        runs = [program.stampede(Random(seed), beta, single) for seed in range(RUNS)]
        means.append([sum(counts) / RUNS for counts in zip(*runs, strict=True)])
    names = [name for name, _, _ in policies]

    def plot(ax, tall):
        places = list(range(len(names)))[::-1]
        ax.barh([p + 0.2 for p in places], [m[0] for m in means], height=0.36, color=chart.AMBER)
        ax.barh([p - 0.2 for p in places], [m[1] for m in means], height=0.36, color=chart.LANE)
        for place, (started, waiting) in zip(places, means, strict=True):
            ax.annotate(
                f"{started:.1f} queries",
                (started, place + 0.2),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
            )
            ax.annotate(
                f"{waiting:.1f} wait",
                (waiting, place - 0.2),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                color=chart.MUTED,
            )
        ax.set_yticks(places, names)
        ax.set_xlim(0, 150 if tall else 130)
        ax.set_xlabel("for one expiry, 100 reads a second, 1 s a query")

    return chart.draw(
        plot,
        title="One popular entry expires",
        caption=(
            f"{means[0][0]:.0f} readers miss before the first new value is there, and each asks "
            f"the database. Single flight sends one query and lets {means[4][1]:.0f} wait; XFetch "
            f"with beta 1 sends {means[2][0]:.1f} (e is {math.e:.2f}) and nobody waits."
        ),
        description="Queries started and readers who wait: "
        + "; ".join(f"{n} {a:.1f} and {b:.1f}" for n, (a, b) in zip(names, means, strict=True))
        + ".",
        seed=f"mean of seeds 0 to {RUNS - 1}",
    )
