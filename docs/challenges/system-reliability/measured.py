from math import inf
from random import Random

from snippets.challenges import system_reliability as program
from tools.measure import Paper, Table
from tools.tested import tested

REFUSING = {"capacity_per_s": 3.0, "longest_s": 0.0, "outage_s": (0.0, 0.0)}


def mean(counts, first=0):
    """Per second, from a second on."""
    return sum(counts[first:]) / len(counts[first:])


def growth(tries, budget=inf):
    """Requests sent for each that a user asked for, when nearly all are refused."""
    return mean(program.overload(Random(1), tries, budget, **REFUSING)[1]) / 280


def heals(load_per_s):
    """Whether a service whose clients retry once is answering five minutes later."""
    good, _ = program.overload(Random(1), 2, load_per_s=load_per_s)
    return mean(good, 240) > load_per_s / 2


def paper():
    good, sent = program.overload(Random(1), 2)
    return [
        Paper(
            key="beyer2016site", place="chapter 22, on retries",
            claim="calls to the database for one click, 3 layers of 4 tries",
            said=64, got=program.calls_at_the_bottom(3, 4),
        ),
        Paper(
            key="brooker2019timeouts", place="on retries and backoff",
            claim="the same with a stack of 5 and 3 tries at each layer",
            said=243, got=program.calls_at_the_bottom(5, 3),
        ),
        Paper(
            key="beyer2016site", place="chapter 21, on deciding to retry",
            claim="growth of the load, 3 tries, nearly everything refused",
            said=3, got=growth(3), tolerance=0.1, show="{:.2f}",
            note='"just below" 3; a capacity of 1 % stands for a small share accepted',
        ),
        Paper(
            key="beyer2016site", place="chapter 21, on deciding to retry",
            claim="the same under a retry budget of 10 %",
            said=1.1, got=growth(3, 0.1), tolerance=0.02, show="{:.2f}",
        ),
        Paper(
            key="bronson2021metastable", place="section 2.1",
            claim="load on the database for good, 280/s, one retry, after a 10 s outage",
            said=560, got=mean(sent, 100), tolerance=12, show="{:.0f}/s",
            note="Poisson arrivals here; the paper says nothing of their spread",
        ),
        Paper(
            key="bronson2021metastable", place="section 2.1",
            claim="requests answered in time in that state",
            said=0, got=mean(good, 100), tolerance=1, show="{:.0f}/s",
        ),
        Paper(
            key="bronson2021metastable", place="section 2.1",
            claim="load up to which the service heals by itself",
            said=150, got=max(load for load in range(120, 190, 10) if heals(load)),
            tolerance=10, show="{:.0f}/s",
            note="tried in steps of 10/s, with five minutes to heal",
        ),
        Paper(
            key="akkoyunlu1975constraints", place="the gangsters' example",
            claim="rules for 20 messages by which two always act together, or not at all",
            said=0, got=program.agreeing_rules(20)[0],
            note="all 100 threshold rules; the theorem covers every rule",
        ),
    ]


def tables():
    rows = []
    for name, (good, sent) in program.demo().items():
        rows.append((
            name, f"{mean(sent, 240):.0f}/s", f"{mean(good, 240):.0f}/s", f"{program.down_s(good)} s",
        ))
    links = []
    for client, tries, dedupe in (
        ("sends once", 1, False), ("retries", 20, False), ("retries, and the server knows the number", 20, True),
    ):
        never, again, unsure = program.over_a_lossy_link(Random(1), tries, dedupe)
        links.append((client, f"{never:.1%}", f"{again:.1%}", f"{unsure:.1%}"))
    acks = []
    for who in ("transport", "application"):
        for dedupe in (False, True):
            executed = program.two_orders(who, dedupe).nodes["shop"].executed
            acks.append((who, "yes" if dedupe else "no", str(executed.get(1, 0)), str(executed.get(2, 0))))
    return {
        "policies": Table(
            ("clients", "sent, minute 5", "answered, minute 5", "down"), tuple(rows), "lrrr"
        ),
        "link": Table(
            ("client", "never executed", "executed again", "never confirmed"), tuple(links), "lrrr"
        ),
        "acks": Table(
            ("who acknowledges", "server knows the number", "order 1 executed", "order 2 executed"),
            tuple(acks), "llrr",
        ),
        "postgresql": tested("postgresql", "a primary and a streaming standby, loopback", "psycopg"),
    }
