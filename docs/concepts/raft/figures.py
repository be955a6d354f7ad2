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
from tools.figures import drag, log, space_time
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


SAYS = {
    "election": "{Node} has heard no leader for too long and stands for election.",
    "leader": "{Node} has a majority of votes: it leads {label}.",
    "follower after leader": "{Node} meets a larger term and steps down.",
    "follower after candidate": "{Node} gives up its candidacy.",
    "Vote": lambda src, dst, what, **_: (
        f"{src} votes for {dst}." if what.granted else f"{src} refuses its vote to {dst}."
    ),
    "RequestVote lost": "",
    "Write": "{Src} asks {dst} to write {what.value}.",
    "Read": "{Src} asks {dst} to read.",
    "Answer": lambda dst, what, **_: (
        f"{dst.capitalize()} is told "
        + (f"{what.value}." if what.value else "to ask another server.")
    ),
    "heal": "The network is whole again.",
}


def label(message):
    match message:
        case Write(value):
            return f"write {value}"
        case Read():
            return "read"
        case Answer(value):
            return value or "not here"
    return ""


def at(sim, who, what, time=-1):
    """When it happened, by default for the last time."""
    return [line.split()[0] for line in story(sim) if line.endswith(f"{who} {what}")][time]


def split(size):
    """Two leaders, or one leader and servers that stand in vain: by who is cut off."""
    alone = names(5)[:size]
    sim, hasty = demo(alone=alone), demo(Hasty, alone=alone)
    who = alone[0] if size == 1 else f"{', '.join(alone[:-1])} and {alone[-1]}"
    words = f"{who} {'is' if size == 1 else 'are'} cut off at 400 ms. "
    down = next(
        at_ms
        for at_ms, name, value in sim.watched
        if name == "S1" and at_ms > 400 and value[0] == "follower"
    )
    if size < 3:
        words += (
            f"From {at(sim, 'S4', 'leads')} ms there are two leaders. S1 finds no majority: ann's "
            f"green is never committed, and her read at {at(sim, 'ann', 'asks S1: read')} ms is not "
            "answered. S4 has one, and bob's blue is committed. When the split heals, S1 meets term "
            f"2 and steps down at {down} ms; blue takes green's place in its log. A leader that "
            f"answers reads at once would have told ann red at {at(hasty, 'ann', 'is told red')} ms."
        )
    else:
        others = " and ".join(names(5)[size:])
        before = sum(
            value[0] == "candidate" and 400 < at_ms < 800 for at_ms, _, value in sim.watched
        )
        words += (
            f"S1 keeps its majority: ann's green is committed at "
            f"{at(sim, 'ann', 'is told green', 0)} ms. On the other side there "
            f"{'is one election' if before == 1 else f'are {before} elections'} before the split "
            f"heals, and no majority; bob is told to ask another server. The larger term of {others} "
            f"ends S1's at {down} ms, and nothing is lost but the time of an election."
        )
    return space_time.draw(
        trace_of(sim),
        LEGEND,
        title="Two leaders at once, in two terms" if size < 3 else "A minority cannot elect",
        caption=words,
        window=(390, 880),
        nodes=LANES,
        label=label,
        seed="seed 3, chosen because the two leaders are far apart",
        says=SAYS,
        ring=names(5),
        handle=(400, size + 0.5),
    )


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
    lost, voters = figure_8(Counting, "d")
    kept, few = figure_8(Server, "e")
    followers = {name: rest for name, *rest in figure_7()}
    splits = {", ".join(names(5)[:size]): split(size) for size in (1, 2, 3, 4)}
    return {
        "split": drag("Cut off from the others", splits, shown="S1, S2"),
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
