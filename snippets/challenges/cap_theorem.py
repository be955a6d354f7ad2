"""CAP by trying everything, and PACELC by measuring it.

First every way in which two nodes that cannot hear each other may answer one
read or write each. Then four designs of a store in three regions, on a whole
network and on a cut one: what they refuse, how long they take, what is stale.

Source: Gilbert and Lynch, "Brewer's Conjecture and the Feasibility of
Consistent, Available, Partition-Tolerant Web Services", 2002, theorem 1;
Abadi, "Consistency Tradeoffs in Modern Distributed Database System Design",
2012 (PACELC: if partitioned, availability or consistency; else, latency or
consistency).
Guarantee: PC/EC is linearizable, cut or not. The others say what they lose.
Assumes clocks that agree: the largest stamp wins. Nodes do not fail.
Left out: electing another primary, which needs a majority.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from math import log
from random import Random

from snippets.simnet import CancelTimer, Send, SetTimer, Simulation

# --8<-- [start:theorem]
WRITE, READ = ("ok", "error", "wait"), ("nothing", 1, 2, "error", "wait")
WORLDS = [  # what is asked of A and of B, and who is asked first
    (a, b, first) for a, b in product(("", "write", "read"), repeat=2)
    for first in ("A", "B") if a or b]


def history(answer: Callable, world: tuple) -> list[tuple]:
    """What clients see: (node, asked, answered), in order, not overlapping.

    ``answer(node, asked, knows)`` is a policy; ``knows`` is what the node
    has been told of the other: "" or the value written there before.
    """
    a, b, first = world
    order = [("A", a, 1), ("B", b, 2)]
    seen, told = [], ""
    for node, asked, value in order if first == "A" else order[::-1]:
        if asked:
            answered = answer(node, asked, told)
            seen.append((node, asked, answered))
            if asked == "write" and answered == "ok":
                told = value
    return seen


def available(seen: list) -> bool:
    """Each request is answered; an error is no answer (section 2.2)."""
    return all(answered not in ("error", "wait") for *_, answered in seen)


def consistent(seen: list) -> bool:
    """Whether reads return the last write; one that waits is undecided."""
    may_hold = {"nothing"}
    for node, asked, answered in seen:
        value = 1 if node == "A" else 2
        if asked == "write" and answered == "ok":
            may_hold = {value}
        elif asked == "write" and answered == "wait":
            may_hold = may_hold | {value}
        elif asked == "read" and answered not in ("error", "wait"):
            if answered not in may_hold:
                return False
    return True


def count_policies(cut: bool) -> tuple[int, int, int, int]:
    """All policies: how many, available in each world, consistent in each
    world, both. Behind a cut a node knows only what it was asked itself."""
    views = ("",) if cut else ("", "told")
    reads = list(product(READ, repeat=len(views)))
    total = answering = right = both = 0
    for wa, wb, ra, rb in product(WRITE, WRITE, reads, reads):
        table = {"A": (wa, dict(zip(views, ra))),
                 "B": (wb, dict(zip(views, rb)))}

        def answer(node, asked, knows, table=table):
            write, read = table[node]
            view = "told" if knows and not cut else ""
            return write if asked == "write" else read[view]

        runs = [history(answer, world) for world in WORLDS]
        a, c = all(map(available, runs)), all(map(consistent, runs))
        total, answering, right, both = (
            total + 1, answering + a, right + c, both + (a and c))
    return total, answering, right, both
# --8<-- [end:theorem]


# --8<-- [start:region]
@dataclass(frozen=True)
class Write:
    op: int  # 0: a copy from another region, which nobody waits for
    stamp: tuple
    value: str


@dataclass(frozen=True)
class Read:
    op: int


@dataclass(frozen=True)
class Reply:
    op: int
    stamp: tuple
    value: str | None


REGIONS = ("New York", "London", "Tokyo")
PRIMARY = "New York"
# One way, in ms: 5,570, 10,850 and 9,560 km at the speed of light in glass.
ONE_WAY_MS = {("London", "New York"): 27, ("New York", "Tokyo"): 53,
              ("London", "Tokyo"): 47}


@dataclass
class Region:
    id: str
    stamp: tuple = (0, "")
    value: str | None = None

    def start(self) -> list:
        return [SetTimer("sync", 100)]

    def others(self) -> list:
        copy = Write(0, self.stamp, self.value)
        return [Send(to, copy) for to in REGIONS if to != self.id]

    def receive(self, sender: str, message) -> list:
        news = isinstance(message, Write) and message.stamp > self.stamp
        if news:
            self.stamp, self.value = message.stamp, message.value
        if not message.op:
            return []
        reply = Send(sender, Reply(message.op, self.stamp, self.value))
        return [reply, *(self.others() if news else [])]

    def timeout(self, timer: str) -> list:
        # Again and again: what was lost at a cut arrives after it.
        return [*self.others(), *self.start()]
# --8<-- [end:region]


# --8<-- [start:client]
@dataclass
class Client:
    """Beside one region; reads and writes in turns, and keeps the history.

    ``partitioned`` "A": when the primary is silent, ask the own region;
    "C": refuse. ``otherwise`` "L": read at the own region; "C": at the
    primary. Only PA/EL writes at home: nothing else needs the primary.
    """

    id: str
    region: str
    now: Callable[[], int] = field(repr=False)
    rng: Random = field(repr=False)
    partitioned: str
    otherwise: str
    todo: int = 0
    patience_ms: int = 200
    log: list = field(default_factory=list)
    message: object = None

    def start(self) -> list:
        pause_ms = 1 + int(exponential(self.rng, 60))
        return [SetTimer("next", pause_ms)] if self.todo else []

    def ask(self, f: str) -> list:
        number, stamp = len(self.log) + 1, (self.now(), self.id)
        value = f"{self.id}{number}" if f == "write" else None
        self.message = Read(number) if f == "read" else Write(
            number, stamp, value)
        self.log.append({"p": self.id, "f": f, "arg": value, "res": None,
                         "inv": self.now(), "ret": None, "stamp": stamp,
                         "home": False})
        local = self.otherwise == "L" and (
            f == "read" or self.partitioned == "A")
        return [Send(self.region if local else PRIMARY, self.message),
                SetTimer("patience", self.patience_ms)]

    def timeout(self, timer: str) -> list:
        if timer == "next":
            self.todo -= 1
            return self.ask("read" if self.rng.random() < 0.6 else "write")
        if self.partitioned == "A":
            self.log[-1]["home"] = True
            return [Send(self.region, self.message)]
        return self.start()  # refused; a write may be done one day

    def receive(self, sender: str, message: Reply) -> list:
        op = self.log[-1]
        if message.op != len(self.log) or op["ret"] is not None:
            return []  # too late, or the second answer
        op["ret"] = self.now()
        if op["f"] == "read":
            op["res"], op["stamp"] = message.value, message.stamp
        return [CancelTimer("patience"), *self.start()]
# --8<-- [end:client]


def exponential(rng: Random, mean: float) -> float:
    return -log(1.0 - rng.random()) * mean


DESIGNS = {f"P{p}/E{e}": (p, e) for p in "AC" for e in "LC"}


# --8<-- [start:run]
def run(rng: Random, partitioned: str, otherwise: str, cut: str = "",
        todo: int = 5, patience_ms: int = 200, jitter_ms: float = 2,
        check=None) -> Simulation:
    """Three clients, one beside each region; ``cut`` is the region that is
    isolated with its client, or ""."""
    def delay(rng, sender, to, message):
        ends = tuple(sorted(place.removeprefix("at ") for place
                            in (sender, to)))
        base = ONE_WAY_MS.get(ends, 0)
        return (1 + base + int(exponential(rng, jitter_ms)),)

    sim = Simulation(rng, delay)
    for name in REGIONS:
        sim.add(Region(name))
    for name in REGIONS:
        sim.add(Client(f"at {name}", name, sim.clock(), rng, partitioned,
                       otherwise, todo, patience_ms))
    if cut:
        names = [*REGIONS, *(f"at {name}" for name in REGIONS)]
        alone = {cut, f"at {cut}"}
        sim.partition(alone, set(names) - alone)
    sim.run(until_ms=todo * 800, check=check)
    return sim


def operations(sim: Simulation) -> list[dict]:
    """The history, in the order of the calls."""
    return sorted((op for node in sim.nodes.values()
                   if isinstance(node, Client) for op in node.log),
                  key=lambda op: op["inv"])
# --8<-- [end:run]


# --8<-- [start:measure]
def stale(ops: list[dict]) -> int:
    """Reads that are older than a write which had returned before them."""
    count = 0
    for read in ops:
        if read["f"] == "read" and read["ret"] is not None:
            done = [op["stamp"] for op in ops if op["f"] == "write"
                    and op["ret"] is not None and op["ret"] < read["inv"]]
            count += any(stamp > read["stamp"] for stamp in done)
    return count


def measure(histories: list) -> dict:
    """Over all operations: refused, the share without an answer; read_ms and
    write_ms, the mean of those with one; stale, the share of the reads."""
    every = [op for ops in histories for op in ops]
    took = {f: [op["ret"] - op["inv"] for op in every
                if op["f"] == f and op["ret"] is not None]
            for f in ("read", "write")}
    return {"refused": sum(op["ret"] is None for op in every) / len(every),
            "read_ms": sum(took["read"]) / len(took["read"]),
            "write_ms": sum(took["write"]) / len(took["write"]),
            "stale": sum(map(stale, histories)) / len(took["read"])}
# --8<-- [end:measure]


# --8<-- [start:demo]
def demo(cut: str, runs: int = 40) -> dict[str, dict]:
    """Each design's measures, on a whole network or with a region cut off."""
    return {name: measure([operations(run(Random(seed), *policy, cut=cut))
                           for seed in range(runs)])
            for name, policy in DESIGNS.items()}
# --8<-- [end:demo]


if __name__ == "__main__":
    for cut in True, False:
        total, answering, right, both = count_policies(cut)
        line = f"{answering} available, {right} consistent, {both} both"
        print(f"{cut=}: {total} policies, {line}")
        #> cut=True: 225 policies, 9 available, 64 consistent, 0 both
        #> cut=False: 5625 policies, 81 available, 1521 consistent, 1 both

    for cut in "", "Tokyo":
        for name, row in demo(cut).items():
            read_ms, write_ms = row["read_ms"], row["write_ms"]
            times = f"read {read_ms:.0f}, write {write_ms:.0f} ms"
            lost = f"refused {row['refused']:.1%}, stale {row['stale']:.1%}"
            print(f"{cut or 'whole':6} {name}: {times}, {lost}")
            #> whole  PA/EL: read 5, write 5 ms, refused 0.0%, stale 26.6%
            #> whole  PA/EC: read 58, write 59 ms, refused 0.0%, stale 0.0%
            #> whole  PC/EL: read 5, write 57 ms, refused 0.0%, stale 11.5%
            #> whole  PC/EC: read 58, write 59 ms, refused 0.0%, stale 0.0%
            #> Tokyo  PA/EL: read 5, write 5 ms, refused 0.0%, stale 47.4%
            #> Tokyo  PA/EC: read 89, write 91 ms, refused 0.0%, stale 22.3%
            #> Tokyo  PC/EL: read 5, write 30 ms, refused 13.2%, stale 30.4%
            #> Tokyo  PC/EC: read 31, write 34 ms, refused 33.3%, stale 0.0%
