"""Paper rows and tables of this page, from calls of its program."""

from snippets.concepts import fencing_token as program
from tools.measure import Paper, Table
from tools.tested import tested

NAMES = {
    "none": "no fence",
    "writes": "tokens checked with writes",
    "reads and writes": "tokens checked with reads and writes",
    "unique": "unique tokens, compared",
}


def paper():
    plain, fenced = (program.demo(120, fence).nodes["store"] for fence in ("none", "writes"))
    delayed = program.trouble(fence="none", pauses=False, late=0.1)[0] > 0
    unique = program.trouble(fence="unique", **program.HARD)
    return [
        Paper(
            key="kleppmann2016locking",
            place="the diagram with a process pause",
            claim="tokens of the writes that are applied, in order, without a fence",
            said=(34, 33),
            got=plain.applied,
            note="client 1 has 33 and is paused longer than its lease",
        ),
        Paper(
            key="kleppmann2016locking",
            place="on making the lock safe with fencing",
            claim="the same, when the storage checks the tokens of writes",
            said=[34],
            got=list(fenced.applied),
        ),
        Paper(
            key="kleppmann2016locking",
            place="on what else can delay a write",
            claim="a late message does it without any pause",
            said=True,
            got=delayed,
        ),
        Paper(
            key="sanfilippo2016redlock",
            place="on unique tokens",
            claim="acknowledged increments lost when tokens are unique but not ordered",
            said=0,
            got=unique[1],
            note=f"of {unique[2]}; read, set the token, write if it is still there",
        ),
    ]


def tables():
    rows = []
    for fence in program.FENCES:
        wrong = list(program.orders(fence).values())
        back, gone, good = program.trouble(fence=fence, **program.HARD)
        rows.append(
            (
                NAMES[fence],
                f"{sum('lost' in each for each in wrong)} of 6",
                f"{sum('old over new' in each for each in wrong)} of 6",
                f"{gone} of {good}",
                str(back),
            )
        )
    care = []
    for name, how in program.CARE.items():
        back, gone, good = program.trouble(fence="none", **how)
        care.append((name, f"{gone} of {good}", str(back)))
    return {
        "fences": Table(
            ("what the storage does", "orders that lose", "that end old over new", "runs: increments lost",
             "runs: old over new"),
            tuple(rows),
            "lrrrr",
        ),
        "care": Table(("without a fence", "increments lost", "old over new"), tuple(care), "lrr"),
        "etcd": tested("etcd", "one member, loopback", "httpx"),
    }
