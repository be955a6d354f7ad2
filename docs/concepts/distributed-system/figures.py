"""Two pictures: W3 is slow, and W3 is dead. Until the deadline they are one."""

from snippets.concepts.distributed_system import demo, seen_by_the_caller
from tools.figures import space_time
from tools.figures.trace import trace_of

LEGEND = space_time.Legend(
    messages={"Ask": "amber", "Part": "green ring"},
    states={"waiting": "amber", "reported": "blue"},
    words={"Ask": "asks for a part", "Part": "answers", "waiting": "the caller waits"},
)


def figures():
    late, dead = demo("late answer"), demo("crash")
    report = dead.nodes["caller"].report
    reported = next(event.at_ms for event in late.trace if event.kind == "note")
    came = next(event.at_ms for event in late.trace if event.what == "too late: W3")
    seen = len(seen_by_the_caller(dead, reported))
    return {
        "late": space_time.draw(
            trace_of(late),
            LEGEND,
            title="W3 is slow, and is reported as missing",
            caption=(
                f"At {reported} ms the caller reports {report.total} without "
                f"{report.missing[0]}. W3 was healthy all the time: its answer, 100, comes "
                f"{came - reported} ms after the deadline."
            ),
            window=(30, 450),
            nodes=("caller", "W1", "W2", "W3"),
            seed="no randomness",
        ),
        "dead": space_time.draw(
            trace_of(dead),
            LEGEND,
            title="W3 is dead, and is reported as missing",
            caption=(
                f"The same question, and W3 crashed at 50 ms. Until {reported} ms the caller sees "
                f"the same {seen} things at the same moments as above, so it must do the same."
            ),
            window=(30, 450),
            nodes=("caller", "W1", "W2", "W3"),
            seed="no randomness",
        ),
    }
