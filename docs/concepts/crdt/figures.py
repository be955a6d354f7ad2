from snippets.concepts.crdt import ORSet, demo, shown
from tools.figures import space_time
from tools.figures.trace import trace_of

LEGEND = space_time.Legend(
    messages={"State": "ink"},
    states={"empty": "muted", "tea": "amber", "rice": "blue", "rice tea": "green"},
    marks={"called"},
    words={
        "State": "a replica's whole state",
        "empty": "an empty cart",
        "tea": "tea in the cart",
        "rice": "rice in the cart",
        "rice tea": "both",
    },
)
SAYS = {
    "called add": "{Node} adds {rest} to its copy and asks nobody.",
    "called remove": "{Node} removes {rest}: the adds of it that {node} has seen.",
    "State": "{Dst} merges the state of {src}.",
    "State lost": "What {src} sends {dst} is lost, and need not be sent again: the next one says it all.",
    "tea": "",
    "rice": "",
    "rice tea": "",
    "empty": "",
}


def figures():
    sim = demo(ORSet)
    ends = sorted({shown(node.cart) for node in sim.nodes.values()})
    last = max(at for at, _, _ in sim.watched)
    return {
        "cart": space_time.draw(
            trace_of(sim),
            LEGEND,
            title="One cart, three replicas",
            caption=(
                "While A is cut off, B removes the tea and A adds it again. Nobody waits. After the cut "
                f"states flow once around, and at {last} ms all three have {' or '.join(ends)}: B's "
                "remove took the tea that B had seen, not the one that A added meanwhile."
            ),
            nodes=("A", "B", "C"),
            window=(0, 330),
            seed="no randomness: a message takes 12 ms",
            says=SAYS,
        )
    }
