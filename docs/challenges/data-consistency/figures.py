from snippets.challenges.data_consistency import demo
from tools.figures import drag, space_time
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


SAYS = {
    "called write": "{Node} sends {rest} to all three copies.",
    "called read": "{Node} asks {rest} what it holds.",
    "called sync": "{node} sends what it holds to the other copies.",
    "note wrote": "{Node} has an answer: {rest} counts as written.",
    "note read": "{Node} reads {rest}.",
    "read nothing": "{Node} is told that there is nothing.",
    "network split": "The network splits: {sides}.",
    "heal": "The network is whole again.",
    "Put lost": "{Src}'s {what.value} does not reach {dst}.",
    **{value: "{node} now holds {state}." for value in ("red", "green", "blue")},
}


def notes(sim):
    """(when, who, what) of all that a user was told."""
    return [(event.at_ms, event.node, event.what) for event in sim.trace if event.kind == "note"]


def stale(lag_ms):
    """The first 90 ms, with a copy C that is late by lag_ms."""
    sim = demo(lag_ms)
    done = next(at for at, _, what in notes(sim) if what == "wrote red")
    missed = [(at, who) for at, who, what in notes(sim) if what == "read nothing"]
    seen = min(at for at, who, what in notes(sim) if (who, what) == ("bob", "read red"))
    applied = next(at for at, node, value in sim.watched if (node, value) == ("C", "red"))
    words = f"Ann's write is done at {done} ms, after the first answer. C applies it at {applied} ms. "
    if len(missed) == 2:
        words += (
            f"In between Ann does not find her own write ({missed[0][0]} ms), and Bob, who has seen "
            f"red at {seen} ms, is told at {missed[1][0]} ms that there is nothing."
        )
    elif missed:
        words += (
            f"In between Ann does not find her own write ({missed[0][0]} ms). Bob, who asks later, "
            "never notices."
        )
    else:
        words += "Nobody asks C before that, so nobody notices: the copies disagreed all the same."
    return space_time.draw(
        trace_of(sim),
        legend("red"),
        title="A read that is older than the write it follows",
        caption=words,
        window=(0, 90),
        nodes=LANES,
        seed=f"no randomness: a message takes 5 ms, a write to C {lag_ms} ms",
        says=SAYS,
        handle=(applied, "C"),
    )


def lost(size):
    """The split between the first ``size`` lanes and the others, and what it costs."""
    sim = demo(cut_off=LANES[:size])
    told = [step for step in notes(sim) if step[0] >= 200]
    wrote = {what.split()[1]: at for at, _, what in told if what.startswith("wrote")}
    held = {node.value for node in sim.nodes.values() if node.id in "ABC"}
    back, last = next((at, what.split()[1]) for at, _, what in told[::-1] if "read" in what)
    if {"green", "blue"} <= wrote.keys():
        seen = next(at for at, _, what in told if what == "read blue")
        gone = max(at for at, node, value in sim.watched if value == last)
        words = (
            f"Both sides of the split accept a write: Ann's green at {wrote['green']} ms, "
            f"Bob's blue at {wrote['blue']} ms. Bob reads blue at {seen} ms. Ann's clock is "
            f"50 ms ahead, so her earlier write has the larger timestamp: at {back} ms Bob "
            f"reads {last}, and from {gone} ms on no copy holds blue."
        )
    else:
        ((kept, at),) = wrote.items()
        assert held == {kept} == {last}
        one, other = ("Ann", "Bob's") if kept == "blue" else ("Bob", "Ann's")
        alone = "no copy" if size in (1, 4) else "only C, which is slow,"
        words = (
            f"{one} is on a side with {alone} and is never told that the write is done. {other} "
            f"{kept} counts as written at {at} ms, all copies end with it, and no acknowledged "
            "write is lost."
        )
    return space_time.draw(
        trace_of(sim),
        legend("red", "green", "blue"),
        title="Two writes on the two sides of a split, until the network heals",
        caption=words,
        window=(195, 400),
        nodes=LANES,
        seed="no randomness: Ann's clock is 50 ms ahead",
        says=SAYS,
        ring=LANES,
        handle=(200, size - 0.5),
    )


def figures():
    splits = {
        f"{', '.join(LANES[:size])} | {', '.join(LANES[size:])}": lost(size) for size in (1, 2, 3, 4)
    }
    return {
        "stale": drag(
            "How late C is with a write",
            {f"{ms} ms": stale(ms) for ms in (5, 15, 30, 45, 60)},
            shown="60 ms",
        ),
        "lost": drag("Where the network splits", splits, shown="ann, A | B, C, bob"),
    }
