from snippets.concepts.raft import Answer, Hasty, Read, Write, demo, story
from tools.figures import space_time
from tools.figures.trace import trace_of

LEGEND = space_time.Legend(
    messages={
        "RequestVote": "amber",
        "Vote": "amber ring",
        "AppendEntries": "blue",
        "AppendEntries 2": "violet",
        "Appended": "",
        "Write": "green",
        "Read": "green",
        "Answer": "green ring",
    },
    states={"candidate": "amber", "leader": "blue", "leader term 2": "violet"},
    marks={"election": "times out"},
    words={
        "leader": "leader of term 1",
        "leader term 2": "leader of term 2",
        "AppendEntries": "AppendEntries of term 1",
        "AppendEntries 2": "AppendEntries of term 2; replies are not drawn",
        "Write": "a client writes",
        "Read": "a client reads",
        "Answer": "a client is told",
    },
)
LANES = ("ann", "S1", "S2", "S3", "S4", "S5", "bob")


def label(message):
    match message:
        case Write(value):
            return f"write {value}"
        case Read():
            return "read"
        case Answer(value):
            return value
    return ""


def at(sim, who, what):
    """When it happened, for the last time."""
    return [line.split()[0] for line in story(sim) if line.endswith(f"{who} {what}")][-1]


def figures():
    sim = demo()
    gone = [at_ms for at_ms, name, value in sim.watched if name == "S1" and value[0] == "follower"]
    return {
        "split": space_time.draw(
            trace_of(sim),
            LEGEND,
            title="Two leaders at once, in two terms",
            caption=(
                f"S1 and S2 are cut off at 400 ms. From {at(sim, 'S4', 'leads')} ms there are two "
                "leaders. S1 finds no majority: ann's green is never committed, and her read at "
                f"{at(sim, 'ann', 'asks S1: read')} ms is not answered. S4 has one, and bob's blue "
                f"is committed. When the split heals, S1 meets term 2 and steps down at {gone[-1]} "
                "ms; blue takes green's place in its log. A leader that answers reads at once "
                f"would have told ann red at {at(demo(Hasty), 'ann', 'is told red')} ms."
            ),
            window=(390, 870),
            nodes=LANES,
            label=label,
            seed="seed 3, chosen because the two leaders are far apart",
        )
    }
