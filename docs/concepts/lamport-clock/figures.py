from snippets.concepts.lamport_clock import demo, posts
from tools.figures import space_time
from tools.figures.trace import trace_of

SAYS = {
    "note": "{Node} stamps it {text}.",
    "Post": "{Dst} gets “{what.text}” from {src}, stamped {what.time}.",
    "called": "{Node} speaks up.",
}


def chat():
    sim, history = demo()
    sent = {event["text"]: event for event in history if event["kind"] == "send"}
    asked, answered = sent["lunch?"], sent["at noon"]
    return space_time.draw(
        trace_of(sim, epoch=lambda message: message.text),
        space_time.Legend(
            messages={
                "Post lunch?": "amber",
                "Post at noon": "green",
                "Post hello": "blue",
            },
            marks={"note"},
            words={
                "Post lunch?": "Ann's question",
                "Post at noon": "Bob's answer",
                "Post hello": "Cam's greeting",
            },
        ),
        title="A question, its answer, and a clock that is slow",
        caption=(
            f"Bob's wall clock is 40 ms slow. Ann asks when hers says {asked['at']} ms, Bob answers when his says "
            f"{answered['at']} ms, and Cam hears the answer first. By wall clocks the chat reads "
            f"“{', '.join(posts(history, 'at'))}”; by the stamps L beside the events it reads "
            f"“{', '.join(posts(history, 'time'))}”."
        ),
        window=(50, 120),
        nodes=("ann", "bob", "cam"),
        seed="no randomness: each link has a delay of its own",
        says=SAYS,
    )


def figures():
    return {"chat": chat()}
