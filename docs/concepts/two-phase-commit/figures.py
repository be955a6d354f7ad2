from snippets.concepts.two_phase_commit import Outcome, demo, in_doubt_ms
from tools.figures import space_time
from tools.figures.trace import trace_of

LEGEND = space_time.Legend(
    messages={
        "Prepare": "ink",
        "Prepared": "amber ring",
        "Outcome": "green",
        "Ask": "violet",
    },
    states={"prepared": "amber", "committed": "green", "aborted": "red", "down": "muted"},
    marks={"note"},
    words={
        "prepared": "prepared: in doubt, its locks held",
        "Outcome": "the outcome",
        "Ask": "a question that nobody can answer",
    },
)


def figures():
    sim = demo()
    decided = next(e.at_ms for e in sim.trace if e.kind == "note")
    back = next(e.at_ms for e in sim.trace if e.kind == "restarted")
    told = max(
        e.at_ms for e in sim.trace if e.kind == "received" and isinstance(e.what, Outcome)
    )
    return {
        "blocked": space_time.draw(
            trace_of(sim),
            LEGEND,
            title="Prepared managers that nobody can release",
            caption=(
                f"The coordinator TM decides to commit at {decided} ms, and crashes before a "
                "message gets out. All three managers are prepared. They ask each other, and none "
                f"knows more than the others. Their locks are held until TM is back at {back} ms "
                f"and its disk tells what it had decided; at {told} ms all have heard, after up to "
                f"{in_doubt_ms(sim)} ms in doubt."
            ),
            nodes=("TM", "M1", "M2", "M3"),
            window=(0, 250),
            seed="no randomness: a message takes 5 ms, one from M3 takes 9",
        )
    }
