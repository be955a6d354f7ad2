from bisect import bisect_right
from random import Random

from snippets.concepts.quorum import demo, draw, outcomes
from tools.figures import chart, space_time
from tools.figures.trace import trace_of

TRIALS = 10_000
FITS = {
    "LNKD-SSD": (chart.GREEN, 0.12, 0.925),
    "YMMR": (chart.BLUE, 300, 0.86),
    "LNKD-DISK": (chart.AMBER, 6, 0.74),
    "WAN": (chart.RED, 1.5, 0.4),
}


def staleness():
    windows = {fit: outcomes(draw(fit, 3, TRIALS, Random(7)), 1, 1)[2] for fit in FITS}

    def share(fit, after_ms):
        return bisect_right(windows[fit], after_ms) / TRIALS

    times = [0.1 * 10 ** (step / 12) for step in range(51)]

    def plot(ax, tall):
        for fit, (tone, x, y) in FITS.items():
            ax.plot(times, [share(fit, at) for at in times], color=tone)
            ax.text(x, y, fit, color=tone)
        ax.set_xscale("log")
        ax.set_xlim(0.1, 1500)
        ax.set_ylim(0.25, 1.02)
        ax.set_xlabel("ms between the return of the write and the start of the read")
        ax.set_ylabel("reads that find the write, share")

    at_once = {fit: share(fit, 0) for fit in FITS}
    return chart.draw(
        plot,
        title="How soon a read of one copy finds a write acknowledged by one copy",
        caption=(
            f"With R = W = 1 a read finds a write that has just returned in "
            f"{at_once['LNKD-SSD']:.1%} of the cases on the solid-state disks and in "
            f"{at_once['LNKD-DISK']:.1%} on the spinning ones. In the store of Yammer it starts "
            f"well, {at_once['YMMR']:.1%}, and has a tail: after 100 ms "
            f"{1 - share('YMMR', 100):.1%} of the reads are still stale."
        ),
        description="Four rising curves over a logarithmic time axis. "
        + " ".join(
            f"{fit}: {share(fit, 0):.1%} at once, {share(fit, 10):.1%} after 10 ms, "
            f"{share(fit, 100):.1%} after 100 ms."
            for fit in FITS
        ),
        seed="seed 7, 10,000 trials a curve",
        height=3.2,
    )


def sloppy():
    sim = demo()
    log = {name: sim.nodes[name].log for name in ("ann", "bob")}
    said = [(event.at_ms, event.what) for event in sim.trace if event.kind == "note"]
    wrote = next(at for at, what in said if what == "wrote blue")
    stale = next(at for at, what in said if what == "read red")
    fresh = next(at for at, what in said if what == "read blue")
    _, _, written = log["ann"][-1]
    _, _, read = log["bob"][0]
    return space_time.draw(
        trace_of(sim),
        space_time.Legend(
            messages={"Put": "amber", "Get": "blue", "Answer": "muted ring"},
            states={"red": "red", "blue": "blue"},
            marks={"note"},
            words={
                "Put": "a value to store",
                "Get": "a read",
                "Answer": "an answer",
                "red": "a copy that holds red",
                "blue": "a copy that holds blue",
            },
        ),
        title="A quorum of hints that no read quorum meets",
        caption=(
            f"w = 2 and r = 2 of three copies, A, B and C. Cut off from two of them, Ann's write "
            f"is acknowledged at {wrote} ms by {' and '.join(written)}: D keeps a hint. Bob reads "
            f"{' and '.join(read)}, a full quorum, and at {stale} ms gets the old value. When the "
            f"network heals the hints are handed over, and at {fresh} ms he finds the new one."
        ),
        window=(30, 300),
        nodes=("ann", "C", "D", "E", "A", "B", "bob"),
        seed="no randomness: every message takes 5 ms",
    )


def figures():
    return {"staleness": staleness(), "sloppy": sloppy()}
