from snippets.challenges.system_performance import demo, error, mm1
from tools.figures import chart


def figures():
    points = demo()
    last = points[-1]
    left = f"{error(last.rho, last.requests):.0%}"

    def plot(ax, tall):
        curve = [i / 400 for i in range(4, 397)]
        ax.plot(curve, [mm1(rho) for rho in curve], color=chart.BLUE)
        bars = [2 * error(p.rho, p.requests) * p.response for p in points]
        ax.errorbar(
            [p.rho for p in points],
            [p.response for p in points],
            yerr=[[min(bar, p.response - 1) for bar, p in zip(bars, points, strict=True)], bars],
            fmt="o",
            color=chart.AMBER,
            capsize=3,
        )
        ax.set_yscale("log")
        ax.set_xlim(0, 1.03)
        ax.set_ylim(1, 300)
        ax.set_yticks([1, 2, 5, 10, 20, 50, 100, 200])
        ax.set_xticks([0, 0.25, 0.5, 0.75, 0.9, 1], ["0%", "25%", "50%", "75%", "90%", "100%"])
        ax.set_xlabel("utilisation")
        ax.set_ylabel("mean response time, in service times")
        for p in points:
            ax.annotate(
                f"{mm1(p.rho):.0f}",
                (p.rho, mm1(p.rho)),
                (-8, 4),
                textcoords="offset points",
                color=chart.BLUE,
                ha="right",
            )
        ax.text(0.27, 1.75, "1 / (1 − utilisation)", color=chart.BLUE, ha="center")
        ax.text(
            0.9,
            150,
            f"{last.requests:,} requests\nat {last.rho:.0%}: still ± {left}",
            color=chart.AMBER,
            ha="right",
            va="center",
        )

    told = ", ".join(f"{mm1(p.rho):.0f} at {p.rho:.0%}" for p in points)
    run = ", ".join(f"{p.response:.1f}" for p in points)
    return {
        "hockey": chart.draw(
            plot,
            title="Response time against utilisation",
            caption=(
                f"A busy server answers slowly long before it is full: {told} in units of the "
                f"service time (line, log scale), {run} in the run (points, with two standard "
                f"errors). At {last.rho:.0%} even {last.requests:,} requests leave a standard "
                f"error of {left}."
            ),
            description=(
                "A curve that is almost flat up to 75% utilisation and then rises steeply towards "
                "100%; five measured points lie on it, the last with a very long error bar."
            ),
            seed="seed 7",
        )
    }
