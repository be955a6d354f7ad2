"""Faults become failures: chains, retries, overload that stays, lost replies.

Source: Beyer et al., Site Reliability Engineering, 2016, chapters 21 and 22;
Bronson et al., "Metastable Failures in Distributed Systems", HotOS 2021,
section 2.1, whose numbers are the defaults of overload(); Saltzer, Reed and
Clark, "End-to-End Arguments in System Design", 1984; for agreeing_rules(),
Gray, "Notes on Data Base Operating Systems", 1978.

Guarantee: Server("shop", "application", dedupe=True) under a client that
retries until it is answered executes each order once, whichever messages are
lost and whenever it crashes. Assumes: `executed` reaches the disk together
with the effect of the order, in one write.
Left out: choosing timeouts, servers that are slow without being overloaded.
"""

import heapq
from dataclasses import dataclass, field
from math import inf, log
from random import Random

from snippets.simnet import Note, Send, SetTimer, Simulation, uniform


# --8<-- [start:chain]
def chain(availability: float, services: int, tries: int = 1) -> float:
    """Share of requests that succeed when every service must succeed.

    Each try fails independently of the others, and of the other services.
    """
    if not 0 <= availability <= 1:
        raise ValueError(f"an availability of {availability}: use 0 to 1")
    return (1 - (1 - availability) ** tries) ** services
# --8<-- [end:chain]


# --8<-- [start:layers]
def calls_at_the_bottom(layers: int, tries: int, retrying=None) -> int:
    """Calls that one click makes to a service that is down, below the layers.

    Only the first `retrying` layers from the top retry; None means all.
    """
    if layers < 0 or tries < 1:
        raise ValueError(f"{layers} layers, {tries} tries: use 0 and 1, or up")
    calls = 0

    def call(depth):
        nonlocal calls
        if depth == layers:
            calls += 1
            return False
        retries = retrying is None or depth < retrying
        return any(call(depth + 1) for _ in range(tries if retries else 1))

    call(0)
    return calls
# --8<-- [end:layers]


# --8<-- [start:overload]
def overload(rng: Random, tries: int, budget: float = inf, backoff_s=0.0,
             longest_s=inf, load_per_s=280.0, capacity_per_s=300.0,
             timeout_s=1.0, outage_s=(30.0, 40.0), seconds: int = 300):
    """Requests answered in time, and requests sent, in each second.

    A database serves in order of arrival, also requests whose clients have
    gone. In the outage nothing reaches it; what was sent arrives at its end.
    A client retries after timeout_s and a random wait up to backoff_s, if it
    has tries left and a token: each user brings `budget` of a token, and 10
    are kept at most. What would wait longer than longest_s is refused.
    """
    if min(load_per_s, capacity_per_s, timeout_s) <= 0 or tries < 1:
        raise ValueError("load, capacity, timeout and tries must be above 0")
    good, sent, free_at_s = [0] * seconds, [0] * seconds, 0.0
    tokens = most = 10.0 if budget < inf else inf
    agenda = [(0.0, 1)]  # (when it is sent, which try it is)
    while agenda[0][0] < seconds:
        now_s, number = heapq.heappop(agenda)
        sent[int(now_s)] += 1
        if number == 1:  # users keep coming, whatever happens to this one
            gap_s = -log(1.0 - rng.random()) / load_per_s
            heapq.heappush(agenda, (now_s + gap_s, 1))
            tokens = min(most, tokens + budget)
        out = outage_s[0] <= now_s < outage_s[1]
        arrives_s = outage_s[1] if out else now_s
        begins_s = max(arrives_s, free_at_s)
        if begins_s - arrives_s <= longest_s:
            free_at_s = ends_s = begins_s + 1 / capacity_per_s
            if ends_s - now_s <= timeout_s:
                if ends_s < seconds:
                    good[int(ends_s)] += 1
                continue
            # Too late: the work was done, and nobody is there to take it.
        if number < tries and tokens >= 1:
            tokens -= 1
            wait_s = timeout_s + rng.random() * backoff_s
            heapq.heappush(agenda, (now_s + wait_s, number + 1))
    return good, sent
# --8<-- [end:overload]


# --8<-- [start:messages]
@dataclass(frozen=True)
class Order:
    number: int


@dataclass(frozen=True)
class Ack:
    number: int
# --8<-- [end:messages]


# --8<-- [start:client]
@dataclass
class Client:
    id: str
    tries: int
    confirmed: dict = field(default_factory=dict)  # number -> acks
    order: Order | None = None
    sent: int = 0

    def buy(self, number: int):
        self.order, self.sent = Order(number), 0
        return self.timeout("retry")

    def receive(self, sender, ack):
        self.confirmed[ack.number] = self.confirmed.get(ack.number, 0) + 1
        return []

    def timeout(self, timer):
        if self.order.number in self.confirmed or self.sent == self.tries:
            return []
        self.sent += 1
        return [Send("shop", self.order), SetTimer("retry", 50)]
# --8<-- [end:client]


# --8<-- [start:server]
@dataclass
class Server:
    id: str
    acks: str  # who acknowledges: the "transport" or the "application"
    dedupe: bool  # whether a number that was executed is executed again
    received: Order | None = None  # in memory, not yet executed
    executed: dict = field(default_factory=dict)  # number -> times
    durable = ("executed",)

    def receive(self, sender, order):
        self.received = order
        acks = [Send(sender, Ack(order.number))]
        work = [SetTimer("work", 5)]
        return acks + work if self.acks == "transport" else work

    def timeout(self, timer):
        number, notes = self.received.number, []
        if not (self.dedupe and number in self.executed):
            self.executed[number] = self.executed.get(number, 0) + 1
            notes = [Note(f"executes {number}")]
        if self.acks == "transport":
            return notes
        # End to end: only the application knows that the work is done.
        return notes + [Send("client", Ack(number))]
# --8<-- [end:server]


# --8<-- [start:runs]
def two_orders(acks: str, dedupe: bool) -> Simulation:
    """Order 1: the first ack is lost. Order 2: a crash before the work."""
    sim = Simulation(Random(0), delay=uniform(8, 8))
    sim.add(Client("client", tries=4))
    sim.add(Server("shop", acks, dedupe))
    sim.at(0, sim.call, "client", "buy", 1)
    sim.at(12, sim.cut, ["shop"], ["client"])
    sim.at(30, sim.heal)
    sim.at(100, sim.call, "client", "buy", 2)
    sim.at(111, sim.crash, "shop")
    sim.at(140, sim.restart, "shop")
    sim.run(until_ms=190)
    return sim


def over_a_lossy_link(rng: Random, tries: int, dedupe: bool = False,
                      orders: int = 10_000, loss: float = 0.1):
    """Shares of orders: never executed, executed again, never confirmed."""
    sim = Simulation(rng, delay=uniform(5, 5, loss=loss))
    sim.add(Client("client", tries))
    sim.add(Server("shop", "application", dedupe))
    for number in range(orders):
        sim.at(number * 50 * (tries + 1), sim.call, "client", "buy", number)
    sim.run(until_ms=orders * 50 * (tries + 1))
    executed = sim.nodes["shop"].executed
    again = sum(times > 1 for times in executed.values())
    confirmed = len(sim.nodes["client"].confirmed)
    return 1 - len(executed) / orders, again / orders, 1 - confirmed / orders
# --8<-- [end:runs]


# --8<-- [start:generals]
def agreeing_rules(messages: int) -> tuple[int, int]:
    """Rules for two generals that never leave one to attack alone, of all.

    A writes to B and each answers what arrives: at most `messages`, and any
    may be the last that arrives. The rule (a, b): A attacks once `a` have
    arrived at A, B once `b` have at B; both attack when all arrive.
    """
    rules = [(a, b) for a in range(1, messages // 2 + 1)
             for b in range(1, (messages + 1) // 2 + 1)]
    return sum(all((last // 2 >= a) == ((last + 1) // 2 >= b)
                   for last in range(messages + 1))
               for a, b in rules), len(rules)
# --8<-- [end:generals]


# --8<-- [start:demo]
def demo():
    """What a 10 s outage does to 280 requests/s at a database for 300."""
    policies = {
        "no retry": {"tries": 1},
        "one retry": {"tries": 2},
        "one retry after 1 to 11 s": {"tries": 2, "backoff_s": 10.0},
        "one retry, budget 10 %": {"tries": 2, "budget": 0.10},
        "one retry, budget 2 %": {"tries": 2, "budget": 0.02},
        "one retry, queue of 0.5 s": {"tries": 2, "longest_s": 0.5},
    }
    return {name: overload(Random(1), **policy)
            for name, policy in policies.items()}


def down_s(good, load_per_s: float = 280.0) -> int:
    """Seconds in which less than half of the load was answered in time."""
    return sum(answered < load_per_s / 2 for answered in good)
# --8<-- [end:demo]


if __name__ == "__main__":
    print(f"5 services of 99.9 %: {chain(0.999, 5):.2%} succeed")
    #> 5 services of 99.9 %: 99.50% succeed
    print(f"one retry each, independent faults: {chain(0.999, 5, 2):.4%}")
    #> one retry each, independent faults: 99.9995%
    print(f"3 layers of 4 tries: {calls_at_the_bottom(3, 4)} calls")
    #> 3 layers of 4 tries: 64 calls
    print(f"5 layers of 3 tries: {calls_at_the_bottom(5, 3)} calls")
    #> 5 layers of 3 tries: 243 calls
    print(f"only the top layer retries: {calls_at_the_bottom(5, 3, 1)} calls")
    #> only the top layer retries: 3 calls

    print("a 10 s outage; the last of 5 minutes; time with under half served")
    #> a 10 s outage; the last of 5 minutes; time with under half served
    for name, (good, sent) in demo().items():
        rates = [round(sum(count[240:]) / 60) for count in (sent, good)]
        answered = f"{rates[0]:3}/s sent, {rates[1]:3}/s answered"
        print(f"{name:26} {answered}; {down_s(good):3} s")
        #> no retry                   282/s sent, 282/s answered; 128 s
        #> one retry                  557/s sent,   0/s answered; 270 s
        #> one retry after 1 to 11 s  558/s sent,   0/s answered; 270 s
        #> one retry, budget 10 %     312/s sent,   0/s answered; 270 s
        #> one retry, budget 2 %      282/s sent, 282/s answered; 167 s
        #> one retry, queue of 0.5 s  283/s sent, 283/s answered;  10 s

    print("a link that loses 10 %: never executed, again, never confirmed")
    #> a link that loses 10 %: never executed, again, never confirmed
    for tries, dedupe in ((1, False), (20, False), (20, True)):
        shares = over_a_lossy_link(Random(1), tries, dedupe)
        told = " ".join(f"{share:6.1%}" for share in shares)
        print(f"tries {tries:2}, dedupe {dedupe:d}: {told}")
        #> tries  1, dedupe 0:   9.9%   0.0%  18.8%
        #> tries 20, dedupe 0:   0.0%   9.9%   0.0%
        #> tries 20, dedupe 1:   0.0%   0.0%   0.0%

    print("an ack lost, then a crash: order -> times executed")
    #> an ack lost, then a crash: order -> times executed
    for acks in ("transport", "application"):
        for dedupe in (False, True):
            executed = two_orders(acks, dedupe).nodes["shop"].executed
            print(f"ack by the {acks:11}, dedupe {dedupe:d}: {executed}")
            #> ack by the transport  , dedupe 0: {1: 2}
            #> ack by the transport  , dedupe 1: {1: 1}
            #> ack by the application, dedupe 0: {1: 2, 2: 1}
            #> ack by the application, dedupe 1: {1: 1, 2: 1}
    agree, rules = agreeing_rules(20)
    print(f"two generals, 20 messages: {agree} of {rules} rules always agree")
    #> two generals, 20 messages: 0 of 100 rules always agree
