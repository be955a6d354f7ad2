from snippets.concepts.two_phase_commit import (
    POINTS,
    PREPARED,
    crash_at,
    in_doubt_ms,
    states_at,
)
from tools.figures import drag, space_time
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


SAYS = {
    "prepared": "{Node} is prepared: it can no longer refuse.",
    "committed": "{Node} commits and gives its locks back.",
    "aborted": "{Node} aborts and gives its locks back.",
    "note decides:": "{Node} decides, on disk: {rest}.",
    "crashed": "{Node} crashes.",
    "restarted": "{Node} is back and reads its disk.",
    "Prepare": "{Dst} is asked to prepare.",
    "Prepared": "{Dst} hears that {src} is prepared.",
    "Ask sent": "{Src} hears nothing and asks the others.",
}
SHOWN = "commit on disk, nobody told"
# Where the coordinator's work ends: a time and a lane.
ENDS = {
    "before it hears of it": (3, "TM"),
    "both asked": (6, "TM"),
    "two of three prepared, heard": (17, "TM"),
    SHOWN: (20, "TM"),
    "one manager told": (24, "M1"),
}


def blocked(point):
    """The run in which the coordinator crashes at a point."""
    sim = crash_at(point, until_ms=250)
    crash = POINTS[point][0]
    decided = [e.at_ms for e in sim.trace if e.kind == "note" and e.at_ms < 200]
    back = next(e.at_ms for e in sim.trace if e.kind == "restarted")
    told = max(at for at, node, state in sim.watched if node != "TM")
    wait, end = in_doubt_ms(sim), states_at(sim, 250)[0]
    if set(states_at(sim, 199)) != {PREPARED}:
        knows = (
            "M1 has been told to commit, and tells the others when they ask"
            if decided
            else "The others have promised nothing. Asked by M1 they abort"
        )
        words = (
            f"TM crashes at {crash} ms. {knows}: at {told} ms all have {end}, after at most {wait} "
            "ms in doubt, and long before TM is back."
        )
    elif decided:
        words = (
            f"The coordinator TM decides to commit at {decided[0]} ms, and crashes before a message "
            "gets out. All three managers are prepared. They ask each other, and none knows more "
            f"than the others. Their locks are held until TM is back at {back} ms and its disk "
            f"tells what it had decided; at {told} ms all have {end}, after up to {wait} ms in doubt."
        )
    else:
        words = (
            f"TM crashes at {crash} ms, before it has decided. All three managers are prepared, and "
            f"wait. To them this is the run in which TM has decided to commit. At {told} ms all "
            f"have {end}, after up to {wait} ms in doubt."
        )
    return space_time.draw(
        trace_of(sim),
        LEGEND,
        title="The coordinator crashes while managers are prepared",
        caption=words,
        nodes=("TM", "M1", "M2", "M3"),
        window=(0, 250),
        seed="no randomness: a message takes 5 ms, one from M3 takes 9",
        says=SAYS,
        handle=ENDS[point],
    )


def figures():
    runs = {point: blocked(point) for point in ENDS}
    return {"blocked": drag("The coordinator crashes", runs, shown=SHOWN)}
