from snippets.challenges.system_reliability import demo, down_s, two_orders
from tools.figures import chart, space_time
from tools.figures.trace import trace_of

STEP_S = 5  # seconds a point of the picture stands for
SHADES = (chart.BLUE, chart.RED, chart.RED, chart.RED, chart.BLUE, chart.GREEN)

TIMES = ("never", "once", "twice")


def goodput():
    runs = demo()

    def plot(ax, tall):
        ax.axvspan(30, 40, color=chart.RULE, linewidth=0)
        for lane, (name, (good, _)) in enumerate(runs.items()):
            floor = -lane
            starts = range(0, len(good), STEP_S)
            means = [sum(good[at : at + STEP_S]) / STEP_S for at in starts]
            times = [at for start in starts for at in (start, start + STEP_S)]
            heights = [floor + 0.62 * mean / 300 for mean in means for _ in range(2)]
            ax.fill(
                [*times, len(good), 0], [*heights, floor, floor],
                color=SHADES[lane], linewidth=0,
            )
            words = f"{name}: {sum(good[240:]) / 60:.0f}/s at the end"
            ax.text(1, floor + 0.68, words, color=chart.INK)
        ax.set_yticks([-lane for lane in range(len(runs))], [""] * len(runs))
        ax.set_ylim(-len(runs) + 0.9, 1)
        ax.set_xlim(0, 300)
        ax.set_xlabel("s; shaded: the outage")

    calm = runs["no retry"][0]
    sent = sum(runs["one retry"][1][240:]) / 60
    return chart.draw(
        plot,
        title="A 10 s outage, and six ways to retry",
        caption=(
            "Requests answered in time at a database for 300 a second, asked for 280. The outage ends "
            f"after 10 s. Without a retry the service is down for {down_s(calm)} s and heals by itself. "
            f"With one retry it stays down for good, because {sent:.0f} requests a second keep coming."
        ),
        description=(
            "Six strips over 300 seconds, each the rate of requests answered in time. All fall to nothing "
            "at 30 s. No retry comes back before 160 s, a retry budget of 2 % before 200 s, a short queue "
            "at 40 s; one retry, one retry after a random wait and a budget of 10 % never do."
        ),
        seed="seed 1; other seeds give the same six endings",
        height=4.2,
    )


def orders():
    sim = two_orders("transport", dedupe=False)
    executed = sim.nodes["shop"].executed
    confirmed = sim.nodes["client"].confirmed
    legend = space_time.Legend(
        messages={"Order": "blue", "Ack": "green ring"},
        marks={"note"},
        words={"Ack": "Ack, by the transport", "network split": "lost in the cut"},
    )
    return space_time.draw(
        trace_of(sim),
        legend,
        title="Two orders over a reliable transport",
        caption=(
            f"The client holds an ack for order {' and order '.join(map(str, sorted(confirmed)))}. The shop "
            f"executed order 1 {TIMES[executed.get(1, 0)]} and order 2 {TIMES[executed.get(2, 0)]}: one ack "
            "was lost, the other was sent before the crash."
        ),
        seed="no randomness",
        window=(0, 190),
        label=lambda message: f"{type(message).__name__} {message.number}",
    )


def figures():
    return {"goodput": goodput(), "orders": orders()}
