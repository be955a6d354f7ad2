"""A lock with a lease, a holder that is paused, and storage that can tell.

Clients take a lock, read a counter, work, and write it back increased by 1.
The lock ends by itself, and a client that is paused does not notice.

Source: Gray and Cheriton, "Leases", 1989; Burrows, "The Chubby Lock Service",
2006, section 2.4 (sequencers); Kleppmann, "How to do distributed locking",
2016 (fencing tokens). Tokens begin at 33, as in his picture.
Guarantee, with fence = "reads and writes": no write of an old holder is
applied after the storage has heard of a newer one, and no increment that was
acknowledged is lost, whatever is paused or late.
Assumes: the storage checks, a token only grows, the lock service does not
forget it.
Left out: a lock service that fails (that takes consensus), renewal of the
lease, several storages.

The messages:
    Acquire            client to lock     I want the lock
    Granted, Busy      lock to client     yours for lease_ms; ask again
    Release            client to lock     I am done
    Read, Value        client, storage    the counter, please
    Write, Done        client, storage    set it; set
    Refused            storage to client  I know of a newer token
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from random import Random

from snippets.simnet import Effect, Note, Send, SetTimer, Simulation, uniform

FENCES = ("none", "writes", "reads and writes", "unique")


@dataclass(frozen=True)
class Acquire:
    pass


@dataclass(frozen=True)
class Granted:
    token: int
    lease_ms: int


@dataclass(frozen=True)
class Busy:
    pass


@dataclass(frozen=True)
class Release:
    token: int


@dataclass(frozen=True)
class Read:
    token: int


@dataclass(frozen=True)
class Value:
    token: int
    count: int


@dataclass(frozen=True)
class Write:
    token: int
    count: int


@dataclass(frozen=True)
class Done:
    token: int


@dataclass(frozen=True)
class Refused:
    token: int


# --8<-- [start:lock]
@dataclass
class Lock:
    """Grants the lock to one client at a time, by its own clock."""

    id: str
    lease_ms: int
    token: int = 32  # of the last holder; it only grows
    holder: str = ""

    def receive(self, sender: str, message) -> list[Effect]:
        match message:
            case Acquire() if not self.holder:
                self.holder, self.token = sender, self.token + 1
                return [SetTimer(f"lease {self.token}", self.lease_ms),
                        Send(sender, Granted(self.token, self.lease_ms))]
            case Acquire():
                return [Send(sender, Busy())]
            case Release(token) if token == self.token:
                self.holder = ""
        return []  # a release that comes late changes nothing

    def timeout(self, timer: str) -> list[Effect]:
        if timer != f"lease {self.token}" or not self.holder:
            return []
        self.holder = ""
        return [Note(f"lease {self.token} ends")]
# --8<-- [end:lock]


# --8<-- [start:storage]
@dataclass
class Storage:
    """A counter. It refuses a token smaller than the largest it has seen.

    unique: tokens need no order. A read leaves its token, and a write is
    refused if another one is there (Sanfilippo 2016).
    """

    id: str
    fence: str = "reads and writes"
    count: int = 0
    largest: int = 0
    applied: tuple[int, ...] = ()  # the token of each write, in order

    def stale(self, token: int, write: bool) -> bool:
        if self.fence == "unique":
            self.largest = self.largest if write else token
            return token != self.largest
        if self.fence == "none" or (self.fence == "writes" and not write):
            return False
        self.largest = max(self.largest, token)
        return token < self.largest

    def receive(self, sender: str, message) -> list[Effect]:
        match message:
            case Read(token) if not self.stale(token, False):
                return [Send(sender, Value(token, self.count))]
            case Write(token, count) if not self.stale(token, True):
                self.count = count
                self.applied += (token,)
                return [Note(f"{count} by {token}"),
                        Send(sender, Done(token))]
        return [Note(f"refuses {message.token}"),
                Send(sender, Refused(message.token))]
# --8<-- [end:storage]


# --8<-- [start:client]
@dataclass
class Client:
    """Increases the counter once a round. Looks at its clock before it
    writes, if it is careful; ``slow`` of 0.1 is a clock 10 % too slow."""

    id: str
    clock: Callable[[], int]
    rounds: int = 1
    work_ms: int = 10
    careful: bool = True
    slow: float = 0.0
    token: int = 0  # 0: it does not believe that it holds the lock
    asked_ms: int = 0
    until_ms: int = 0
    done: tuple[int, ...] = ()  # acknowledged
    paused: bool = False
    inbox: tuple = ()  # what came while it was paused

    def now_ms(self) -> int:
        return int(self.clock() * (1 - self.slow))

    def start(self) -> list[Effect]:
        return self.ask() if self.rounds else []

    def ask(self) -> list[Effect]:
        self.asked_ms = self.now_ms()  # the lease counts from here: early
        return [Send("lock", Acquire())]

    def pause(self, ms: int) -> list[Effect]:
        """The process stands still; it will not know that it did."""
        self.paused = True
        return [SetTimer("wakes", ms)]

    def receive(self, sender: str, message) -> list[Effect]:
        if self.paused:
            self.inbox += (message,)
            return []
        return self.handle(message)

    def timeout(self, timer: str) -> list[Effect]:
        if timer == "wakes":
            self.paused, inbox, self.inbox = False, self.inbox, ()
            return [each for what in inbox for each in self.handle(what)]
        if self.paused:
            self.inbox += (timer,)
            return []
        return self.handle(timer)

    def handle(self, what) -> list[Effect]:
        match what:
            case Busy():
                return [SetTimer("ask", 10)]
            case "ask":
                return self.ask()
            case Granted(token, lease_ms):
                self.token, self.until_ms = token, self.asked_ms + lease_ms
                return [Send("store", Read(token))]
            case Value(token, count) if token == self.token:
                return [SetTimer(f"work {count}", self.work_ms)]
            case str() if what.startswith("work"):
                if self.careful and self.now_ms() >= self.until_ms:
                    return self.end()
                # The lease is good. What may happen before the next line?
                return [SetTimer(what.replace("work", "send"), 1)]
            case str():
                count = int(what.split()[1]) + 1
                return [Send("store", Write(self.token, count))]
            case Done(token) if token == self.token:
                self.done += (token,)
                return self.end()
            case Refused(token) if token == self.token:
                return self.end()
        return []

    def end(self) -> list[Effect]:
        release, self.token = Release(self.token), 0
        self.rounds -= 1
        return [Send("lock", release)] + self.start()
# --8<-- [end:client]


# --8<-- [start:wrong]
def backwards(applied: tuple[int, ...]) -> int:
    """How many writes were applied after one with a larger token."""
    return sum(token < max(applied[:at], default=0)
               for at, token in enumerate(applied))


def lost(nodes: dict) -> int:
    """How many acknowledged increments the counter does not hold."""
    acknowledged = sum(len(node.done) for node in nodes.values()
                       if isinstance(node, Client))
    return max(0, acknowledged - nodes["store"].count)
# --8<-- [end:wrong]


# --8<-- [start:orders]
def orders(fence: str) -> dict[str, str]:
    """Every interleaving of two holders' steps, and what is wrong after it.

    R and W are the read and the write of the old holder, r and w those of
    the new one, whose lock was granted when the old lease had ended.
    """
    found = {}
    for places in combinations(range(4), 2):
        old, new = iter("RW"), iter("rw")
        order = "".join(next(old if at in places else new)
                        for at in range(4))
        store, seen, acknowledged = Storage("store", fence), {}, 0
        for step in order:
            who, token = ("old", 33) if step in "RW" else ("new", 34)
            if step in "Rr":
                *_, answer = store.receive(who, Read(token))
                seen[who] = getattr(answer.message, "count", None)
            elif seen[who] is not None:
                *_, answer = store.receive(who, Write(token, seen[who] + 1))
                acknowledged += isinstance(answer.message, Done)
        wrong = []
        if backwards(store.applied):
            wrong.append("old over new")
        if store.count < acknowledged:
            wrong.append("lost")
        found[order] = ", ".join(wrong)
    return found
# --8<-- [end:orders]


def shown(node) -> tuple[str, str] | str:
    """What a picture shows of a node: a state and its token, or nothing."""
    if isinstance(node, Client):
        if node.paused:
            return "paused"
        return ("holds", f"{node.token}") if node.token else ""
    if isinstance(node, Lock):
        return ("leased", f"{node.token}") if node.holder else ""
    return ("knows", f"{node.largest}") if node.largest else ""


def demo(wakes_ms: int = 120, fence: str = "writes") -> Simulation:
    """C1 is paused between its last look at the clock and its write."""
    sim = Simulation(Random(1), delay=lambda *_: (5,), watch=shown)
    sim.add(Lock("lock", lease_ms=50))
    sim.add(Storage("store", fence))
    sim.add(Client("C1", sim.clock()))
    sim.add(Client("C2", sim.clock(), work_ms=20))
    # C1 reads from 10 to 20 ms, looks at its clock at 30, would send at 31.
    sim.at(31, sim.call, "C1", "pause", wakes_ms - 31)
    sim.run(200)
    return sim


def contend(rng: Random, fence: str, careful=True, pauses=True, slow=0.0,
            late=0.0, check=None, until_ms: int = 3_000) -> Simulation:
    """Three clients, ten rounds each. pauses: each stands still now and
    then, up to four leases long. late: the share of messages to the storage
    that take up to four leases."""
    usual = uniform(1, 4)

    def delay(rng, sender, to, message):
        if to == "store" and rng.random() < late:
            return (int(rng.random() * 200),)
        return usual(rng, sender, to, message)

    sim = Simulation(rng, delay=delay)
    sim.add(Lock("lock", lease_ms=50))
    sim.add(Storage("store", fence))
    for name in ("C1", "C2", "C3"):
        sim.add(Client(name, sim.clock(), rounds=10, work_ms=30,
                       careful=careful, slow=slow))
        at_ms = int(rng.random() * 150)
        while pauses and at_ms < until_ms - 300:
            sim.at(at_ms, sim.call, name, "pause", int(rng.random() * 200))
            at_ms += 250 + int(rng.random() * 150)
    sim.run(until_ms, check)
    return sim


def trouble(runs: int = 20, **how) -> tuple[int, int, int]:
    """(writes applied after a newer one, acknowledged increments lost,
    increments acknowledged), over the runs."""
    went_back = gone = good = 0
    for seed in range(runs):
        nodes = contend(Random(seed), **how).nodes
        went_back += backwards(nodes["store"].applied)
        gone += lost(nodes)
        good += sum(len(nodes[name].done) for name in ("C1", "C2", "C3"))
    return went_back, gone, good


# What a client alone can do, without a fence ...
CARE = {
    "pauses": {"careful": False},
    "pauses, looks at its clock": {},
    "the same, clock 30 % slow": {"slow": 0.3},
    "no pauses, late messages": {"pauses": False, "late": 0.1},
}
# ... and where everything goes wrong at once.
HARD = {"careful": False, "late": 0.1}


if __name__ == "__main__":
    for fence in FENCES:
        store = demo(fence=fence).nodes["store"]
        print(f"{fence}: {store.applied} applied, count {store.count}")
        #> none: (34, 33) applied, count 1
        #> writes: (34,) applied, count 1
        #> reads and writes: (34,) applied, count 1
        #> unique: (34,) applied, count 1
    for fence in FENCES:
        wrong = list(orders(fence).values())
        gone, back = (sum(what in each for each in wrong)
                      for what in ("lost", "old over new"))
        print(f"{fence}: of 6 orders {gone} lose, {back} end old over new")
        #> none: of 6 orders 4 lose, 3 end old over new
        #> writes: of 6 orders 2 lose, 0 end old over new
        #> reads and writes: of 6 orders 0 lose, 0 end old over new
        #> unique: of 6 orders 0 lose, 1 end old over new
    for name, how in CARE.items():
        back, gone, good = trouble(fence="none", **how)
        print(f"{name}: {back} old over new, {gone} of {good} lost")
        #> pauses: 54 old over new, 87 of 600 lost
        #> pauses, looks at its clock: 0 old over new, 1 of 499 lost
        #> the same, clock 30 % slow: 0 old over new, 5 of 523 lost
        #> no pauses, late messages: 28 old over new, 41 of 560 lost
    for fence in FENCES:
        back, gone, good = trouble(fence=fence, **HARD)
        print(f"fence {fence}: {back} old over new, {gone} of {good} lost")
        #> fence none: 98 old over new, 159 of 600 lost
        #> fence writes: 0 old over new, 32 of 502 lost
        #> fence reads and writes: 0 old over new, 0 of 446 lost
        #> fence unique: 8 old over new, 0 of 459 lost
