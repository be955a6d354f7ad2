"""A key for each request, so that sending it again charges nobody again.

Source: RFC 9110, section 9.2.2 (idempotent methods); Jena and Dalal, "The
Idempotency-Key HTTP Header Field", Internet-Draft 07, 2025, section 2.
Guarantee: if one transaction holds the effect and the record of its key, or
the provider of the effect takes the key too, a request has its effect once,
wherever its servers crash and however its tries overlap, and every try that
is answered gets the same answer.
Assumes: the client repeats the key and the payload, and gives up before the
key is forgotten; a table in which a key is unique.
Left out: an effect that neither fits a transaction nor takes a key. Nothing
makes that one exact.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from itertools import product
from random import Random
from typing import NamedTuple

DAY_S = 24 * 60 * 60


class Reply(NamedTuple):
    status: int
    body: str


# --8<-- [start:keys]
@dataclass
class Row:
    digest: bytes  # of the payload that came with the key
    first_s: int
    claimed_s: int
    reply: Reply | None = None  # None: somebody is at work, or has crashed


@dataclass
class Keys:
    """What a server remembers of requests. Both methods are one statement in
    a database; time is an argument, in whole seconds."""

    keep_s: int = DAY_S
    lease_s: int = 60  # longer than a try takes
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)

    def __post_init__(self):
        if not 0 < self.lease_s < self.keep_s:
            raise ValueError(f"lease {self.lease_s} s, kept {self.keep_s} s: "
                             "use a lease above 0 and below what is kept")

    def claim(self, client: str, key: str, payload: bytes,
              now_s: int) -> Reply | None:
        """The reply to send, or None: do the work, then call finish."""
        if not key:
            return Reply(400, "Idempotency-Key is missing")
        digest = sha256(payload).digest()
        row = self.rows.get((client, key))
        if row is None or now_s - row.first_s >= self.keep_s:
            self.rows[client, key] = Row(digest, now_s, now_s)
            return None
        if row.digest != digest:
            return Reply(422, "this key came with another payload")
        if row.reply:
            return row.reply
        if now_s - row.claimed_s < self.lease_s:
            return Reply(409, "this request is being processed")
        row.claimed_s = now_s  # who had it has crashed, or is slow
        return None

    def finish(self, client: str, key: str, reply: Reply) -> Reply:
        """Store the reply, if there is none yet, and return what is stored."""
        row = self.rows[client, key]
        row.reply = row.reply or reply
        return row.reply
# --8<-- [end:keys]


# --8<-- [start:provider]
@dataclass
class Provider:
    """Who charges the card: another company's server, with its own keys."""

    charges: list[int] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)

    def charge(self, amount: int, key: str = "") -> str:
        """The charge's number. A key that was seen charges nothing."""
        if key in self.seen:
            return self.seen[key]
        self.charges.append(amount)
        number = f"charge {len(self.charges)}"
        if key:
            self.seen[key] = number
        return number
# --8<-- [end:provider]


# --8<-- [start:designs]
@dataclass
class World:
    """What survives a crash of the server, for one request."""

    row: str = ""  # "", "busy" or the stored reply
    writes: int = 0
    provider: Provider = field(default_factory=Provider)

    def write(self, row: str) -> None:
        self.row, self.writes = row, self.writes + 1

    def charge(self, key: str = "") -> None:
        self.provider.charge(5, key)
        self.writes += 1


# A handler yields the name of each step before it does it. It can crash at
# each of those points; between two of them nobody else does anything.
Handler = Iterator[str]


def no_key(world: World) -> Handler:
    yield "charge"
    world.charge()
    yield "reply"
    return "paid"


def record_first(world: World) -> Handler:
    yield "record"
    if not world.row:
        world.write("paid")
        yield "charge"
        world.charge()
    yield "reply"
    return world.row


def charge_first(world: World) -> Handler:
    yield "look"
    if not world.row:
        yield "charge"
        world.charge()
        yield "record"
        world.write("paid")
    yield "reply"
    return "paid"


def transaction(world: World, unique: bool) -> Handler:
    """Effect and record in one database. unique: the table refuses a second
    row with this key, and the transaction is rolled back."""
    yield "look"
    if not world.row:
        yield "charge + record"
        if not (unique and world.row):
            world.charge()
            world.write("paid")
    yield "reply"
    return world.row


def claim(world: World, lease: bool, provider_key: str = "") -> Handler:
    """Mark the key as busy, charge, store the reply. lease: a busy key can
    be taken over, at any time, since who has it may be slow or dead."""
    yield "claim"
    if not world.row or (world.row == "busy" and lease):
        world.write("busy")
        yield "charge"
        world.charge(provider_key)
        yield "finish"
        world.write("paid")
    answer = world.row  # "busy" is the status 409
    yield "reply"
    return answer
# --8<-- [end:designs]


DESIGNS: dict[str, Callable[[World], Handler]] = {
    "no key": no_key,
    "record, then charge": record_first,
    "charge, then record": charge_first,
    "look, then transaction": partial(transaction, unique=False),
    "claim": partial(claim, lease=False),
    "claim with a lease": partial(claim, lease=True),
    "transaction, unique key": partial(transaction, unique=True),
    "lease, provider's key": partial(claim, lease=True, provider_key="k"),
}


# --8<-- [start:explore]
class Run(NamedTuple):
    schedule: tuple[str, ...]  # what was done: "A charge", "A crash", ...
    charges: int
    verdict: str  # once, twice, lost or stuck


def run(design, moves: str) -> tuple[Run, str]:
    """Two tries of one request, A and B, by moves: A and B are steps of
    theirs, a and b crashes. Then the run, and the moves that could follow.

    If none was answered when both have ended, the client tries again, alone,
    up to three times.
    """
    world = World()
    tries = {name: design(world) for name in "AB"}
    at = {name: next(one) for name, one in tries.items()}
    did, answers = [], []
    for move in moves:
        name = move.upper()
        if move == name:
            did.append(f"{name} {at[name]}")
            try:
                at[name] = next(tries[name])
            except StopIteration as end:
                answers.append(end.value)
                del at[name]
        else:
            did.append(f"{name} crash")
            del at[name]
    told = "paid" in answers
    for _ in range(3 * (not told and not at)):
        answer = finish(design(world))
        told = told or answer == "paid"
    charges = len(world.provider.charges)
    verdict = ("twice" if charges > 1 else "stuck" if not told
               else "once" if charges else "lost")
    return Run(tuple(did), charges, verdict), "".join(sorted(at))


def finish(handler: Handler) -> str:
    """Run a handler to its end: its answer."""
    while True:
        try:
            next(handler)
        except StopIteration as end:
            return end.value


def explore(design, crashes: bool = True) -> list[Run]:
    """Every run of two tries that overlap or do not."""
    found, agenda = [], [""]
    while agenda:
        moves = agenda.pop()
        one, alive = run(design, moves)
        if not alive:
            found.append(one)
        for name in alive:
            agenda.append(moves + name)
            if crashes:
                agenda.append(moves + name.lower())
    return found


def crash_points(design) -> dict[str, str]:
    """The verdict for a crash before each step of the first try, if the
    retry meets no trouble."""
    found = {}
    for number, step in enumerate(list(design(World()))):
        moves = "A" * number + "a"
        one, alive = run(design, moves)
        while alive:
            moves += alive
            one, alive = run(design, moves)
        found[step] = one.verdict
    return found


def races(design) -> list[Run]:
    """Every order of the steps of two tries that overlap; no crash. To reply
    touches nothing that is shared, so it is not counted as a step."""
    found = {}
    for one in explore(design, crashes=False):
        order = tuple(s for s in one.schedule if not s.endswith("reply"))
        found[order] = one
    return list(found.values())
# --8<-- [end:explore]


def wrong(runs) -> int:
    """How many of the runs did not charge once and say so."""
    return sum(one.verdict != "once" for one in runs)


# --8<-- [start:lossy]
class Outcome(NamedTuple):
    unpaid: float  # share of the payments
    twice: float


def lossy(rng: Random, tries: int, keyed: bool, loss: float = 0.1,
          payments: int = 20_000) -> Outcome:
    """Payments over a link that loses requests and replies alike."""
    if not 0 <= loss < 1 or tries < 1 or payments < 1:
        raise ValueError(f"loss {loss}, {tries} tries, {payments} payments: "
                         "use a loss from 0 below 1, and at least one each")
    done = Counter()
    for payment in range(payments):
        provider, keys = Provider(), Keys()
        for _ in range(tries):
            if rng.random() < loss:
                continue  # the request is lost
            key = str(payment)
            reply = keys.claim("ann", key, b"5", 0) if keyed else None
            if reply is None:
                provider.charge(5)
                if keyed:
                    keys.finish("ann", key, Reply(200, "paid"))
            if rng.random() >= loss:
                break  # the client has the reply
        done[min(2, len(provider.charges))] += 1
    return Outcome(done[0] / payments, done[2] / payments)
# --8<-- [end:lossy]


# --8<-- [start:methods]
def again(method: str, times: int = 2) -> bool:
    """Whether a request of this method, sent several times, leaves the
    resources as once does. The replies may differ."""
    if times < 2:
        raise ValueError(f"{times} times: use 2 or more")
    states = []
    for count in (1, times):
        orders = {"1": "tea"}
        for _ in range(count):
            if method == "PUT":
                orders["2"] = "coffee"
            elif method == "DELETE":
                orders.pop("1", None)
            elif method == "POST":
                orders[str(len(orders) + 1)] = "coffee"
            elif method not in ("GET", "HEAD"):
                raise ValueError(f"method {method!r}: "
                                 "use GET, HEAD, PUT, DELETE or POST")
        states.append(orders)
    return states[0] == states[1]
# --8<-- [end:methods]


def replayed(keyed: bool, times: int = 10) -> int:
    """Charges, when somebody who copied a request sends it times more."""
    provider, keys = Provider(), Keys()
    for at_s in range(1 + times):
        if not keyed or keys.claim("ann", "k", b"5", at_s) is None:
            provider.charge(5)
            if keyed:
                keys.finish("ann", "k", Reply(200, "paid"))
    return len(provider.charges)


def writes(design) -> int:
    """Durable writes of one request that meets no trouble."""
    world = World()
    finish(design(world))
    return world.writes


# --8<-- [start:demo]
def demo() -> dict[str, dict[str, str]]:
    """For each design the verdict of a crash before each of its steps."""
    return {name: crash_points(design) for name, design in DESIGNS.items()}
# --8<-- [end:demo]


if __name__ == "__main__":
    for keyed, tries in product((False, True), (1, 10)):
        unpaid, twice = lossy(Random(1), tries, keyed)
        told = f"{unpaid:.1%} unpaid, {twice:.1%} charged twice"
        print(f"{'key' if keyed else 'no key':6} {tries:2} tries: {told}")
        #> no key  1 tries: 10.2% unpaid, 0.0% charged twice
        #> no key 10 tries: 0.0% unpaid, 10.1% charged twice
        #> key     1 tries: 10.2% unpaid, 0.0% charged twice
        #> key    10 tries: 0.0% unpaid, 0.0% charged twice
    print("runs that are wrong: one crash, overlap, both and two crashes")
    #> runs that are wrong: one crash, overlap, both and two crashes
    for name, design in DESIGNS.items():
        points = list(crash_points(design).values())
        crashed = f"{len(points) - points.count('once')} of {len(points)}"
        race, all_of = races(design), explore(design)
        raced = f"{wrong(race)} of {len(race)}"
        both = f"{wrong(all_of)} of {len(all_of)}"
        print(f"{name:24} {crashed:8} {raced:10} {both}")
        #> no key                   1 of 2   2 of 2     32 of 38
        #> record, then charge      1 of 3   0 of 4     18 of 84
        #> charge, then record      1 of 4   18 of 20   412 of 518
        #> look, then transaction   0 of 3   4 of 6     48 of 130
        #> claim                    2 of 4   0 of 6     50 of 152
        #> claim with a lease       1 of 4   18 of 20   412 of 518
        #> transaction, unique key  0 of 3   0 of 6     0 of 130
        #> lease, provider's key    0 of 4   0 of 20    0 of 518
    keys = Keys()
    print(keys.claim("ann", "k1", b"5 USD", 0), "- so: work")
    #> None - so: work
    print(keys.claim("ann", "k1", b"5 USD", 3))
    #> Reply(status=409, body='this request is being processed')
    print(keys.finish("ann", "k1", Reply(200, "charge 1")))
    #> Reply(status=200, body='charge 1')
    print(keys.claim("ann", "k1", b"5 USD", 9))
    #> Reply(status=200, body='charge 1')
    print(keys.claim("ann", "k1", b"50 USD", 12))
    #> Reply(status=422, body='this key came with another payload')
    print(keys.claim("bob", "k1", b"50 USD", 12), "- another client's key")
    #> None - another client's key
    print(keys.claim("ann", "k1", b"5 USD", DAY_S), "- after a day: anew")
    #> None - after a day: anew
    methods = ("GET", "PUT", "DELETE", "POST")
    print("harmless again:", ", ".join(m for m in methods if again(m)))
    #> harmless again: GET, PUT, DELETE
    for name in ("no key", "transaction, unique key", "lease, provider's key"):
        print(f"{name}: {writes(DESIGNS[name])} durable writes")
        #> no key: 1 durable writes
        #> transaction, unique key: 2 durable writes
        #> lease, provider's key: 3 durable writes
    often = f"{replayed(False)} charges, with a key {replayed(True)}"
    print(f"copied and sent 10 times more: {often}")
    #> copied and sent 10 times more: 11 charges, with a key 1
