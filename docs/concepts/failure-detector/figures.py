"""The pictures: what soon costs, and what a second opinion saves."""

from snippets.concepts import failure_detector as program
from tools.figures import chart


def figures():
    return {"trade": trade(), "helpers": helpers()}


def trade():
    found = program.demo()
    tones = {"timeout": chart.AMBER, "phi": chart.BLUE}

    def plot(ax, tall):
        for name, runs in found.items():
            ax.plot(
                [run["detect_ms"] for _, run in runs],
                [run["mistakes"] for _, run in runs],
                "o-",
                color=tones[name],
            )
        ax.set_yscale("log")
        ax.set_xlim(150, 900)
        ax.set_ylim(40, 5000)
        ax.set_yticks([50, 100, 200, 500, 1000, 2000, 5000])
        ax.set_xlabel("a crash is suspected after, ms")
        ax.set_ylabel("suspicions of a healthy process an hour (log scale)")
        ax.annotate("fixed timeout", (480, 420), color=chart.AMBER)
        ax.annotate("phi", (250, 330), color=chart.BLUE)

    phi, fixed = dict(found["phi"])[5], dict(found["timeout"])[400]
    return chart.draw(
        plot,
        title="Soon, or right",
        caption=(
            "A heartbeat every 100 ms over a network that is calm and congested in turns. Phi, which "
            f"learns from the gaps it sees, finds a crash after {phi['detect_ms']:.0f} ms at "
            f"{phi['mistakes']:.0f} wrong suspicions an hour; a timeout of 400 ms needs "
            f"{fixed['detect_ms']:.0f} ms and errs {fixed['mistakes']:.0f} times. Nobody gets to "
            "the corner below on the left."
        ),
        description=(
            "Two falling curves. Phi runs below the fixed timeout, far below around 330 ms, and "
            "they draw near at the right."
        ),
        seed="seed 1, 20,000 heartbeats",
    )


def helpers():
    losses = [0.02, 0.05, 0.1, 0.2, 0.3]
    tones = {0: chart.AMBER, 1: chart.VIOLET, 3: chart.BLUE}
    points = {
        k: [
            program.swim(8, 1, 50, k=k, loss=loss, crash=False, periods=40)["false_positives"]
            for loss in losses
        ]
        for k in tones
    }

    def plot(ax, tall):
        fine = [at / 100 for at in range(1, 36)]
        for k, tone in tones.items():
            ax.plot(
                [100 * at for at in fine],
                [100 * program.no_answer(at, k) for at in fine],
                color=tone,
                label=("ping only", "one helper", "", "three helpers")[k],
            )
            shown = [(100 * at, 100 * p) for at, p in zip(losses, points[k], strict=True) if p]
            ax.plot(*zip(*shown, strict=True), "o", color=tone)
        ax.set_yscale("log")
        ax.set_ylim(0.01, 80)
        ax.set_xlim(0, 36)
        ax.set_xlabel("messages lost, %")
        ax.set_ylabel("probes that fail a healthy member, % (log scale)")
        ax.legend(frameon=False, loc="lower right")

    return chart.draw(
        plot,
        title="A second opinion",
        caption=(
            f"With 10% of the messages lost, a ping alone fails {points[0][2]:.1%} of the healthy "
            f"members that it meets. Three others, asked to ping the silent one, bring that "
            f"to {points[3][2]:.2%}. Lines: the formula; dots: runs."
        ),
        description="Wrong verdicts against loss for no, one and three helpers; each helper lowers the curve.",
        seed="seed 1, 50 members, 320 periods",
    )
