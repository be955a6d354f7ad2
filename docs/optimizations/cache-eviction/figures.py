"""The pictures: hits by size on two traces, and what happens when the favourites change."""

from random import Random

from snippets.optimizations import cache_eviction as program
from tools.figures import chart

TONES = {
    "FIFO": chart.MUTED,
    "LRU": chart.BLUE,
    "CLOCK": chart.VIOLET,
    "SIEVE": chart.GREEN,
    "LFU": chart.AMBER,
    "MIN": chart.RED,
}
STYLES = {"FIFO": ":", "LRU": "-", "CLOCK": "--", "SIEVE": "-", "LFU": "-.", "MIN": "-"}


def figures():
    return {"sizes": sizes(), "shift": shift()}


def sizes():
    named = {name: program.traces()[name] for name in ("Zipf", "sets of 80")}
    rooms = [20, 40, 60, 79, 80, 81, 83, 85, 100, 120, 140, 159, 160, 161, 163, 165, 180, 200]
    found = {
        name: {
            policy: [program.hits(policy, trace, room) / len(trace) for room in rooms]
            for policy in program.POLICIES
        }
        for name, trace in named.items()
    }

    def plot(axes, tall):
        for ax, (name, rows) in zip(axes, found.items(), strict=True):
            for policy, ratios in rows.items():
                ax.plot(rooms, [100 * r for r in ratios], STYLES[policy], color=TONES[policy])
            ax.set_ylim(0, 100)
            ax.set_xlim(20, 200)
            ax.set_title(name)
            ax.set_xlabel("room, entries")
        axes[0].set_ylabel("requests that hit, %")
        left, right = axes
        for policy, at in (("MIN", (60, 73)), ("SIEVE", (150, 75)), ("LRU", (160, 59)), ("FIFO", (130, 48))):
            left.annotate(policy, at, color=TONES[policy])
        for policy, at in (("MIN", (24, 60)), ("LRU", (82, 70)), ("CLOCK", (122, 66)), ("SIEVE", (102, 22)),
                           ("LFU", (174, 16))):
            right.annotate(policy, at, color=TONES[policy], ha="left")

    at = rooms.index(100)
    zipf, sets = found["Zipf"], found["sets of 80"]
    return chart.draw(
        plot,
        title="Hits by size, two traces",
        caption=(
            f"On Zipf traffic SIEVE hits {zipf['SIEVE'][at]:.1%} with room for 100, LRU {zipf['LRU'][at]:.1%}, and "
            f"nobody without the future more than {zipf['MIN'][at]:.1%}. On a set of 80 keys that changes after "
            f"five rounds it is {sets['SIEVE'][at]:.1%} against {sets['LRU'][at]:.1%}: the old set is never let go. "
            f"With room for exactly one set or two, SIEVE has {sets['SIEVE'][rooms.index(80)]:.1%}."
        ),
        description=(
            "Two charts of hit ratio against cache size. Zipf: six rising lines, MIN above, then SIEVE and LFU, "
            "CLOCK, LRU, FIFO. Sets of 80: MIN rises to 80% at room 80; LRU and FIFO jump there from 0 and lie "
            "under it; SIEVE has two needles, at 80 and 160, and is near 5% and 11% elsewhere, like LFU."
        ),
        seed="seed 1, 13,000 and 6,000 requests",
        panels=2,
        height=2.9,
    )


def shift():
    trace, step = program.shift(Random(1), 13_000), 500
    shown = ("LRU", "SIEVE", "LFU", "MIN")
    found = {}
    for policy in shown:
        got = program.outcomes(policy, trace, 100)
        found[policy] = [100 * sum(got[at : at + step]) / step for at in range(0, len(got), step)]
    middles = [at + step / 2 for at in range(0, len(trace), step)]

    def plot(ax, tall):
        for policy in shown:
            ax.plot(middles, found[policy], STYLES[policy], color=TONES[policy])
        ax.axvline(6_500, color=chart.MUTED, linestyle=":", linewidth=1)
        ax.set_ylim(0, 90)
        ax.set_xlim(0, 13_000)
        ax.set_xlabel("requests")
        ax.set_ylabel(f"of {step} requests hit, %")
        for policy, at in (("MIN", (8_300, 79)), ("SIEVE", (11_200, 68)), ("LRU", (9_400, 51)), ("LFU", (10_200, 30))):
            ax.annotate(policy, at, color=TONES[policy])

    return chart.draw(
        plot,
        title="The favourites change",
        caption=(
            f"After half of the requests other keys are popular. LRU is back at {found['LRU'][14]:.0f}% within a "
            f"thousand requests; LFU, which counts, still stands at {found['LFU'][-1]:.0f}% at the end, because the old favourites "
            "have counts that the new ones must first reach."
        ),
        description="Hit ratio over time. All lines drop at the middle; MIN, SIEVE and LRU recover, LFU stays low.",
        seed="seed 1, room for 100",
    )
