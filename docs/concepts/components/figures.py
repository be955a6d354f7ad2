"""Two pictures of the same messages: with the algorithm, and without it."""

from snippets.concepts.components import SERVERS, Store, demo
from tools.figures import space_time
from tools.figures.trace import trace_of

LEGEND = space_time.Legend(
    messages={"Store tea": "amber", "Store coffee": "blue", "Query": "", "Reply": ""},
    states={"tea": "amber", "coffee": "blue"},
    marks={"wrote tea", "wrote coffee"},
    words={
        "Store tea": "A stores tea",
        "Store coffee": "B stores coffee",
        "tea": "the server keeps tea",
        "coffee": "the server keeps coffee",
    },
)


def drawn(sim, title, caption):
    return space_time.draw(
        trace_of(sim, epoch=lambda message: getattr(getattr(message, "entry", None), "value", "")),
        LEGEND,
        title=title,
        caption=caption,
        window=(20, 120),
        nodes=("A", "B", *SERVERS),
        description="The questions before a write, and the replies, are left out.",
        seed="no randomness",
    )


def figures():
    with_it, without = demo(), demo("algorithm")

    def kept(sim):
        return [sim.nodes[name].entries["drink"].value for name in SERVERS]

    late = next(
        event.at_ms
        for event in with_it.trace
        if event.kind == "received"
        and event.node == "S3"
        and isinstance(event.what, Store)
        and event.what.entry.writer == "A"
    )
    return {
        "parts": drawn(
            with_it,
            "Two writes reach the servers in different orders",
            f"A's tea reaches S3 at {late} ms, after B's coffee; at S1 and S2 it was the other "
            f"way round. The algorithm keeps the higher stamp: all end with {kept(with_it)[2]}.",
        ),
        "differ": drawn(
            without,
            "The same messages, and no algorithm",
            "Every message arrives at the same moment as before. Each server keeps what came "
            f"last: S1 and S2 {kept(without)[0]}, S3 {kept(without)[2]}.",
        ),
    }
