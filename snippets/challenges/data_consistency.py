"""Copies that disagree: stale reads, lost writes, and what each remedy costs.

Replicas hold one register. A client sends a write to all of them and returns
after w answers; it reads r of them, picked at random, and takes the newest.

Source: Gifford, "Weighted Voting for Replicated Data", 1979 (r + w > n);
Bailis et al., "Probabilistically Bounded Staleness", 2012, section 3.1;
Gilbert and Lynch, "Brewer's Conjecture", 2002; Attiya, Bar-Noy and Dolev,
"Sharing Memory Robustly in Message-Passing Systems", 1995 (the write-back).
Guarantee: with r + w > n a read returns the newest write acknowledged before
it began, or a newer one; with the write-back as well, it is linearizable.
Assumes clocks that agree, because the largest timestamp wins.
Left out: disks, membership, transactions, repair in the background.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from math import log
from random import Random
from typing import NamedTuple

from snippets.simnet import Effect, Note, Send, SetTimer, Simulation


# --8<-- [start:replica]
class Stamp(NamedTuple):
    ms: float  # what the writer's own clock said
    client: str  # breaks ties


NEVER, NOTHING = Stamp(-1, ""), "nothing"  # what a copy holds at first


@dataclass(frozen=True)
class Get:
    round: int


@dataclass(frozen=True)
class Put:
    round: int
    stamp: Stamp
    value: str


@dataclass(frozen=True)
class Answer:  # to both: what the replica now holds
    round: int
    stamp: Stamp
    value: str


@dataclass
class Replica:
    id: str
    peers: tuple[str, ...] = ()
    stamp: Stamp = NEVER
    value: str = NOTHING

    def receive(self, sender: str, message) -> list[Effect]:
        if isinstance(message, Answer):
            return []
        if isinstance(message, Put) and message.stamp > self.stamp:
            self.stamp, self.value = message.stamp, message.value
        # Last writer wins: an older Put is dropped, and answered all the same.
        return [Send(sender, Answer(message.round, self.stamp, self.value))]

    def sync(self) -> list[Effect]:
        """Send what this copy holds to the other copies."""
        return [Send(to, Put(0, self.stamp, self.value)) for to in self.peers]
# --8<-- [end:replica]


@dataclass
class Operation:
    client: str
    kind: str  # "write" or "read"
    start_ms: int
    stamp: Stamp = NEVER
    value: str = NOTHING
    end_ms: int | None = None  # None: it has not returned


@dataclass
class Client:
    """A user who does one thing at a time, on the replicas named copies."""

    id: str
    now: Callable[[], int] = field(repr=False)
    rng: Random = field(repr=False)
    copies: tuple[str, ...]
    w: int = 1
    r: int = 1
    own_writes: bool = False  # never take an answer older than our last write
    write_back: bool = False  # a read stores what it found, then returns
    impatient: tuple[str, ...] = ()  # kinds that return after 100 ms anyway
    skew_ms: int = 0  # how far our clock is ahead
    todo: int = 0  # operations to begin unasked, one after the other
    history: list[Operation] = field(default_factory=list)
    written: Stamp = NEVER
    round: int = 0

    def __post_init__(self):
        check_quorums(len(self.copies), self.r, self.w)

    # --8<-- [start:client]
    def write(self, value: str) -> list[Effect]:
        """Send value to all copies; it is done after w answers."""
        stamp = self.written = Stamp(self.now() + self.skew_ms, self.id)
        return self.begin("write", stamp, value) + self.put()

    def read(self, *at: str) -> list[Effect]:
        """Ask r copies, or those named; it is done when all have answered."""
        effects = self.begin("read", NEVER, NOTHING)
        asked = at or pick(self.rng, self.copies, self.r)
        return effects + self.ask(asked, Get(self.round + 1), len(asked))

    def put(self) -> list[Effect]:
        last = self.history[-1]
        message = Put(self.round + 1, last.stamp, last.value)
        return self.ask(self.copies, message, self.w)

    def ask(self, copies, message: Get | Put, need: int) -> list[Effect]:
        self.round, self.need, self.answers = message.round, need, []
        return [Send(to, message) for to in copies]

    def receive(self, sender: str, message: Answer) -> list[Effect]:
        if message.round != self.round:
            return []  # that round is over
        if self.own_writes and message.stamp < self.written:
            return [Send(sender, Get(self.round))]  # until it has caught up
        self.answers.append(message)
        return self.advance() if len(self.answers) == self.need else []

    def advance(self) -> list[Effect]:
        last = self.history[-1]
        if last.kind == "read" and last.stamp == NEVER:
            newest = max(self.answers, key=lambda answer: answer.stamp)
            last.stamp, last.value = newest.stamp, newest.value
            if self.write_back and last.stamp > NEVER:
                return self.put()
        last.end_ms, self.round = self.now(), self.round + 1
        done = "wrote" if last.kind == "write" else "read"
        return [Note(f"{done} {last.value}")] + self.start()
    # --8<-- [end:client]

    def begin(self, kind: str, stamp: Stamp, value: str) -> list[Effect]:
        begun = Operation(self.id, kind, self.now(), stamp, value)
        self.history.append(begun)
        return [SetTimer("patience", 100)] if kind in self.impatient else []

    def start(self) -> list[Effect]:
        self.todo -= 1
        think_ms = 1 + int(exponential(self.rng, 10))
        return [SetTimer("next", think_ms)] if self.todo >= 0 else []

    def timeout(self, timer: str) -> list[Effect]:
        if timer == "patience":
            waits = self.answers and self.history[-1].end_ms is None
            return self.advance() if waits else []
        if self.rng.random() < 0.5:
            return self.write(f"{self.id}.{len(self.history)}")
        return self.read()


def check_quorums(n: int, r: int, w: int) -> None:
    if not (1 <= r <= n and 1 <= w <= n):
        raise ValueError(f"r={r} and w={w} must be between 1 and n={n}")


def exponential(rng: Random, mean: float) -> float:
    return -log(1.0 - rng.random()) * mean


def pick(rng: Random, things, count: int) -> list:
    return sorted(things, key=lambda _: rng.random())[:count]


# --8<-- [start:demo]
def demo(lag_ms: int = 60, cut_off: tuple = ("ann", "A")) -> Simulation:
    """A stale read; then a split, and a write that is lost after it.

    A message takes 5 ms, a write to C lag_ms. Ann's clock is 50 ms ahead.
    The split is between the names in cut_off and all others.
    """
    def delay(rng, sender, to, message):
        return (lag_ms,) if to == "C" and isinstance(message, Put) else (5,)

    rest = [name for name in ("ann", "A", "B", "C", "bob")
            if name not in cut_off]

    sim = Simulation(Random(0), delay,
                     watch=lambda node: vars(node).get("value", ""))
    for name, peers in ("A", "BC"), ("B", "AC"), ("C", "AB"):
        sim.add(Replica(name, tuple(peers)))
    for name, skew_ms in ("ann", 50), ("bob", 0):
        sim.add(Client(name, sim.clock(), Random(0), ("A", "B", "C"),
                       skew_ms=skew_ms))
    for at_ms, action, *what in (
        (1, sim.call, "ann", "write", "red"),
        (20, sim.call, "ann", "read", "C"),
        (25, sim.call, "bob", "read", "A"),
        (40, sim.call, "bob", "read", "C"),
        (200, sim.partition, cut_off, rest),
        (210, sim.call, "ann", "write", "green"),
        (230, sim.call, "bob", "write", "blue"),
        (250, sim.call, "bob", "read", "B"),
        (300, sim.heal),
        (300, sim.call, "A", "sync"),
        (300, sim.call, "B", "sync"),
        (320, sim.call, "bob", "read", "B"),
    ):
        sim.at(at_ms, action, *what)
    sim.run(until_ms=400)
    return sim
# --8<-- [end:demo]


def stale(history: list[Operation]) -> tuple[float, float]:
    """Shares of reads older than a write that was acknowledged before they
    began: anybody's write, and a write of the reader's own."""
    moments = []
    for i, op in enumerate(history):
        at_ms = op.start_ms if op.kind == "read" else op.end_ms
        moments.append((at_ms, op.kind == "write", i))
    newest, own, reads, behind, missed = NEVER, {}, 0, 0, 0
    for *_, i in sorted(moments):
        op = history[i]
        if op.kind == "write":
            newest, own[op.client] = max(newest, op.stamp), op.stamp
        else:
            reads += 1
            behind += op.stamp < newest
            missed += op.stamp < own.get(op.client, NEVER)
    return behind / reads, missed / reads


# --8<-- [start:linearizable]
def linearizable(history: list[Operation]) -> bool:
    """Whether the reads fit one order in which nothing comes before what
    ended before it began (Herlihy and Wing 1990).

    A write that never returned happened at any time, or never. All orders
    may be tried, so ValueError for more than 20 operations.
    """
    if len(history) > 20:
        raise ValueError(f"{len(history)} operations: at most 20")

    def search(left: tuple[Operation, ...], value: str) -> bool:
        ends = [op.end_ms for op in left if op.end_ms is not None]
        return not ends or any(
            search(left[:i] + left[i + 1:], op.value)
            for i, op in enumerate(left) if op.start_ms <= min(ends)
            and (op.kind == "write" or op.value == value))

    asked = [op for op in history
             if op.kind == "write" or op.end_ms is not None]
    return search(tuple(asked), NOTHING)
# --8<-- [end:linearizable]


LADDER = {
    "eventual": {"w": 1, "r": 1},
    "read your writes": {"w": 1, "r": 1, "own_writes": True},
    "quorum": {"w": 2, "r": 2},
    "quorum, write-back": {"w": 2, "r": 2, "write_back": True},
}


def run(rng: Random, n=3, todo=500, hop_ms=2, lag_ms=20, check=None, **how):
    """The history of three clients that read and write in turns.

    A message takes 1 ms plus an exponential time, hop_ms on average, but
    lag_ms for a write, which a copy applies after what it has in hand.
    """
    def delay(rng, sender, to, message):
        mean_ms = lag_ms if isinstance(message, Put) else hop_ms
        return (1 + int(exponential(rng, mean_ms)),)

    sim = Simulation(rng, delay)
    copies = tuple(f"R{i}" for i in range(1, n + 1))
    users = [Client(f"C{i}", sim.clock(), rng, copies, todo=todo, **how)
             for i in (1, 2, 3)]
    for node in [Replica(name) for name in copies] + users:
        sim.add(node)
    sim.run(until_ms=10**9, check=check)
    return [op for user in users for op in user.history]


def mean_ms(history: list[Operation], kind: str) -> float:
    times = [op.end_ms - op.start_ms for op in history if op.kind == kind]
    return sum(times) / len(times)


def rejected(rng: Random, histories: int, **how) -> float:
    """Share of histories of 15 operations that are not linearizable."""
    runs = (run(rng, todo=5, **how) for _ in range(histories))
    return sum(not linearizable(history) for history in runs) / histories


def versions_behind(rng: Random, n: int, r: int, w: int, writes: int):
    """How many versions old is a read after each write (PBS, section 3.1).

    A write reaches w copies, picked at random, and no other, ever.
    """
    check_quorums(n, r, w)
    held, behind = [0] * n, []
    for version in range(1, writes + 1):
        for i in pick(rng, range(n), w):
            held[i] = version
        behind.append(version - max(pick(rng, held, r)))
    return behind


def lost_to_skew(rng: Random, skew_ms: float, gap_ms: float, pairs: int):
    """Share of acknowledged writes that lose to an earlier write.

    Ann writes, then bob, gap_ms later on average (exponential); each clock
    is wrong by up to skew_ms either way.
    """
    lost = 0
    for _ in range(pairs):
        copy, now_ms = Replica("A"), 1000.0
        for client in ("ann", "bob"):
            wrong_ms = skew_ms * (2 * rng.random() - 1)
            stamp = Stamp(now_ms + wrong_ms, client)
            copy.receive(client, Put(1, stamp, client))
            now_ms += exponential(rng, gap_ms)
        lost += copy.value == "ann"
    return lost / pairs


# --8<-- [start:cap]
def cap(cut: bool) -> list[tuple[str, str, bool, bool]]:
    """Policies for (write, read), and whether each is available, linearizable.

    Every operation wants both copies; after 100 ms with one, an "answer"
    policy returns and a "wait" policy goes on waiting.
    """
    rows = []
    for policy in product(("answer", "wait"), repeat=2):
        hasty = tuple(kind for kind, does
                      in zip(("write", "read"), policy, strict=True)
                      if does == "answer")
        sim = Simulation(Random(0), delay=lambda *_: (5,))
        ann, bob = (Client(name, sim.clock(), Random(0), ("A", "B"), w=2, r=2,
                           impatient=hasty) for name in ("ann", "bob"))
        for node in Replica("A"), Replica("B"), ann, bob:
            sim.add(node)
        if cut:
            sim.partition({"ann", "A"}, {"bob", "B"})
        sim.at(10, sim.call, "ann", "write", "new")
        sim.at(300, sim.call, "bob", "read")
        sim.run(until_ms=1000)
        history = ann.history + bob.history
        available = all(op.end_ms is not None for op in history)
        rows.append((*policy, available, linearizable(history)))
    return rows
# --8<-- [end:cap]


if __name__ == "__main__":
    for event in demo().trace:
        if event.kind == "note":
            print(f"{event.at_ms} ms: {event.node} {event.what}")
            #> 11 ms: ann wrote red
            #> 30 ms: ann read nothing
            #> 35 ms: bob read red
            #> 50 ms: bob read nothing
            #> 220 ms: ann wrote green
            #> 240 ms: bob wrote blue
            #> 260 ms: bob read blue
            #> 330 ms: bob read green

    for name, how in LADDER.items():
        history = run(Random(7), **how)
        behind, missed = stale(history)
        reads, writes = mean_ms(history, "read"), mean_ms(history, "write")
        times = f"read {reads:.0f} ms, write {writes:.0f} ms"
        print(f"{name}: {behind:.1%} stale, own {missed:.1%}, {times}")
        #> eventual: 31.0% stale, own 12.7%, read 5 ms, write 10 ms
        #> read your writes: 16.4% stale, own 0.0%, read 7 ms, write 9 ms
        #> quorum: 0.0% stale, own 0.0%, read 7 ms, write 20 ms
        #> quorum, write-back: 0.0% stale, own 0.0%, read 26 ms, write 20 ms
    for name in ("quorum", "quorum, write-back"):
        share = rejected(Random(7), 200, **LADDER[name])
        print(f"{name}: {share:.1%} of histories are not linearizable")
        #> quorum: 4.0% of histories are not linearizable
        #> quorum, write-back: 0.0% of histories are not linearizable

    for n, hop_ms, lag_ms in (1, 50, 200), (3, 0, 2), (3, 20, 200):
        behind, _ = stale(run(Random(7), n, hop_ms=hop_ms, lag_ms=lag_ms))
        print(f"n={n}, write lag {lag_ms} ms: {behind:.1%} stale")
        #> n=1, write lag 200 ms: 0.0% stale
        #> n=3, write lag 2 ms: 2.2% stale
        #> n=3, write lag 200 ms: 45.4% stale

    behind = versions_behind(Random(7), n=3, r=1, w=1, writes=20_000)
    for k in (1, 2, 3, 5, 10):
        share = sum(old < k for old in behind) / len(behind)
        print(f"one of the last {k} versions: {share:.1%}")
        #> one of the last 1 versions: 32.9%
        #> one of the last 2 versions: 54.9%
        #> one of the last 3 versions: 69.8%
        #> one of the last 5 versions: 86.4%
        #> one of the last 10 versions: 98.0%

    for skew_ms in (10, 50):
        lost = lost_to_skew(Random(7), skew_ms, gap_ms=20, pairs=20_000)
        print(f"clocks wrong by up to {skew_ms} ms: {lost:.1%} lost")
        #> clocks wrong by up to 10 ms: 13.5% lost
        #> clocks wrong by up to 50 ms: 34.5% lost

    for cut in (True, False):
        for write, read, available, linear in cap(cut):
            policy = f"write={write} read={read}"
            print(f"cut={cut} {policy}: {available=} {linear=}")
            #> cut=True write=answer read=answer: available=True linear=False
            #> cut=True write=answer read=wait: available=False linear=True
            #> cut=True write=wait read=answer: available=False linear=True
            #> cut=True write=wait read=wait: available=False linear=True
            #> cut=False write=answer read=answer: available=True linear=True
            #> cut=False write=answer read=wait: available=True linear=True
            #> cut=False write=wait read=answer: available=True linear=True
            #> cut=False write=wait read=wait: available=True linear=True
