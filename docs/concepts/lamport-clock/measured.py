from functools import cache
from itertools import pairwise
from random import Random

from snippets.concepts import lamport_clock as program
from tools.measure import Paper, Table


@cache
def runs(processes):
    rng = Random(7)
    return [program.random_run(processes, 60, rng) for _ in range(60)]


def paper():
    key = "lamport1978time"
    events = runs(4)
    sent = [e for e in program.demo().trace if e.kind == "sent"]
    most, entered, holding = 0, [], set()

    def check(nodes):
        nonlocal most
        now = {(node.queue[name], name) for name, node in nodes.items() if node.holding}
        most = max(most, len(now))
        entered.extend(now - holding)
        holding.clear()
        holding.update(now)

    program.demo(check=check)
    return [
        Paper(
            key=key,
            place="Logical Clocks, conditions C1 and C2",
            claim="steps at which stamps break the clock condition, 3,600 events",
            said=0,
            got=sum(len(program.broken(run, program.stamp(run))) for run in events),
        ),
        Paper(
            key=key,
            place="Logical Clocks, the converse",
            claim="a smaller number means that it happened before, always",
            said=False,
            got=program.ordered_share(events) == 1,
        ),
        Paper(
            key=key,
            place="Ordering the Events Totally, condition I",
            claim="the most that hold the resource at once, in the picture's run",
            said=1,
            got=most,
        ),
        Paper(
            key=key,
            place="Ordering the Events Totally, condition II",
            claim="entries out of the order of (stamp, process), in the picture's run",
            said=0,
            got=sum(a > b for a, b in pairwise(entered)),
            note="the paper asks it of requests of which one happened before the other",
        ),
        Paper(
            key=key,
            place="Ordering the Events Totally, rules 1 to 5",
            claim="messages for one entry, three processes",
            said=3 * (3 - 1),
            got=len(sent) / 3,
            show="{:.0f}",
            note="counted from the rules: a request, an acknowledgement and a release for each other",
        ),
    ]


def tables():
    shares = [
        (
            str(n),
            f"{program.ordered_share(runs(n)):.1%}",
            f"{1 - program.ordered_share(runs(n)):.1%}",
        )
        for n in (1, 2, 4, 8, 16)
    ]
    clocks = []
    for skew_ms in (0.1, 0.3, 1, 10):
        got = program.received_early(skew_ms, 0.6, 100_000, Random(7))
        said = max(0, 2 * skew_ms - 0.6) ** 2 / (8 * skew_ms**2)
        clocks.append((f"{skew_ms} ms", f"{said:.1%}", f"{got:.1%}"))
    return {
        "shares": Table(
            ("processes", "smaller and before", "smaller and concurrent"), shares, "lrr"
        ),
        "clocks": Table(("clocks off by up to", "formula", "run"), clocks, "lrr"),
    }
