from snippets.concepts.application_scenarios import (
    PROFILES,
    STRAGGLERS,
    TROUBLES,
    barrier,
    demo,
    slowest,
)
from tools.figures import chart

COLOURS = {
    "old": chart.VIOLET,
    "slow": chart.BLUE,
    "lost": chart.AMBER,
    "forged": chart.RED,
}
SHORT = {"big data": "big\ndata", "Internet of Things": "IoT", "AI training": "AI\ntraining"}
WORDS = {"old": "old data", "slow": "slow nodes", "lost": "lost pieces", "forged": "forged"}


def figures():
    rows = demo()
    return {"removed": removed(rows), "waiting": waiting()}


def removed(rows):
    def plot(ax, tall):
        names = [p.name for p, *_ in rows]
        for index, trouble in enumerate(TROUBLES):
            heights = [shares[trouble] * 100 for _, _, shares, _ in rows]
            places = [place + (index - 1.5) * 0.2 for place in range(len(rows))]
            ax.bar(places, heights, 0.18, color=COLOURS[trouble], label=WORDS[trouble])
        ax.set_xticks(range(len(rows)), [SHORT.get(n, n) if tall else n for n in names])
        ax.set_ylabel("loss that goes with the trouble, % of the useful work")
        ax.legend(loc="upper left")

    said, words = [], []
    for p, whole, shares, _ in rows:
        first = max(shares, key=shares.get)
        said.append(f"{p.name}, {WORDS[first]} ({shares[first]:.1%} of {whole:.1%})")
        listed = ", ".join(f"{WORDS[t]} {share:.1%}" for t, share in shares.items())
        words.append(f"{p.name}: {listed}")
    return chart.draw(
        plot,
        title="Which trouble wastes most in each scenario",
        caption="Each trouble is switched off in turn; what goes away is its bar. Highest: "
        + "; ".join(said)
        + ".",
        description="Four bars for each scenario. " + ". ".join(words) + ".",
        seed="seed 1; the same troubles lead with seeds 2 and 3",
    )


def waiting():
    sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
    factor = PROFILES[-1].slowness
    curves = [
        ("all wait, exponential: H(n)", chart.BLUE, [slowest(n) for n in sizes]),
        (
            f"all wait, {STRAGGLERS:.2%} are {factor} times as long",
            chart.AMBER,
            [barrier(n, STRAGGLERS, factor) for n in sizes],
        ),
        (
            "exponential, but not for the last 4%",
            chart.GREEN,
            [slowest(n, n // 25) if n >= 25 else None for n in sizes],
        ),
    ]

    def plot(ax, tall):
        for name, colour, values in curves:
            drawn = [(n, v) for n, v in zip(sizes, values, strict=True) if v is not None]
            ax.plot(*zip(*drawn, strict=True), color=colour, label=name)
        ax.set_xscale("log")
        ax.set_ylim(0, 8.5)
        ax.set_xlabel("pieces before the barrier")
        ax.set_ylabel("mean time of the barrier, service times")
        ax.legend(loc="upper left")

    return chart.draw(
        plot,
        title="What it costs to wait for the slowest of n",
        caption=f"The slowest of 100 exponential pieces takes {slowest(100):.2f} times the mean; "
        f"leave 4 of them out and the rest take {slowest(100, 4):.2f}. With rare stragglers of "
        f"{factor} times the usual time the barrier goes from "
        f"{barrier(10, STRAGGLERS, factor):.2f} (n = 10) to "
        f"{barrier(1000, STRAGGLERS, factor):.2f} (n = 1,000), at most {factor}.",
        description="Three curves of the mean time of a barrier against the number of pieces from "
        f"1 to 1,000. H(n) rises to {slowest(1000):.2f}; rare stragglers rise to "
        f"{barrier(1000, STRAGGLERS, factor):.2f}; without the slowest 4 % it stays near "
        f"{slowest(1000, 40):.2f}.",
        seed="no randomness: closed forms",
    )
