from snippets.challenges.data_consistency import demo
from tools.figures import space_time
from tools.figures.trace import trace_of

LANES = ("ann", "A", "B", "C", "bob")  # two users, three copies between them


def legend(*values):
    return space_time.Legend(
        messages={"Put": "amber", "Get": "muted", "Answer": "muted ring"},
        states={value: value for value in values},  # red is drawn in red
        marks={"note"},
        words={
            "Put": "a value to store",
            "Get": "a read",
            "Answer": "an answer",
            **{value: f"a copy that holds {value}" for value in values},
        },
    )


def figures():
    sim = demo()
    trace = trace_of(sim)
    said = [(event.at_ms, event.node, event.what) for event in sim.trace if event.kind == "note"]
    wrote = {what.split()[1]: at for at, _, what in said if what.startswith("wrote")}
    nothing = [at for at, _, what in said if what == "read nothing"]
    red = next(at for at, _, what in said if what == "read red")
    arrives = next(
        event.at_ms
        for event in sim.trace
        if event.kind == "received" and event.node == "C" and "red" in str(event.what)
    )
    back = next(at for at, _, what in said if what == "read green")
    seen = next(at for at, _, what in said if what == "read blue")
    gone = max(at for at, node, value in sim.watched if value == "green")
    return {
        "stale": space_time.draw(
            trace,
            legend("red"),
            title="A read that is older than the write it follows",
            caption=(
                f"Ann's write is done at {wrote['red']} ms, after the first answer. C applies it "
                f"at {arrives} ms. In between Ann does not find her own write ({nothing[0]} ms), "
                f"and Bob, who has seen red at {red} ms, is told at {nothing[1]} ms that there is "
                "nothing."
            ),
            window=(0, 90),
            nodes=LANES,
            seed="no randomness: a message takes 5 ms, a write to C 60 ms",
        ),
        "lost": space_time.draw(
            trace,
            legend("red", "green", "blue"),
            title="An acknowledged write that is lost when the network heals",
            caption=(
                f"Both sides of the split accept a write: Ann's green at {wrote['green']} ms, "
                f"Bob's blue at {wrote['blue']} ms. Bob reads blue at {seen} ms. Ann's clock is "
                f"50 ms ahead, so her earlier write has the larger timestamp: at {back} ms Bob "
                f"reads green, and from {gone} ms on no copy holds blue."
            ),
            window=(195, 400),
            nodes=LANES,
            seed="no randomness: Ann's clock is 50 ms ahead",
        ),
    }
