from snippets.concepts.lamport_clock import NAMES, demo
from tools.figures import drag, space_time
from tools.figures.trace import trace_of

LEGEND = space_time.Legend(
    messages={"Request": "amber", "Ack": "muted ring", "Release": "green"},
    states={"waiting": "amber", "holding": "blue"},
    marks={"note"},
    words={
        "Request": "a request, with its stamp",
        "Ack": "an acknowledgement, stamped later",
        "Release": "a release",
        "waiting": "waits for the resource",
        "holding": "holds it",
    },
)
SAYS = {
    "Request": "{Dst} puts the request of {src}, stamped {what.time}, into its queue.",
    "Ack": "{Dst} hears from {src} at {what.time}: nothing older can come from there.",
    "Release": "{Dst} takes the request of {src} out of its queue.",
    "waiting": "{Node} asks all others.",
    "note enters": "{Node} is first in its own queue and enters ({rest}).",
}
PATIENT, IMPATIENT = "wait for a later stamp from all", "look at the own queue only"


def lock(patient):
    sim = demo(patient)
    held = [(at, name) for at, name, what in sim.watched if what == "holding"]
    (first_at, first), (then_at, then), *_ = held
    if patient:
        caption = (
            f"R asks at 0 ms and P at 2 ms. Neither knows of the other, both stamp 1, and the name "
            f"decides: {first} enters at {first_at} ms, {then} at {then_at} ms. Q asks after it has "
            f"heard of both, so its stamp is larger, and it is the last to enter."
        )
    else:
        caption = (
            f"Without the wait for a later stamp from everybody, {first} enters at {first_at} ms and "
            f"{then} at {then_at} ms: two hold the resource at once, each the first in its own queue."
        )
    return space_time.draw(
        trace_of(sim),
        LEGEND,
        title="Three processes, one resource, no coordinator and no clock",
        caption=caption,
        nodes=NAMES,
        window=(0, 110),
        seed="no randomness: every message takes 10 ms",
        says=SAYS,
        handle=(first_at, 0.5),
    )


def figures():
    runs = {PATIENT: lock(True), IMPATIENT: lock(False)}
    return {"lock": drag("Before it enters", runs, shown=PATIENT)}
