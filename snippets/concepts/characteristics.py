"""One request loop, and what each of four characteristics does to it.

A client makes 36 deposits of 100 cents into 12 accounts on three servers, one
after the other. Then one characteristic at a time is switched on: the servers
are far away, one fails alone, one orders its bytes the other way, one leaves.

Source: the four are those of the article; what each costs is in Waldo, Wyant,
Wollrath and Kendall, "A Note on Distributed Computing", 1994, section 4
(latency, partial failure), RFC 4506 section 4.1 (byte order), and Blake and
Rodrigues, "High Availability, Scalable Storage, Dynamic Peer Networks: Pick
Two", 2003 (machines that come and go).
Guarantee: with the mend of its characteristic every deposit that was answered
is booked once, and nothing that was not sent is booked.
Assumes: a machine that fails stops; a hand-over is complete before the next
request comes.
Left out: retries, so no deposit is booked twice; the time a hand-over takes.
"""

import struct
from dataclasses import dataclass, field
from math import ceil, comb
from random import Random

from snippets.simnet import CancelTimer, Send, SetTimer, Simulation, uniform

REQUESTS, ACCOUNTS, CENTS = 36, 12, 100
TRAITS = ("none", "geographic", "independent", "heterogeneous", "dynamic")
LIGHT_KM_PER_MS = 299.792458  # in a vacuum; in glass divide by the index


# --8<-- [start:floor]
def rtt_floor_ms(km: float, index: float = 1.468) -> float:
    """The least round trip over km, in ms; the index of glass, 1 for vacuum.

    Raises ValueError for a negative distance or an index below 1.
    """
    if km < 0 or index < 1:
        raise ValueError(f"no light travels {km} km at index {index}")
    return 2 * km * index / LIGHT_KM_PER_MS
# --8<-- [end:floor]


# --8<-- [start:bytes]
def pack(order: str, number: int, cents: int) -> bytes:
    """A message: one byte of number, four of cents, in "<" or ">" order."""
    return struct.pack(order + "BI", number, cents)


@dataclass
class Server:
    id: str
    order: str = "<"  # how it lays out the bytes of a number
    balances: dict = field(default_factory=dict)  # account: cents

    def receive(self, sender, message):
        number, cents = struct.unpack(self.order + "BI", message)
        account = number % ACCOUNTS
        # A sum of 32 bits, as in hardware: the carry out of it is dropped.
        balance = (self.balances.get(account, 0) + cents) % 2**32
        self.balances[account] = balance
        return [Send(sender, pack(self.order, number, balance))]
# --8<-- [end:bytes]


# --8<-- [start:client]
@dataclass
class Client:
    id: str
    servers: list  # account a is kept by servers[a % 3]
    order: str = "<"
    window: int = 1  # requests on their way at once
    timeout_ms: int = 0  # 0 waits for ever, as a call in one machine may
    sent: int = 0
    answers: dict = field(default_factory=dict)  # number: balance as read
    unknown: list = field(default_factory=list)  # given up: done or not?

    def start(self):
        return [step for _ in range(self.window) for step in self.ask()]

    def ask(self):
        if self.sent == REQUESTS:
            return []
        number, self.sent = self.sent, self.sent + 1
        owner = self.servers[number % ACCOUNTS % len(self.servers)]
        effects = [Send(owner, pack(self.order, number, CENTS))]
        if self.timeout_ms:
            effects.append(SetTimer(str(number), self.timeout_ms))
        return effects

    def receive(self, sender, message):
        number, balance = struct.unpack(self.order + "BI", message)
        if number in self.unknown:  # too late: another was asked instead
            return []
        self.answers[number] = balance
        return [CancelTimer(str(number)), *self.ask()]

    def timeout(self, timer):
        self.unknown.append(int(timer))
        return self.ask()
# --8<-- [end:client]


# --8<-- [start:run]
def run(trait: str, mended: bool = False, lost: str = "request", check=None):
    """The finished Simulation of the loop with one characteristic on.

    ``mended`` adds the remedy. ``lost`` says what an independent failure
    takes: the "request" (server down) or the "reply" (link down).
    Raises ValueError for an unknown characteristic.
    """
    if trait not in TRAITS:
        raise ValueError(f"unknown {trait!r}: use one of {TRAITS}")
    far = rtt_floor_ms(5570 if trait == "geographic" else 0)
    hop_ms = max(1, ceil(far / 2))  # next door a message takes 1 ms
    sim = Simulation(Random(1), delay=uniform(hop_ms, hop_ms))
    client = Client("client", ["S1", "S2", "S3"])
    servers = [Server("S1"), Server("S2"), Server("S3"), Server("S4")]
    if trait == "geographic" and mended:
        client.window = ACCOUNTS  # the floor stays; wait for many at once
    if trait == "independent":
        client.timeout_ms = 20 * mended
        if lost == "request":
            sim.at(39, sim.crash, "S2")
        else:
            sim.at(40, sim.partition, ["client"], ["S2"])
    if trait == "heterogeneous":
        servers[2].order = ">"
        if mended:  # one order on the wire, whatever the machine's own is
            for machine in (client, *servers):
                machine.order = ">"
    if trait == "dynamic":
        sim.at(36, replace, sim, "S2", "S4", mended)
    for machine in (*servers, client):
        sim.add(machine)
    sim.run(until_ms=REQUESTS * (2 * hop_ms + 20), check=check)
    return sim


def replace(sim, old: str, new: str, hand_over: bool) -> None:
    """One server leaves for good; an empty one takes over its accounts."""
    if hand_over:
        sim.nodes[new].balances.update(sim.nodes[old].balances)
    sim.crash(old)
    directory = sim.nodes["client"].servers
    directory[directory.index(old)] = new
# --8<-- [end:run]


# --8<-- [start:books]
def books(nodes: dict) -> tuple[int, int, int]:
    """Cents that were answered, are booked, were sent: they never decrease.

    Booked is what the servers of the directory hold, in their own reading.
    """
    client = nodes["client"]
    held = [nodes[name].balances.values() for name in client.servers]
    booked = sum(map(sum, held))
    return CENTS * len(client.answers), booked, CENTS * client.sent
# --8<-- [end:books]


@dataclass(frozen=True)
class Row:
    """What the client saw of one run, and what the servers hold after it."""

    trait: str
    mended: bool
    right: int
    wrong: int  # answered, with another balance than the deposits make
    silent: int  # asked, never answered
    unasked: int
    wait_ms: float  # from a request to its answer, mean
    end_ms: int  # the client's last step
    booked: int  # cents


def summary(trait: str, mended: bool = False) -> Row:
    """Run the loop and count its outcomes."""
    sim = run(trait, mended)
    client, answers = sim.nodes["client"], sim.nodes["client"].answers
    right = sum(balance == CENTS * (number // ACCOUNTS + 1)
                for number, balance in answers.items())
    mine = [event for event in sim.trace if event.node == client.id]
    sent = {e.what[0]: e.at_ms for e in mine if e.kind == "sent"}
    waits = [e.at_ms - sent[e.what[0]] for e in mine if e.kind == "received"]
    return Row(trait, mended, right, len(answers) - right,
               client.sent - len(answers), REQUESTS - client.sent,
               sum(waits) / len(waits), mine[-1].at_ms, books(sim.nodes)[1])


def demo() -> list[Row]:
    """The loop as it is, then each characteristic bare and mended."""
    return [summary("none")] + [
        summary(trait, mended)
        for trait in TRAITS[1:] for mended in (False, True)]


# --8<-- [start:churn]
def kept(nodes: int, copies: int, replaced: int, repair_every: int,
         rng: Random) -> list[float]:
    """Share of keys left after each of ``replaced`` random replacements.

    Key k starts on ``copies`` nodes, k and those after it. A replaced node
    is empty. After every ``repair_every`` replacements (0: never) each key
    that has a copy left is copied back to all of its nodes.
    Raises ValueError unless 1 <= copies <= nodes.
    """
    if not 1 <= copies <= nodes:
        raise ValueError(f"{copies} copies do not fit on {nodes} nodes")
    home = [{(k + c) % nodes for c in range(copies)} for k in range(nodes)]
    holders, left = [set(h) for h in home], []
    for step in range(1, replaced + 1):
        gone = int(rng.random() * nodes)
        for held in holders:
            held.discard(gone)
        if repair_every and step % repair_every == 0:
            holders = [set(h) if held else held
                       for h, held in zip(home, holders, strict=True)]
        left.append(sum(map(bool, holders)) / nodes)
    return left


def kept_expected(nodes: int, copies: int, replaced: int) -> float:
    """The same without repair: some copy was never hit (inclusion and
    exclusion over the copies)."""
    return sum((-1) ** (c + 1) * comb(copies, c) * (1 - c / nodes) ** replaced
               for c in range(1, copies + 1))
# --8<-- [end:churn]



if __name__ == "__main__":
    print("                 right wrong silent unasked  wait   end  booked")
    #>                  right wrong silent unasked  wait   end  booked
    for row in demo():
        line = f"{row.trait + ' +' * row.mended:15}{row.right:7}{row.wrong:6}"
        line += f"{row.silent:7}{row.unasked:8}{row.wait_ms:6.1f}"
        print(f"{line}{row.end_ms:6}  {row.booked}")
        #> none                36     0      0       0   2.0    72  3600
        #> geographic          36     0      0       0  56.0  2016  3600
        #> geographic +        36     0      0       0  56.0   168  3600
        #> independent         19     0      1      16   2.0    38  1900
        #> independent +       30     0      6       0   2.0   180  3000
        #> heterogeneous       32     4      0       0   2.0    72  2952792416
        #> heterogeneous +     36     0      0       0   2.0    72  3600
        #> dynamic             30     6      0       0   2.0    72  3000
        #> dynamic +           36     0      0       0   2.0    72  3600

    print(f"New York to London, in glass: {rtt_floor_ms(5570):.1f} ms")
    #> New York to London, in glass: 54.5 ms
    print(f"in a vacuum: {rtt_floor_ms(5570, index=1):.1f} ms")
    #> in a vacuum: 37.2 ms

    for lost in ("request", "reply"):
        nodes = run("independent", mended=True, lost=lost).nodes
        held = sum(nodes["S2"].balances.values())
        gave_up = nodes["client"].unknown
        print(f"{lost} lost: gave up {gave_up}, S2 holds {held}")
        #> request lost: gave up [19, 22, 25, 28, 31, 34], S2 holds 600
        #> reply lost: gave up [19, 22, 25, 28, 31, 34], S2 holds 700

    nodes = run("heterogeneous").nodes
    read = [nodes["client"].answers[number] for number in (2, 14, 26)]
    print(f"account 2 after 1, 2 and 3 deposits: the client reads {read}")
    #> account 2 after 1, 2 and 3 deposits: the client reads [100, 200, 44]
    print(f"and S3 holds {nodes['S3'].balances[2]}")
    #> and S3 holds 738197504

    for copies, repair in ((1, 0), (3, 0), (1, 1), (3, 1)):
        share = kept(100, copies, 300, repair, Random(7))[-1]
        print(f"{copies} copies, repair {repair}: {share:.0%} of keys left")
        #> 1 copies, repair 0: 6% of keys left
        #> 3 copies, repair 0: 18% of keys left
        #> 1 copies, repair 1: 6% of keys left
        #> 3 copies, repair 1: 100% of keys left
