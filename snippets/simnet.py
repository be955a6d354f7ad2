"""A deterministic network of simulated nodes: one file, standard library only.

A node is a dataclass with an ``id`` and any of three methods. Each returns the
effects the node wants; none of them touches a clock, a socket or another node.

    start() / receive(sender, message) / timeout(timer)  ->  list[Effect]

Commands that a node's users call, such as write(key, value), return effects
too. Times are whole simulated milliseconds. One seed gives one trace.
"""

import heapq
from collections.abc import Callable, Hashable, Iterable
from dataclasses import MISSING, dataclass, fields
from itertools import count, permutations, product
from random import Random
from typing import NamedTuple


# --8<-- [start:effects]
@dataclass(frozen=True)
class Send:
    to: str
    message: Hashable  # hashable means immutable: nodes never share memory


@dataclass(frozen=True)
class SetTimer:
    name: str  # setting a running timer again restarts it
    after_ms: int


@dataclass(frozen=True)
class CancelTimer:
    name: str


@dataclass(frozen=True)
class Note:
    text: str  # a mark on this node's line in the space-time diagram


Effect = Send | SetTimer | CancelTimer | Note
# --8<-- [end:effects]


# --8<-- [start:event]
class Event(NamedTuple):
    """One line of the trace, which alone is enough to draw the run.

    called       ``node`` ran the command ``what``; refused: it was down
    sent         ``node`` sent ``what`` to ``peer``
    received     a copy of it reached ``node`` from ``peer``
    lost         a copy did not, for this ``reason``: "dropped" by the delay
                 function, "network split" or "node down". The event stands
                 at the moment and node where the copy would have arrived.
    timeout      the timer ``what`` of ``node`` ran out
    note         ``node`` marked ``what``; crashed, restarted: no more to say
    partitioned  ``what`` is the groups; this replaces all earlier cuts
    cut          ``what`` is (senders, receivers), cut one way, as well
    healed       every link works again

    ``message_id`` pairs each received and lost with its sent; 0 means none.
    """

    at_ms: int
    node: str
    kind: str
    what: Hashable = ""
    peer: str = ""
    message_id: int = 0
    reason: str = ""
# --8<-- [end:event]


# --8<-- [start:delay]
class Lost(int):
    """The delay that a copy would have had, had it not been dropped."""


# A delay for each copy: (9,) is one, (5, 9) are two, (Lost(9),) or () is none.
Delay = Callable[[Random, str, str, Hashable], tuple[int, ...]]


def uniform(low_ms: int, high_ms: int, loss: float = 0.0) -> Delay:
    """Whole milliseconds from low to high, equally likely."""
    def delay(rng, sender, to, message):
        # random() is the one method whose stream Python promises to keep.
        lost, where = rng.random() < loss, rng.random()
        delay_ms = low_ms + int(where * (high_ms - low_ms + 1))
        return (Lost(delay_ms),) if lost else (delay_ms,)
    return delay


NEARBY = uniform(5, 20)  # what a simulation has unless it is told otherwise
# --8<-- [end:delay]


class Simulation:
    """Nodes, the network between them, and the trace of what happened.

    Nodes may send to each other, to ``clients``, and to whoever called send().
    ``watch(node)`` is read after every step of a node; when its value changes,
    (at_ms, node id, value) is added to ``watched``.
    """

    def __init__(self, rng: Random, delay: Delay = NEARBY, fifo: bool = False,
                 clients: Iterable[str] = (), watch: Callable | None = None):
        self.rng, self.delay, self.fifo, self.watch = rng, delay, fifo, watch
        self.now_ms, self.nodes, self.clients = 0, {}, dict.fromkeys(clients)
        self.trace, self.watched, self._seen = [], [], {}
        self._agenda, self._order = [], count()  # heap: due, order, action
        self._timers, self._last_due, self._message_ids = {}, {}, count(1)
        self._cuts, self._down = set(), set()  # looked up, never iterated

    def add(self, node) -> None:
        """Add a node, and call its start(), if it has one, as an event."""
        names = [f.name for f in fields(node)]
        if node.id in self.nodes:
            raise ValueError(f"there is a node {node.id!r} already")
        if any(name not in names for name in _durable(node)):
            raise ValueError(f"{node.id} has durable {_durable(node)}, but "
                             f"its fields are {names}")
        self.nodes[node.id] = node
        self._perform(node.id, [])  # lets watch see it before it starts
        if hasattr(node, "start"):
            self.at(self.now_ms, self.call, node.id, "start")

    def call(self, name: str, command: str, *args) -> None:
        """Run a command of a node: start, or one for users, such as write."""
        self._must_know(name)
        kind = "refused" if name in self._down else "called"
        self._record(kind, name, (command, *args) if args else command)
        if kind == "called":
            self._perform(name, getattr(self.nodes[name], command)(*args))

    def at(self, at_ms: int, action: Callable, *args) -> None:
        """Schedule sim.call, sim.crash, sim.partition or any function."""
        if not isinstance(at_ms, int) or at_ms < self.now_ms:
            what = getattr(action, "__name__", action)
            raise ValueError(f"{what}{args} cannot happen at {at_ms} ms: now "
                             f"is {self.now_ms}, and times are whole numbers")
        # The order breaks ties of time, so that actions are never compared.
        heapq.heappush(self._agenda, (at_ms, next(self._order), action, args))

    def clock(self, skew_ms: int = 0) -> Callable[[], int]:
        """A clock for one node to read, skew_ms ahead of simulated time."""
        return lambda: self.now_ms + skew_ms

    def run(self, until_ms: int, check: Callable | None = None) -> list[Event]:
        """Advance to until_ms, with check(nodes) after every event."""
        if until_ms < self.now_ms:
            raise ValueError(f"{until_ms} ms is past: now is {self.now_ms}")
        while self._agenda and self._agenda[0][0] <= until_ms:
            self.now_ms, _, action, args = heapq.heappop(self._agenda)
            action(*args)
            if check:
                check(self.nodes)
        self.now_ms = until_ms
        return self.trace

    # --8<-- [start:network]
    def send(self, sender: str, to: str, message: Hashable) -> None:
        """Put a message on the wire. A sender that is no node is a client."""
        if sender not in self.nodes:
            self.clients[sender] = None
        self._must_know(to, self.clients)
        if sender == to:
            raise ValueError(f"{sender} sends {message!r} to itself: a step "
                             "inside a node needs no network")
        try:
            hash(message)
        except TypeError as error:
            raise TypeError(f"{sender} sends {to} what can change ({error}): "
                            "use frozen dataclasses and tuples") from None
        message_id = next(self._message_ids)
        self._record("sent", sender, message, to, message_id)
        for delay_ms in self.delay(self.rng, sender, to, message) or [Lost()]:
            due_ms = self.now_ms + delay_ms
            if self.fifo:  # never before what this link carries already
                due_ms = max(due_ms, self._last_due.get((sender, to), 0))
                self._last_due[sender, to] = due_ms
            reason = "dropped" if isinstance(delay_ms, Lost) else ""
            copy = (sender, to, message, message_id, reason)
            self.at(due_ms, self._arrive, *copy)

    def _arrive(self, sender, to, message, message_id, reason):
        if not reason and (sender, to) in self._cuts:
            reason = "network split"
        if not reason and to in self._down:
            reason = "node down"
        kind = "lost" if reason else "received"
        self._record(kind, to, message, sender, message_id, reason)
        if not reason and to in self.nodes:
            self._perform(to, self.nodes[to].receive(sender, message))
    # --8<-- [end:network]

    # --8<-- [start:failures]
    def partition(self, *groups: Iterable[str]) -> None:
        """Lose what arrives from another group; names in none reach all."""
        groups = tuple(tuple(sorted(group)) for group in groups)
        if len(groups) == 1:
            raise ValueError(f"a partition has another side than {groups[0]}")
        self._cuts = set()
        for senders, receivers in permutations(groups, 2):
            self._cut(senders, receivers)
        self._record("partitioned" if groups else "healed", "", groups)

    def cut(self, senders: Iterable[str], receivers: Iterable[str]) -> None:
        """Lose what arrives from senders at receivers, but not the reverse."""
        ends = (tuple(sorted(senders)), tuple(sorted(receivers)))
        self._cut(*ends)
        self._record("cut", "", ends)

    def heal(self) -> None:
        """End every partition and every cut."""
        self.partition()

    def _cut(self, senders, receivers):
        if set(senders) & set(receivers):
            raise ValueError(f"{senders} and {receivers} share a name")
        for name in senders + receivers:
            self._must_know(name, self.clients)
        self._cuts.update(product(senders, receivers))

    def crash(self, name: str) -> None:
        """Stop a node between two steps; its timers are gone."""
        self._must_know(name)
        if name not in self._down:
            self._down.add(name)
            self._timers = {timer: order for timer, order
                            in self._timers.items() if timer[0] != name}
            self._record("crashed", name)

    def restart(self, name: str) -> None:
        """Reset each field that has a default and is not durable; start()."""
        self.crash(name)  # nothing, when it is down already
        node = self.nodes[name]
        for f in fields(node):
            factory = f.default_factory
            fresh = f.default if factory is MISSING else factory()
            if fresh is not MISSING and f.name not in _durable(node):
                setattr(node, f.name, fresh)
        self._down.remove(name)
        self._record("restarted", name)
        self._perform(name, node.start() if hasattr(node, "start") else [])
    # --8<-- [end:failures]

    # --8<-- [start:perform]
    def _perform(self, name, effects):
        if not isinstance(effects, list):
            raise TypeError(f"{name} returned {effects!r}, not a list")
        for effect in effects:
            match effect:
                case Send(to, message):
                    self.send(name, to, message)
                case SetTimer(timer, after_ms):
                    order = self._timers[name, timer] = next(self._order)
                    self.at(self.now_ms + after_ms,
                            self._expire, name, timer, order)
                case CancelTimer(timer):
                    self._timers.pop((name, timer), None)
                case Note(text):
                    self._record("note", name, text)
                case _:
                    raise TypeError(f"{name} returned {effect!r}: an effect "
                                    "is Send, SetTimer, CancelTimer or Note")
        if self.watch:
            value = self.watch(self.nodes[name])
            if self._seen.get(name, self) != value:
                self._seen[name] = value
                self.watched.append((self.now_ms, name, value))

    def _expire(self, name, timer, order):
        if self._timers.get((name, timer)) == order:  # else replaced
            self._record("timeout", name, timer)
            self._perform(name, self.nodes[name].timeout(timer))
    # --8<-- [end:perform]

    def _record(self, kind, node, what="", peer="", message_id=0, reason=""):
        self.trace.append(
            Event(self.now_ms, node, kind, what, peer, message_id, reason))

    def _must_know(self, name, clients=()):
        if name not in self.nodes and name not in clients:
            raise ValueError(f"unknown name {name!r}: there is "
                             f"{[*self.nodes, *clients]}. Add the node, or "
                             "name a client in Simulation(clients=...)")


def _durable(node) -> tuple[str, ...]:
    return getattr(node, "durable", ())
