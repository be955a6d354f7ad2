"""Quorums: which sets of copies must meet, how long others stay stale, and
what meeting does not give.

Source: Gifford, "Weighted Voting for Replicated Data", 1979 (votes, r + w >
n); Bailis et al., "Probabilistically Bounded Staleness for Practical Partial
Quorums", 2012, section 5 (the WARS model, the fits to production latencies);
DeCandia et al., "Dynamo", 2007, section 4.6 (sloppy quorum, hinted handoff);
Attiya, Bar-Noy and Dolev, 1995 (the write-back). N, R, W as in the papers.
Guarantee: if r + w > n, every read quorum shares a copy with every write
quorum. Not with hints: then a quorum may hold none of the copies.
Assumes versions that grow with every write, from one writer at a time.
Left out: read repair, anti-entropy, concurrent writers.
"""

from dataclasses import dataclass, field
from itertools import combinations, product
from math import log
from random import Random

from snippets.simnet import CancelTimer, Note, Send, SetTimer, Simulation


# --8<-- [start:overlap]
def overlap(n: int, r: int, w: int) -> int:
    """The fewest copies that a read and a write quorum share, by trying."""
    check_quorums(n, r, w)
    return min(len(set(reads) & set(writes))
               for reads in combinations(range(n), r)
               for writes in combinations(range(n), w))


def blocking(votes: tuple, quorum: int, up: float) -> float:
    """The probability that the copies that are up have too few votes.

    Each copy is up with probability ``up``, independently (Gifford 1979).
    """
    blocked = 0.0
    for alive in product((True, False), repeat=len(votes)):
        if sum(vote for vote, on in zip(votes, alive) if on) < quorum:
            chance = 1.0
            for on in alive:
                chance *= up if on else 1 - up
            blocked += chance
    return blocked
# --8<-- [end:overlap]


def check_quorums(n: int, r: int, w: int) -> None:
    if not (1 <= r <= n and 1 <= w <= n):
        raise ValueError(f"r={r} and w={w} must be between 1 and n={n}")


# --8<-- [start:wars]
def mixture(share: float, minimum_ms: float, shape: float, rate: float):
    """Milliseconds: Pareto for this share of messages, else exponential."""
    def draw(rng: Random) -> float:
        pareto, left = rng.random() < share, 1.0 - rng.random()
        return minimum_ms * left ** (-1 / shape) if pareto else -log(
            left) / rate
    return draw


SSD = mixture(0.9122, 0.235, 10, 1.66)
DISK_WRITE = mixture(0.38, 1.05, 1.51, 0.183)
YAMMER_WRITE = mixture(0.939, 3, 3.35, 0.0028)
YAMMER = mixture(0.982, 1.5, 3.8, 0.0217)
# W a write on its way, A its acknowledgement, R a read request, S its
# response (Bailis et al. 2012, Table 3); last, what another datacentre adds.
FITS = {
    "LNKD-SSD": (SSD, SSD, SSD, SSD, 0),
    "LNKD-DISK": (DISK_WRITE, SSD, SSD, SSD, 0),
    "YMMR": (YAMMER_WRITE, YAMMER, YAMMER, YAMMER, 0),
    "WAN": (DISK_WRITE, SSD, SSD, SSD, 75),
    # Not the paper's: writes 10 ms on average, all else next to nothing.
    "exponential": (mixture(0, 1, 1, 0.1), *3 * [mixture(0, 1, 1, 1000)], 0),
}


def draw(fit: str, n: int, trials: int, rng: Random) -> list:
    """For each trial, (W, A, R, S) of each copy, in ms.

    In a WAN the writer and the reader sit beside a copy each, at random.
    """
    *legs, far_ms = FITS[fit]
    drawn = []
    for _ in range(trials):
        copies = [[leg(rng) for leg in legs] for _ in range(n)]
        if far_ms:
            writer, reader = int(rng.random() * n), int(rng.random() * n)
            for i, copy in enumerate(copies):
                for leg, home in enumerate((writer, writer, reader, reader)):
                    copy[leg] += far_ms if i != home else 0
        drawn.append(copies)
    return drawn


def outcomes(drawn: list, r: int, w: int) -> tuple[list, list, list]:
    """Of each trial, sorted: the ms a read and a write took, and for how
    long after the write's return a read could begin and miss it."""
    reads, writes, windows = [], [], []
    for copies in drawn:
        commit = sorted(W + A for W, A, R, S in copies)[w - 1]
        first = sorted((R + S, W - R) for W, A, R, S in copies)[:r]
        reads.append(first[-1][0])
        writes.append(commit)
        # A copy answers with the new value if the read reaches it after the
        # write: commit + t + R >= W. One of the first r is enough.
        windows.append(max(0.0, min(late for _, late in first) - commit))
    return sorted(reads), sorted(writes), sorted(windows)
# --8<-- [end:wars]


# --8<-- [start:simulate]
def simulate(n: int, r: int, w: int, fit: str, trials: int, rng: Random,
             after_ms: float = 0.0) -> dict:
    """The WARS model: a write to n copies, then a read of all, of which the
    first w acknowledgements and the first r responses count.

    ``fit`` is one of FITS. Returned are
      consistent  probability that a read that begins ``after_ms`` after the
                  write's return finds it
      visible_ms  {50: .., 99: .., 99.9: ..}: so many per cent of the writes
                  are seen by reads that begin so many ms after their return
      read_ms, write_ms  the same percentiles of the time they take
    """
    check_quorums(n, r, w)
    if fit not in FITS:
        raise ValueError(f"unknown fit {fit!r}: use one of {', '.join(FITS)}")
    if trials < 1 or after_ms < 0:
        raise ValueError(f"{trials} trials, {after_ms} ms: use at least one, "
                         "and a time after the write")
    return summary(*outcomes(draw(fit, n, trials, rng), r, w), after_ms)
# --8<-- [end:simulate]


def summary(reads: list, writes: list, windows: list,
            after_ms: float = 0.0) -> dict:
    def percentiles(values):
        return {p: values[min(int(len(values) * p / 100), len(values) - 1)]
                for p in (50, 99, 99.9)}

    fresh = sum(window <= after_ms for window in windows)
    return {"consistent": fresh / len(windows),
            "visible_ms": percentiles(windows),
            "read_ms": percentiles(reads), "write_ms": percentiles(writes)}


# --8<-- [start:schedules]
def schedules(n: int, r: int, write_back: bool) -> tuple[int, int]:
    """All schedules of one slow write and two reads, one after the other:
    how many there are, and in how many the second read is older.

    The write arrives at each copy before the first read, between the two, or
    after both. A read asks r copies; ``write_back`` first stores what it
    returns at n - r + 1 copies, so that every later read meets one.
    """
    total = turned = 0
    quorums = list(combinations(range(n), r))
    for arrival in product(("before", "between", "after"), repeat=n):
        for first, second in product(quorums, repeat=2):
            holds = {i for i in range(n) if arrival[i] == "before"}
            new = bool(holds & set(first))
            stores = [()]
            if new and write_back:
                stores = combinations(range(n), n - r + 1)
            for stored in stores:
                then = holds | set(stored) | {
                    i for i in range(n) if arrival[i] == "between"}
                total += 1
                turned += new and not then & set(second)
    return total, turned
# --8<-- [end:schedules]


# --8<-- [start:copy]
HOME, SPARE = ("A", "B", "C"), ("D", "E")  # the preference list, the next


@dataclass(frozen=True)
class Get:
    op: int


@dataclass(frozen=True)
class Put:
    op: int
    version: int
    value: str
    hint: str = ""  # the copy it is meant for


@dataclass(frozen=True)
class Answer:
    op: int
    version: int
    value: str


@dataclass
class Copy:
    id: str
    version: int = 0
    value: str = "nothing"
    hints: dict = field(default_factory=dict)  # home: the Put kept for it

    durable = ("version", "value", "hints")

    def receive(self, sender: str, message) -> list:
        if isinstance(message, Answer):  # a home has what we kept for it
            kept = self.hints.get(sender)
            if kept and kept.version <= message.version:
                del self.hints[sender]
            return []
        if isinstance(message, Put) and message.hint:
            self.hints[message.hint] = message
            answer = Answer(message.op, message.version, message.value)
            return [Send(sender, answer), SetTimer("handoff", 50)]
        if isinstance(message, Put) and message.version > self.version:
            self.version, self.value = message.version, message.value
        return [Send(sender, Answer(message.op, self.version, self.value))]

    def timeout(self, timer: str) -> list:
        puts = [Send(home, Put(0, put.version, put.value))
                for home, put in self.hints.items()]
        return [*puts, SetTimer("handoff", 50)] if puts else []
# --8<-- [end:copy]


# --8<-- [start:client]
@dataclass
class Client:
    """Writes to all home copies, or reads from them; w or r answers do.

    After 20 ms a sloppy writer asks spare copies to keep what it could not
    deliver. After 60 ms a client gives up.
    """

    id: str
    r: int = 2
    w: int = 2
    sloppy: bool = False
    op: int = 0
    need: int = 0  # 0: nothing is under way
    message: object = None
    answers: dict = field(default_factory=dict)  # copy: its answer
    log: list = field(default_factory=list)

    def write(self, version: int, value: str) -> list:
        return self.ask(Put(self.op + 1, version, value), self.w)

    def read(self) -> list:
        return self.ask(Get(self.op + 1), self.r)

    def ask(self, message, need: int) -> list:
        self.op, self.message = message.op, message
        self.need, self.answers = need, {}
        return [*(Send(to, message) for to in HOME),
                SetTimer("spare", 20), SetTimer("give up", 60)]

    def receive(self, sender: str, message: Answer) -> list:
        if message.op != self.op or not self.need:
            return []
        self.answers[sender] = message
        if len(self.answers) < self.need:
            return []
        self.need = 0
        newest = max(self.answers.values(), key=lambda a: a.version)
        did = "wrote" if isinstance(self.message, Put) else "read"
        return [CancelTimer("spare"), CancelTimer("give up"),
                *self.tell(did, newest.version, newest.value)]

    def timeout(self, timer: str) -> list:
        if timer == "give up":
            self.need = 0
            return self.tell("gave up", 0, "")
        if not self.sloppy or isinstance(self.message, Get):
            return []
        missing = [home for home in HOME if home not in self.answers]
        return [Send(spare, Put(self.op, self.message.version,
                                self.message.value, hint=home))
                for spare, home in zip(SPARE, missing)]

    def tell(self, did: str, version: int, value: str) -> list:
        self.log.append((did, version, tuple(sorted(self.answers))))
        return [Note(f"{did} {value}".strip())]
# --8<-- [end:client]


# --8<-- [start:demo]
def demo(sloppy: bool = True, check=None) -> Simulation:
    """Ann writes beside C, D and E; bob reads beside A and B; the network is
    cut between them until 200 ms."""
    sim = Simulation(Random(0), delay=lambda *_: (5,),
                     watch=lambda node: vars(node).get("value", ""))
    for name in HOME + SPARE:
        sim.add(Copy(name))
    for name in "ann", "bob":
        sim.add(Client(name, sloppy=sloppy))
    for at_ms, action, *what in (
        (1, sim.call, "ann", "write", 1, "red"),
        (30, sim.partition, {"ann", "C", "D", "E"}, {"bob", "A", "B"}),
        (40, sim.call, "ann", "write", 2, "blue"),
        (120, sim.call, "bob", "read"),
        (200, sim.heal),
        (260, sim.call, "bob", "read"),
    ):
        sim.at(at_ms, action, *what)
    sim.run(until_ms=300, check=check)
    return sim
# --8<-- [end:demo]


if __name__ == "__main__":
    for n, r, w in (3, 1, 1), (3, 2, 2), (3, 1, 3), (4, 2, 2), (5, 3, 3):
        print(f"n={n} r={r} w={w}: at least {overlap(n, r, w)} in common")
        #> n=3 r=1 w=1: at least 0 in common
        #> n=3 r=2 w=2: at least 1 in common
        #> n=3 r=1 w=3: at least 1 in common
        #> n=4 r=2 w=2: at least 0 in common
        #> n=5 r=3 w=3: at least 1 in common

    for fit in "LNKD-SSD", "LNKD-DISK", "YMMR", "WAN":
        found = simulate(3, 1, 1, fit, 4_000, Random(7))
        later = f"99.9% after {found['visible_ms'][99.9]:.1f} ms"
        print(f"{fit}: {found['consistent']:.1%} at once, {later}")
        #> LNKD-SSD: 97.5% at once, 99.9% after 1.7 ms
        #> LNKD-DISK: 43.7% at once, 99.9% after 47.1 ms
        #> YMMR: 88.8% at once, 99.9% after 1455.0 ms
        #> WAN: 33.3% at once, 99.9% after 110.9 ms
    drawn = draw("YMMR", 3, 4_000, Random(7))
    for r, w in (1, 1), (2, 1), (2, 2):
        found = summary(*outcomes(drawn, r, w))
        read, write = found["read_ms"][99.9], found["write_ms"][99.9]
        times = f"p99.9 read {read:.0f} ms, write {write:.0f} ms"
        print(f"r={r} w={w}: {times}, {found['consistent']:.1%} consistent")
        #> r=1 w=1: p99.9 read 6 ms, write 11 ms, 88.8% consistent
        #> r=2 w=1: p99.9 read 39 ms, write 11 ms, 99.0% consistent
        #> r=2 w=2: p99.9 read 39 ms, write 374 ms, 100.0% consistent

    for write_back in False, True:
        total, turned = schedules(3, 2, write_back)
        print(f"{write_back=}: new, then old in {turned} of {total}")
        #> write_back=False: new, then old in 6 of 243
        #> write_back=True: new, then old in 0 of 513

    for event in demo().trace:
        if event.kind == "note":
            print(f"{event.at_ms} ms: {event.node} {event.what}")
            #> 11 ms: ann wrote red
            #> 70 ms: ann wrote blue
            #> 130 ms: bob read red
            #> 270 ms: bob read blue
    for sloppy in False, True:
        did, version, copies = demo(sloppy).nodes["ann"].log[-1]
        print(f"{sloppy=}: ann {did} with {', '.join(copies)}")
        #> sloppy=False: ann gave up with C
        #> sloppy=True: ann wrote with C, D

    print(f"{blocking((1, 1, 1), 2, up=0.99):.6f} with 3 copies and 2 votes")
    #> 0.000298 with 3 copies and 2 votes
    print(f"{blocking((2, 1, 1), 2, up=0.99):.6f} with votes 2, 1, 1")
    #> 0.000199 with votes 2, 1, 1
