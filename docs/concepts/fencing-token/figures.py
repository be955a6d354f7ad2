"""The picture: a holder that is paused, and what its late write meets, by the moment it wakes."""

from snippets.concepts.fencing_token import demo, lost
from tools.figures import drag, space_time
from tools.figures.trace import trace_of

LEGEND = space_time.Legend(
    messages={
        "Acquire": "",
        "Busy": "",
        "Release": "",
        "Granted": "ink",
        "Read": "violet",
        "Value": "violet ring",
        "Write": "amber",
        "Done": "green ring",
        "Refused": "red ring",
    },
    states={"leased": "blue", "holds": "green", "paused": "muted", "knows": "amber"},
    marks={"lease 33 ends"},
    words={
        "leased": "leased, by the clock of the lock service",
        "holds": "believes that it holds the lock",
        "knows": "the largest token that the storage has seen",
    },
)
SAYS = {
    "Granted": "{Dst} gets the lock, with the token {what.token}.",
    "Read": "{Src} reads, with the token {what.token}.",
    "paused": "C1 is paused. It has looked at its clock a millisecond ago.",
    "note lease 33 ends": "The lease of C1 ends. C1 does not know.",
    "Write": "The write of {src}, with the token {what.token}, reaches the storage.",
    "Done": "{Dst} is told that its write is done.",
    "Refused": "{Dst} is refused: the storage knows a newer token.",
}
NODES = ("lock", "C1", "C2", "store")
SHOWN = "after the newer write"
WAKES = {
    "within the lease": 45,
    "after it, before the next holder": 60,
    "while the next holder works": 90,
    SHOWN: 120,
}


def woken(wakes):
    sim, bare = demo(wakes, "writes"), demo(wakes, "none")
    store = sim.nodes["store"]
    order = " and then ".join(map(str, store.applied))
    missing = lost(sim.nodes)
    if wakes < 55:
        words = f"C1 wakes at {wakes} ms, within its lease. It writes, and C2 counts on: {store.count}."
    elif store.applied == (34,):
        words = (
            f"C1 wakes at {wakes} ms. Its lease ended at 55 ms, and C2 has written. The storage knows the "
            f"token 34 and refuses 33. Without the fence C1 would overwrite C2: "
            f"{' after '.join(map(str, bare.nodes['store'].applied[::-1]))}."
        )
    elif not missing:
        words = (
            f"C1 wakes at {wakes} ms, when its lease is over. Nobody else has the lock yet, and the storage takes "
            f"its write: {order}. C2 reads it, and nothing is lost."
        )
    else:
        words = (
            f"C1 wakes at {wakes} ms. C2 has the lock and has read, but not written: the storage has not "
            f"seen 34 with a write, and takes 33. Then C2 writes what it made of the old value: {missing} of 2 "
            "increments is lost, with a fence on writes. A fence on reads would have refused C1."
        )
    return space_time.draw(
        trace_of(sim),
        LEGEND,
        title="C1 is paused between its last look at the clock and its write",
        caption=words,
        nodes=NODES,
        window=(0, 150),
        seed="no randomness: a message takes 5 ms; the storage checks writes",
        says=SAYS,
        handle=(wakes, "C1"),
    )


def figures():
    return {"paused": drag("C1 wakes", {name: woken(at) for name, at in WAKES.items()}, shown=SHOWN)}
