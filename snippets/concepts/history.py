"""Sixty years of distributed systems as data, a landmark a period re-run.

Source: each milestone names its primary source, a key of
docs/reference/papers.bib, and carries that source's year. The landmarks:
Abramson 1970 and Roberts 1975 (ALOHA); Chandy and Lamport 1985, Example 2.1
and section 3.1 (snapshots); DeCandia et al. 2007, Figure 3 (vector clocks);
RFC 9562 of 2024, section 5.7 and appendix A.6 (UUID version 7).

Guarantee: problems(TIMELINE) is empty: every milestone has a source of its
own year, lies in its period, stands in order, and has already happened.
That says nothing about whether the choice is fair.
Left out: companies, products, and whatever has no primary source.
"""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise, product
from math import exp, log
from random import Random
from uuid import UUID


# --8<-- [start:data]
@dataclass(frozen=True)
class Milestone:
    year: int  # when the source appeared
    what: str  # short: it is the label in the picture
    who: str
    source: str  # key of docs/reference/papers.bib
    why: str


M = Milestone
PERIODS = {  # the article's four; both years belong to the period
    "1960s-70s": (1960, 1979),
    "1980s-90s": (1980, 1999),
    "2000s-10s": (2000, 2019),
    "2020s-30s": (2020, 2039),
}
# --8<-- [end:data]

TIMELINE = {
    "1960s-70s": (
        M(1964, "no centre", "Baran", "baran1964distributed",
          "Messages in blocks find their own way; no exchange is the centre."),
        M(1967, "packets", "Davies and others", "davies1967digital",
          "The same idea again, for computers that answer people quickly."),
        M(1969, "RFC 1", "Crocker", "crocker1969host",
          "The hosts of the ARPANET agree on a protocol among equals."),
        M(1970, "ALOHA", "Abramson", "abramson1970aloha",
          "Stations share one radio channel and nobody grants turns."),
        M(1974, "TCP", "Cerf, Kahn", "cerf1974protocol",
          "Gateways join unlike networks; reliability is up to the hosts."),
        M(1976, "Ethernet", "Metcalfe, Boggs", "metcalfe1976ethernet",
          "A local network without a controller: listen, collide, back off."),
        M(1978, "logical clocks", "Lamport", "lamport1978time",
          "Order comes from messages, not from the clock on the wall."),
        M(1979, "quorums", "Gifford", "gifford1979weighted",
          "Overlapping votes to read and write replace the one main copy."),
    ),
    "1980s-90s": (
        M(1981, "TCP/IP plan", "Postel", "postel1981ncp",
          "The whole ARPANET is to switch to TCP/IP by 1 January 1983."),
        M(1982, "Byzantine generals", "Lamport, Shostak, Pease",
          "lamport1982byzantine",
          "How many nodes are needed when some of them lie: 3f + 1."),
        M(1984, "RPC", "Birrell, Nelson", "birrell1984implementing",
          "A call to another machine is written like a local call."),
        M(1985, "FLP", "Fischer, Lynch, Paterson",
          "fischer1985impossibility",
          "Without bounds on delay, one crash can block agreement for ever."),
        M(1985, "snapshots", "Chandy, Lamport", "chandy1985distributed",
          "A state of the whole system is recorded without stopping it."),
        M(1989, "the Web", "Berners-Lee", "bernerslee1989information",
          "Documents that link across machines, with no register of links."),
        M(1997, "consistent hashing", "Karger and others",
          "karger1997consistent",
          "A new machine takes over its share of keys, and no others move."),
        M(1998, "Paxos", "Lamport", "lamport1998parttime",
          "Agreement that survives crashes, proved."),
    ),
    "2000s-10s": (
        M(2002, "CAP proved", "Gilbert, Lynch", "gilbert2002brewer",
          "Cut off from the rest, a node must refuse or risk being wrong."),
        M(2003, "GFS", "Ghemawat, Gobioff, Leung", "ghemawat2003google",
          "Failing parts are the normal case, and software makes up for it."),
        M(2004, "MapReduce", "Dean, Ghemawat", "dean2004mapreduce",
          "Two functions; the library sees to machines, faults, stragglers."),
        M(2007, "Dynamo", "DeCandia and others", "decandia2007dynamo",
          "Always writable, and the application merges what diverged."),
        M(2008, "Bitcoin", "Nakamoto", "nakamoto2008bitcoin",
          "One ledger among strangers, paid for with work."),
        M(2011, "CRDTs", "Shapiro and others", "shapiro2011comprehensive",
          "Data types whose copies converge without asking anyone."),
        M(2012, "Spanner", "Corbett and others", "corbett2012spanner",
          "Clocks with a known error order transactions around the world."),
        M(2014, "Raft", "Ongaro, Ousterhout", "ongaro2014search",
          "Consensus designed to be understood."),
    ),
    "2020s-30s": (
        M(2020, "Firecracker", "Agache and others", "agache2020firecracker",
          "A small virtual machine around the code of each stranger."),
        M(2021, "QUIC", "Iyengar, Thomson", "iyengar2021quic",
          "Streams over UDP, with encryption built in and not added on."),
        M(2021, "FoundationDB", "Zhou and others", "zhou2021foundationdb",
          "A database tested for years inside a deterministic simulation."),
        M(2021, "metastable failures", "Bronson and others",
          "bronson2021metastable",
          "Why an overload can outlive its cause, and stay."),
        M(2022, "DynamoDB", "Elhemali and others", "elhemali2022dynamodb",
          "Dynamo's name with consensus inside: the design changed sides."),
        M(2024, "UUIDv7", "Davis, Peabody, Leach", "davis2024uuid",
          "Names minted anywhere, sorted by time, with no one to ask."),
        M(2024, "10,000 GPUs", "Jiang and others", "jiang2024megascale",
          "One training job on so many machines that failure is the norm."),
        M(2025, "Eg-walker", "Gentle, Kleppmann", "gentle2025collaborative",
          "Text edited by many, merged without a server, in little memory."),
    ),
}


# --8<-- [start:problems]
def problems(timeline, written_in=2026):
    """What is wrong with a timeline {period: milestones}, one line each.

    written_in is a year; a milestone after it is a forecast.
    """
    found, used = [], Counter(
        m.source for milestones in timeline.values() for m in milestones)
    for period, milestones in timeline.items():
        if period not in PERIODS:
            found.append(f"{period}: no such period")
            continue
        first, last = PERIODS[period]
        for before, after in pairwise(milestones):
            if before.year > after.year:
                found.append(f"{after.what}: after {before.what}, but older")
        for m in milestones:
            if not m.source:
                found.append(f"{m.what}: no primary source")
            elif str(m.year) not in m.source:
                found.append(f"{m.what}: {m.source} is not of {m.year}")
            elif used[m.source] > 1:
                found.append(f"{m.what}: {m.source} is used twice")
            if m.year > written_in:
                found.append(f"{m.what}: {m.year} is a forecast")
            elif not first <= m.year <= last:
                found.append(f"{m.what}: {m.year} is not in the {period}")
    return found
# --8<-- [end:problems]


# --8<-- [start:article]
# The naive variant: the article's own account, as data of the same form.
ARTICLE = {
    "1960s-70s": (
        M(1960, "telephone systems", "", "", "One main node."),),
    "1980s-90s": (
        M(1976, "local networks", "Metcalfe, Boggs",
          "metcalfe1976ethernet", "Efficient and reliable."),),
    "2000s-10s": (
        M(1981, "the Internet", "Postel", "postel1981ncp", "Larger."),),
    "2020s-30s": (
        M(2035, "intelligent systems", "", "", "Larger, faster."),),
}
# --8<-- [end:article]


# --8<-- [start:aloha]
def throughput(load, rng, slotted=False, packets=200_000):
    """Share of an ALOHA channel that carries packets nobody collided with.

    load is packets started per packet time, fresh and repeated together, as
    a Poisson stream. Slotted stations wait for the next tick of a common
    clock. Expected: load e^(-2 load) without slots, load e^(-load) with.
    Raises ValueError if nothing is sent.
    """
    if load <= 0 or packets < 1:
        raise ValueError("load and packets must be above zero")
    gaps = [-log(1.0 - rng.random()) / load for _ in range(packets + 1)]
    if not slotted:  # clear for one packet time before and one after
        clear = sum(a > 1 and b > 1 for a, b in pairwise(gaps))
        return clear / sum(gaps[1:])
    now, started = 0.0, Counter()
    for gap in gaps:
        now += gap
        started[int(now)] += 1
    return sum(n == 1 for n in started.values()) / now
# --8<-- [end:aloha]


# --8<-- [start:snapshot]
def naive_counts():
    """How many tokens are seen when p, c, q and c' are each looked at alone.

    One token goes round p, channel c, q, channel c'. Each of the four is
    recorded at any of the four moments: 256 ways, tokens seen -> ways.
    """
    return Counter(sum(moment == place for place, moment in enumerate(looks))
                   for looks in product(range(4), repeat=4))


@dataclass(frozen=True)
class Process:
    has: bool  # the token
    inbox: tuple[str, ...] = ()  # its incoming channel, oldest first
    saved: bool | None = None  # its recorded state
    seen: int = 0  # tokens recorded as being in the incoming channel
    closed: bool = False  # the marker has come: the channel is recorded


def record(me, you):
    """Save me, and send the marker after everything I have sent so far."""
    return (replace(me, saved=me.has),
            replace(you, inbox=(*you.inbox, "marker")))


def moves(me, you, fifo):
    """What me may do next, as pairs (me, you)."""
    if me.saved is None and you.saved is None:  # anyone may begin
        yield record(me, you)
    if me.has:
        yield (replace(me, has=False),
               replace(you, inbox=(*you.inbox, "token")))
    for at in range(min(1, len(me.inbox)) if fifo else len(me.inbox)):
        now = replace(me, inbox=me.inbox[:at] + me.inbox[at + 1:])
        if me.inbox[at] == "marker":
            now, peer = record(now, you) if now.saved is None else (now, you)
            yield replace(now, closed=True), peer
        else:  # sent before the marker, received after I recorded
            late = now.saved is not None and not now.closed
            yield replace(now, has=True, seen=now.seen + late), you


def snapshots(fifo=True):
    """Every global state that the marker algorithm can record, as a set.

    A state is (p has it, q has it, tokens in c', tokens in c). All
    interleavings are explored; if messages may overtake each other the count
    has no bound, and the search stops at two tokens a channel.
    """
    todo, recorded = [(Process(has=True), Process(has=False))], set()
    known = set(todo)
    while todo:
        p, q = todo.pop()
        if p.closed and q.closed:
            recorded.add((p.saved, q.saved, p.seen, q.seen))
            continue
        reached = [*moves(p, q, fifo), *((a, b) for b, a in moves(q, p, fifo))]
        for pair in reached:
            if pair not in known and max(end.seen for end in pair) <= 2:
                known.add(pair)
                todo.append(pair)
    return recorded
# --8<-- [end:snapshot]


# --8<-- [start:dynamo]
def written_by(server, *read):
    """The clock of a write at server by a client that read these clocks."""
    clock = {name: max(c.get(name, 0) for c in read)
             for c in read for name in c}
    return clock | {server: clock.get(server, 0) + 1}


def descends(a, b):
    """Whether clock a has seen everything that b has."""
    return all(a.get(name, 0) >= n for name, n in b.items())


def figure_3():
    """The five versions of Dynamo's Figure 3, by name."""
    d1 = written_by("Sx")
    d2 = written_by("Sx", d1)
    d3, d4 = written_by("Sy", d2), written_by("Sz", d2)
    return {"D1": d1, "D2": d2, "D3": d3, "D4": d4,
            "D5": written_by("Sx", d3, d4)}
# --8<-- [end:dynamo]


# --8<-- [start:uuid]
def uuid7(now_ms, rand_a, rand_b):
    """A version 7 UUID: 48 bits of Unix milliseconds, then 12 and 62 random.

    Raises ValueError if a field does not fit into its bits.
    """
    for name, value, bits in (("now_ms", now_ms, 48), ("rand_a", rand_a, 12),
                              ("rand_b", rand_b, 62)):
        if not 0 <= value < 1 << bits:
            raise ValueError(f"{name} does not fit into {bits} bits")
    return UUID(int=now_ms << 80 | 7 << 76 | rand_a << 64 | 2 << 62 | rand_b)
# --8<-- [end:uuid]


def demo():
    """(landmark, year, what the paper says, what the run gives) a period."""
    rng = Random(1970)
    conflict = figure_3()
    return [
        ("pure ALOHA", 1970, f"{1 / (2 * exp(1)):.3f}",
         f"{throughput(0.5, rng):.3f}"),
        ("slotted ALOHA", 1975, f"{1 / exp(1):.3f}",
         f"{throughput(1.0, rng, slotted=True):.3f}"),
        ("single token", 1985, "4 states", f"{len(snapshots())} states"),
        ("Dynamo D5", 2007, "Sx 3, Sy 1, Sz 1",
         ", ".join(f"{s} {n}" for s, n in conflict["D5"].items())),
        ("UUIDv7", 2024, "017f22e2-79b0-7cc3",
         str(uuid7(0x017F22E279B0, 0xCC3, 0x18C4DC0C0C07398F))[:18]),
    ]


if __name__ == "__main__":
    size, wrong = sum(map(len, TIMELINE.values())), problems(TIMELINE)
    print(f"{size} milestones, {len(PERIODS)} periods, {len(wrong)} problems")
    #> 32 milestones, 4 periods, 0 problems
    for line in problems(ARTICLE):
        print("The article's", line)
        #> The article's telephone systems: no primary source
        #> The article's local networks: 1976 is not in the 1980s-90s
        #> The article's the Internet: 1981 is not in the 2000s-10s
        #> The article's intelligent systems: no primary source
        #> The article's intelligent systems: 2035 is a forecast
    print("landmark       year  paper               our run")
    #> landmark       year  paper               our run
    for landmark, year, paper, ours in demo():
        print(f"{landmark:13}  {year}  {paper:18}  {ours}")
        #> pure ALOHA     1970  0.184               0.183
        #> slotted ALOHA  1975  0.368               0.368
        #> single token   1985  4 states            4 states
        #> Dynamo D5      2007  Sx 3, Sy 1, Sz 1    Sx 3, Sy 1, Sz 1
        #> UUIDv7         2024  017f22e2-79b0-7cc3  017f22e2-79b0-7cc3
    print("tokens seen, naively:", dict(sorted(naive_counts().items())))
    #> tokens seen, naively: {0: 81, 1: 108, 2: 54, 3: 12, 4: 1}
    with_markers = sorted({sum(state) for state in snapshots()})
    print("tokens seen, with markers:", with_markers)
    #> tokens seen, with markers: [1]
    overtaken = sorted({sum(state) for state in snapshots(fifo=False)})
    print("if messages overtake each other:", overtaken[:3], "and more")
    #> if messages overtake each other: [0, 1, 2] and more
