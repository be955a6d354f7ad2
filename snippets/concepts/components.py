"""A small store made of nodes, a network, a protocol and an algorithm.

Source: Attiya, Bar-Noy and Dolev, "Sharing Memory Robustly in Message-Passing
Systems", Journal of the ACM, 1995 (ask a majority, keep the newest); stamps
of several writers by number and name, as Lynch and Shvartsman, 1997.
Guarantee: a read that begins after a write has ended returns what was
written, or something newer. Every operation ends while a majority is up.
Assumes: clients do not crash, and a server's disk survives its crashes.
Left out: the write-back that makes two reads agree during a write.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from itertools import combinations
from random import Random

from snippets.simnet import (
    CancelTimer,
    Effect,
    Note,
    Send,
    SetTimer,
    Simulation,
)

PARTS = ("nodes", "network", "protocol", "algorithm")
SERVERS, CLIENTS = ("S1", "S2", "S3"), ("A", "B", "C", "D", "E")
SLOW_MS = {("A", "S3"): 60, ("E", "S2"): 30}  # one way; other links take 10


# --8<-- [start:algorithm]
@dataclass(frozen=True, order=True)
class Entry:
    """A value and its stamp; the order is by number, then by writer."""

    number: int = 0
    writer: str = ""
    value: str = ""


def newest(one: Entry, other: Entry) -> Entry:
    """The decision: the same whatever the order in which entries arrive."""
    return max(one, other)


def latest(one: Entry, other: Entry) -> Entry:
    """No decision: whatever arrived last."""
    return other
# --8<-- [end:algorithm]


# --8<-- [start:messages]
@dataclass(frozen=True)
class Query:
    step: int  # so that a late reply is not counted for another question
    key: str


@dataclass(frozen=True)
class Store:
    step: int
    key: str
    entry: Entry


@dataclass(frozen=True)
class Reply:
    step: int
    entry: Entry
# --8<-- [end:messages]


# --8<-- [start:node]
@dataclass
class Server:
    """A node: its own memory, its own disk, its own failures."""

    id: str
    keep: Callable[[Entry, Entry], Entry]
    entries: dict[str, Entry] = field(default_factory=dict)

    durable = ("entries",)

    def receive(self, sender: str, message: Query | Store) -> list[Effect]:
        entry = self.entries.get(message.key, Entry())
        if isinstance(message, Store):
            entry = self.keep(entry, message.entry)
            self.entries[message.key] = entry  # on disk before the reply
        return [Send(sender, Reply(message.step, entry))]
# --8<-- [end:node]


# --8<-- [start:protocol]
@dataclass
class Client:
    """The protocol: ask all, ask again, and go on when a majority replied.

    An operation abandons the one before it, if that has not ended.
    """

    id: str
    servers: tuple[str, ...]
    keep: Callable[[Entry, Entry], Entry]
    step: int = 0
    asked: Query | Store | None = None
    value: str | None = None  # what to write; None for a read
    replies: dict[str, Entry] = field(default_factory=dict)
    done: list[tuple[str, str, Entry]] = field(default_factory=list)

    def write(self, key: str, value: str) -> list[Effect]:
        self.value = value
        return self.ask(Query, key)

    def read(self, key: str) -> list[Effect]:
        self.value = None
        return self.ask(Query, key)

    def ask(self, kind: type, *content) -> list[Effect]:
        self.step += 1
        self.asked, self.replies = kind(self.step, *content), {}
        return self.timeout("again")

    def timeout(self, timer: str) -> list[Effect]:
        silent = [name for name in self.servers if name not in self.replies]
        sends = [Send(name, self.asked) for name in silent]
        return [*sends, SetTimer("again", 40)]

    def receive(self, sender: str, reply: Reply) -> list[Effect]:
        if self.asked is None or reply.step != self.asked.step:
            return []
        self.replies[sender] = reply.entry
        if len(self.replies) <= len(self.servers) // 2:
            return []
        entry = reduce(self.keep, self.replies.values())
        key, writes = self.asked.key, self.value is not None
        if writes and isinstance(self.asked, Query):
            new = Entry(entry.number + 1, self.id, self.value)
            return self.ask(Store, key, new)
        entry = self.asked.entry if writes else entry
        return self.end(key, entry)

    def end(self, key: str, entry: Entry) -> list[Effect]:
        what = "read" if self.value is None else "wrote"
        self.asked = None
        self.done.append((what, key, entry))
        note = Note(f"{what} {entry.value or 'nothing'}")
        return [CancelTimer("again"), note]
# --8<-- [end:protocol]


# --8<-- [start:careless]
class Careless(Client):
    """No protocol for writes: sends each once, and calls it done."""

    def write(self, key: str, value: str) -> list[Effect]:
        self.step, self.value = self.step + 1, value
        entry = Entry(self.step, self.id, value)
        store = Store(self.step, key, entry)
        sends = [Send(name, store) for name in self.servers]
        return [*sends, *self.end(key, entry)]
# --8<-- [end:careless]


# --8<-- [start:cluster]
def cluster(without: str = "", servers: tuple = SERVERS) -> Simulation:
    """Servers and clients; the network of fixed delays makes no promise.

    ``without`` is one of PARTS, or "". Raises ValueError for another name,
    and for no server at all.
    """
    if without not in ("", *PARTS):
        raise ValueError(f"unknown part {without!r}: use one of {PARTS}")
    if not servers:
        raise ValueError("a cluster has one server or more")

    def network(rng, sender, to, message):
        if without == "network":
            return ()
        link = (sender, to) if (sender, to) in SLOW_MS else (to, sender)
        return (SLOW_MS.get(link, 10),)

    def watch(node):
        entries = node.entries if isinstance(node, Server) else {}
        return (entries.get("drink", Entry()).value, "")

    servers = servers[:1] if without == "nodes" else servers
    keep = latest if without == "algorithm" else newest
    client = Careless if without == "protocol" else Client
    sim = Simulation(Random(0), network, watch=watch)
    for name in servers:
        sim.add(Server(name, keep))
    for name in CLIENTS:
        sim.add(client(name, servers, keep))
    return sim


def demo(without: str = "") -> Simulation:
    """Two writes at once, a write from behind a cut, a crash, two readers."""
    sim = cluster(without)
    servers = [name for name in SERVERS if name in sim.nodes]
    sim.at(10, sim.call, "A", "write", "drink", "tea")
    sim.at(25, sim.call, "B", "write", "drink", "coffee")
    sim.at(190, sim.cut, {"C"}, servers)
    sim.at(200, sim.call, "C", "write", "size", "large")
    sim.at(230, sim.heal)
    sim.at(350, sim.crash, "S1")
    for at_ms, key in ((400, "drink"), (600, "size")):
        for reader in ("D", "E"):
            sim.at(at_ms, sim.call, reader, "read", key)
    sim.run(until_ms=800)
    return sim
# --8<-- [end:cluster]


# --8<-- [start:outcome]
def outcome(sim: Simulation) -> tuple[int, list[str], list[str]]:
    """How many writes ended, and what D and E read of drink and of size."""
    def reads(name):
        found = {key: entry.value or "nothing"
                 for _, key, entry in sim.nodes[name].done}
        return [found.get(key, "no answer") for key in ("drink", "size")]

    writes = sum(len(sim.nodes[name].done) for name in ("A", "B", "C"))
    return writes, reads("D"), reads("E")
# --8<-- [end:outcome]


# --8<-- [start:survives]
def survives(size: int) -> int:
    """How many of size servers may be down while operations still end."""
    names = tuple(f"S{number}" for number in range(1, size + 1))
    for down in range(size + 1):
        sim = cluster(servers=names)
        for name in names[:down]:
            sim.crash(name)
        sim.at(10, sim.call, "A", "write", "drink", "tea")
        sim.at(500, sim.call, "B", "read", "drink")
        sim.run(until_ms=1000)
        if not (sim.nodes["A"].done and sim.nodes["B"].done):
            break
    return down - 1


def overlap(size: int) -> int:
    """The fewest servers that two majorities of size have in common."""
    groups = [set(group) for group in
              combinations(range(size), size // 2 + 1)]
    return min(len(one & other) for one in groups for other in groups)
# --8<-- [end:survives]


if __name__ == "__main__":
    print("without   | writes | D reads drink, size | E reads")
    #> without   | writes | D reads drink, size | E reads
    for part in ("", *PARTS):
        writes, d, e = outcome(demo(part))
        print(f"{part:9} | {writes} | {', '.join(d)} | {', '.join(e)}")
        #>           | 3 | coffee, large | coffee, large
        #> nodes     | 3 | no answer, no answer | no answer, no answer
        #> network   | 0 | no answer, no answer | no answer, no answer
        #> protocol  | 3 | coffee, nothing | coffee, nothing
        #> algorithm | 3 | tea, large | coffee, large

    for name in ("S2", "S3"):
        kept = demo("algorithm").nodes[name].entries["drink"].value
        print("without algorithm,", name, "keeps", kept)
        #> without algorithm, S2 keeps coffee
        #> without algorithm, S3 keeps tea

    sizes = (1, 2, 3, 4, 5, 7)
    print("servers:", sizes)
    #> servers: (1, 2, 3, 4, 5, 7)
    print("may be down:", tuple(survives(size) for size in sizes))
    #> may be down: (0, 0, 1, 1, 2, 3)
    print("majorities share:", tuple(overlap(size) for size in sizes))
    #> majorities share: (1, 2, 1, 2, 1, 1)

    sent = [event for event in demo().trace if event.kind == "sent"]
    write = [event for event in sent if "A" in (event.node, event.peer)]
    print("messages of one write:", len(write))
    #> messages of one write: 12
