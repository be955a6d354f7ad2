"""Paper rows, effects and tables of this page, from calls of its program."""

from functools import cache
from random import Random

from snippets.optimizations import idempotency as program
from tools.measure import Effect, Paper, Table
from tools.tested import tested

DRAFT = "jena2025idempotency"


def statuses():
    """What a key is answered: missing, busy, with another payload, done."""
    keys = program.Keys()
    missing = keys.claim("ann", "", b"5", 0)
    keys.claim("ann", "k", b"5", 0)
    busy = keys.claim("ann", "k", b"5", 1)
    other = keys.claim("ann", "k", b"6", 1)
    first = keys.finish("ann", "k", program.Reply(201, "charge 1"))
    same = keys.claim("ann", "k", b"5", 9) == first
    return missing.status, busy.status, other.status, "the first reply" if same else "another"


def paper():
    missing, busy, other, done = statuses()
    methods = ("GET", "HEAD", "PUT", "DELETE", "POST")
    section = 'section 2, "Error Scenarios"'
    return [
        Paper(
            key="fielding2022http", place="section 9.2.2",
            claim="of GET, HEAD, PUT, DELETE and POST, those whose effect is the same again",
            said="GET HEAD PUT DELETE", got=" ".join(m for m in methods if program.again(m)),
        ),
        Paper(key=DRAFT, place=section, claim="a key that is missing where it is required",
              said=400, got=missing),
        Paper(key=DRAFT, place=section, claim="a key whose first request is still being processed",
              said=409, got=busy),
        Paper(key=DRAFT, place=section, claim="a key with another payload", said=422, got=other),
        Paper(
            key=DRAFT, place='section 2, "Idempotency Enforcement Scenarios"',
            claim="a retry after the first request was completed", said="the first reply", got=done,
        ),
    ]


@cache
def lossy(tries, keyed):
    return program.lossy(Random(1), tries, keyed)


def effects():
    best = program.DESIGNS["lease, provider's key"]
    return [
        Effect(
            "data-consistency",
            "payments charged twice, over a link that loses 10%, with up to 10 tries",
            lossy(10, False).twice, lossy(10, True).twice, "lower", "{:.1%}", "lossy",
        ),
        Effect(
            "system-reliability",
            "payments never made over the same link, by a client that must not charge twice: "
            "without a key it may try once",
            lossy(1, False).unpaid, lossy(10, True).unpaid, "lower", "{:.1%}", "lossy",
        ),
        Effect(
            "system-performance",
            "durable writes of a payment that meets no trouble",
            program.writes(program.DESIGNS["no key"]), program.writes(best), "lower", "{:.0f}",
            "writes",
        ),
        Effect(
            "system-security",
            "charges when a copied request is sent 10 times more within the day",
            program.replayed(False), program.replayed(True), "lower", "{:.0f}", "replayed",
        ),
    ]


def tables():
    rows = []
    for name, design in program.DESIGNS.items():
        points = list(program.crash_points(design).values())
        races, runs = program.races(design), program.explore(design)
        rows.append((
            name, f"{sum(v != 'once' for v in points)} of {len(points)}",
            f"{program.wrong(races)} of {len(races)}", f"{program.wrong(runs)} of {len(runs)}",
        ))
    return {
        "wrong": Table(
            ("handler", "one crash", "two tries overlap", "overlap and up to two crashes"),
            tuple(rows), "lrrr",
        ),
        "nats": tested("nats", "one server with JetStream, loopback", "nats-py"),
    }
