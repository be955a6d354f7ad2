from dataclasses import replace

from snippets.concepts.vector_clock import concurrent, demo, stamp
from snippets.simnet import Event
from tools.figures import space_time
from tools.figures.trace import trace_of

NAMES = ("ann", "bob", "cam")
STEP = 1


def shown(vector):
    return ",".join(str(vector.get(name, 0)) for name in NAMES)


def recorded(events, stamps):
    """The run as events of the simulator, one each step."""
    heard = {e["msg"]: e["proc"] for e in events if e["kind"] == "recv"}
    for i, (event, vector) in enumerate(zip(events, stamps, strict=True)):
        at, proc = STEP * (i + 1), event["proc"]
        if event["kind"] == "send":
            yield Event(at, proc, "sent", ("Message", shown(vector)), heard[i], i + 1)
        if event["kind"] == "recv":
            k = event["msg"]
            yield Event(at, proc, "received", ("Message", shown(stamps[k])), events[k]["proc"], k + 1)
        yield Event(at, proc, "note", shown(vector))
    yield Event(STEP * (len(events) + 1), "cam", "note", "end")


def run():
    events = demo()
    stamps = stamp(events)
    pairs = [(a, b) for i, a in enumerate(stamps) for b in stamps[:i]]
    apart = sum(concurrent(a, b) for a, b in pairs)
    trace = replace(trace_of(list(recorded(events, stamps)), nodes=NAMES), unit="steps")
    assert concurrent(stamps[5], stamps[6])
    return space_time.draw(
        trace,
        space_time.Legend(
            messages={"Message": "blue"},
            marks=[shown(vector) for vector in stamps],
            words={"Message": "a message, with the vector of its sending"},
        ),
        title="Seven events and their vectors",
        caption=(
            f"An entry each for Ann, Bob and Cam. Cam's last event, {shown(stamps[6])}, has seen Ann's first, "
            f"{shown(stamps[0])}, though no message went from Ann to Cam. Ann's last, {shown(stamps[5])}, is larger in one "
            f"entry and smaller in two: concurrent, as are {apart} of the {len(pairs)} pairs."
        ),
        window=(0, STEP * 8),
        nodes=NAMES,
        seed="no randomness: the events of demo(), one at each step",
        says={
            "note": "{Node} counts: {text}.",
            "Message": "{Dst} takes the larger of each two entries, and counts.",
            "end": "",
        },
    )


def figures():
    return {"run": run()}
