from snippets.concepts.raft import (
    FIGURE_7,
    Answer,
    Counting,
    Hasty,
    Read,
    Server,
    Write,
    demo,
    figure_7,
    figure_8,
    names,
    story,
)
from tools.figures import log, space_time
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


def logs(row):
    """A moment of figure 8 as rows of the log picture."""
    _, terms, commits, what = row
    return [
        log.Row(name, [(term, "") for term in each], min(done, len(each)), what.get(name, ""))
        for name, each, done in zip(names(5), terms, commits, strict=True)
    ]


def votes(count):
    return f"{count} vote{'s' * (count != 1)}"


def figures():
    sim = demo()
    lost, voters = figure_8(Counting, "d")
    kept, few = figure_8(Server, "e")
    followers = {name: rest for name, *rest in figure_7()}
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
        ),
        "old-majority": log.draw(
            {
                "c": logs(lost[2]),
                "d: without the check": logs(lost[3]),
                "e: with it": logs(kept[3]),
            },
            {1: "muted", 2: "blue", 3: "amber", 4: "violet", 5: "green"},
            title="An entry on a majority that is replaced",
            caption=(
                f"In c S1 leads term 4, and the old entry of term 2 is on three of five. <code>Counting</code> commits it: "
                f"{lost[2][2][0]} entries. Then S5 gets the votes of {', '.join(voters)} and "
                "replaces it. In e an entry of term 4 is on the majority as well, and S5 gets the "
                f"vote of {', '.join(few)} alone."
            ),
            seed="no randomness: the network lets pass what the paper's figure shows",
            words={"term": "entry of term"},
        ),
        "followers": log.draw(
            [
                log.Row(
                    name,
                    [(term, "") for term in terms[2:]],  # all begin with 1, 1, 1
                    mark=f"{votes(followers[name][0])}, next {followers[name][1]}",
                )
                for name, terms in FIGURE_7.items()
            ],
            {1: "muted", 2: "red", 3: "red", 4: "blue", 5: "green", 6: "violet", 7: "amber"},
            title="Six followers that a new leader may meet",
            caption=(
                "The logs of the paper's figure, from index 3. Behind each: how many of the seven would vote for "
                "it, and the nextIndex that the leader of term 8 ends at. Four win an election; f "
                f"costs {followers['f'][2]} AppendEntries."
            ),
            seed="no randomness",
            first=3,
            words={"term": "entry of term"},
        ),
    }
