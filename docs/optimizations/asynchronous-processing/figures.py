from snippets.optimizations.asynchronous_processing import demo, in_system
from tools.figures import chart

STEP_S = 0.5


def figures():
    runs = demo()
    times = [step * STEP_S for step in range(int(60 / STEP_S) + 1)]
    endless, bounded = (
        [in_system(jobs, at_s) for at_s in times] for _, jobs in (runs[name] for name in list(runs)[1:])
    )
    longest = max(endless)
    oldest_s = max(job.done_s - job.arrived_s for job in runs["queue without a bound"][1])
    oldest_bounded_s = max(job.done_s - job.arrived_s for job in runs["queue of 100"][1] if job)
    refused = sum(job is None for job in runs["queue of 100"][1])
    emptied_s = next(at_s for at_s in times if at_s > 30 and endless[int(at_s / STEP_S)] < 10)

    def plot(ax, tall):
        ax.axvspan(20, 30, color=chart.RULE, linewidth=0)
        ax.plot(times, endless, color=chart.RED)
        ax.plot(times, bounded, color=chart.BLUE)
        ax.text(31.5, longest * 0.96, "without a bound", color=chart.RED)
        ax.text(23.5, 125, "room for 100", color=chart.BLUE)
        ax.set_xlim(0, 60)
        ax.set_ylim(0, longest * 1.08)
        ax.set_ylabel("jobs waiting or in work")
        ax.set_xlabel("s; shaded: 200 requests a second instead of 50")

    return {
        "burst": chart.draw(
            plot,
            title="A burst, and two queues in front of a worker for 100 a second",
            caption=(
                f"The queue without a bound holds up to {longest:,} jobs, the oldest of them {oldest_s:.1f} s "
                f"old, and is empty again {emptied_s - 30:.0f} s after the burst. The bounded one refuses "
                f"{refused:,} requests at once and finishes every other within {oldest_bounded_s:.2f} s."
            ),
            description=(
                "Two curves over 60 seconds. From second 20 to 30 one climbs in a straight line to about "
                "a thousand jobs and needs as long again twice over to come down; the other stays at a hundred."
            ),
            seed="seed 1",
        )
    }
