"""Lamport's clock: a number for each event, larger than that of every event
that could have caused it; and a lock made of nothing but such numbers.

Source: Lamport, "Time, Clocks, and the Ordering of Events in a Distributed
System", 1978: happened before and the clock condition, the rules IR1 and
IR2, the total order, the mutual exclusion of five rules.
Guarantee: if a happened before b, the stamp of a is smaller. Stamps with the
process behind the number order all events. Nothing needs a real clock.
The lock assumes messages that arrive, in the order in which they were sent,
and processes that do not fail.
Left out: physical clocks that are kept together (the paper's last part).

    python -m snippets.concepts.lamport_clock FILE

reads events as JSON lines and prints their stamps, or, if they carry a time
of their own as "at", whether that time obeys the clock condition.
"""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from snippets.simnet import Note, Send, SetTimer, Simulation


# --8<-- [start:stamp]
def stamp(events: list[dict]) -> list[tuple]:
    """The stamp of each event, (number, process), in the order given.

    An event is a dict: ``proc`` (a string), ``kind`` local, send or recv,
    and for recv ``msg``, the index of the send. Events stand in any order
    that respects causality. Raises ValueError if they do not.
    """
    check_events(events)
    clocks, stamps = {}, []
    for event in events:
        proc = event["proc"]
        seen = stamps[event["msg"]][0] if event["kind"] == "recv" else 0
        clocks[proc] = max(clocks.get(proc, 0), seen) + 1
        stamps.append((clocks[proc], proc))
    return stamps


def concurrent(a: tuple, b: tuple) -> bool | None:
    """Whether two events were concurrent, as far as their stamps tell.

    True if the numbers are equal and the processes are not; False on one
    process; None otherwise: unknown, for the smaller number may or may not
    have happened before the larger. Raises ValueError for other stamps.
    """
    for each in a, b:
        if not (isinstance(each, tuple | list) and len(each) == 2
                and type(each[0]) is int and isinstance(each[1], str)):
            raise ValueError(f"{each!r} is no stamp: use (number, process)")
    if a[1] == b[1]:
        return False
    return True if a[0] == b[0] else None
# --8<-- [end:stamp]


def check_events(events: list[dict]) -> None:
    for i, event in enumerate(events):
        if not isinstance(event, dict):
            raise ValueError(f"event {i} is no dict")
        if not isinstance(event.get("proc"), str):
            raise ValueError(f"event {i}: proc must be a string")
        kind, msg = event.get("kind"), event.get("msg")
        if kind not in ("local", "send", "recv"):
            raise ValueError(f"event {i}: kind must be local, send or recv")
        if kind == "recv":
            if type(msg) is not int or not 0 <= msg < i:
                raise ValueError(f"event {i}: msg must be the index of an "
                                 "earlier event")
            if events[msg]["kind"] != "send":
                raise ValueError(f"event {i}: event {msg} is no send")


# --8<-- [start:before]
def pasts(events: list[dict]) -> list[set]:
    """The indices of the events that happened before each event."""
    check_events(events)
    last, before = {}, []
    for i, event in enumerate(events):
        causes = [last[event["proc"]]] if event["proc"] in last else []
        if event["kind"] == "recv":
            causes.append(event["msg"])
        before.append(set(causes).union(*(before[c] for c in causes)))
        last[event["proc"]] = i
    return before


def broken(events: list[dict], times: list) -> list[tuple]:
    """The steps (a, b) at which these times break the clock condition:
    C1, a is the last before b on its process, or C2, b receives a."""
    check_events(events)
    if len(times) != len(events):
        raise ValueError(f"{len(times)} times for {len(events)} events")
    last, found = {}, []
    for i, event in enumerate(events):
        causes = {last.get(event["proc"]), event.get("msg")
                  if event["kind"] == "recv" else None} - {None}
        found += [(c, i) for c in sorted(causes) if not times[c] < times[i]]
        last[event["proc"]] = i
    return found
# --8<-- [end:before]


# --8<-- [start:wall]
def received_early(skew_ms: float, delay_ms: float, messages: int,
                   rng: Random) -> float:
    """The naive variant: each machine stamps with its own wall clock, which
    is off by up to ``skew_ms`` either way. Returns the share of messages
    that are received at an earlier time than they were sent."""
    if skew_ms < 0 or delay_ms < 0 or messages < 1:
        raise ValueError("skew and delay must not be negative, and there "
                         "must be a message")
    early = 0
    for _ in range(messages):
        sender, receiver = (skew_ms * (2 * rng.random() - 1) for _ in "sr")
        early += delay_ms + receiver < sender
    return early / messages
# --8<-- [end:wall]


# --8<-- [start:share]
def random_run(processes: int, steps: int, rng: Random) -> list[dict]:
    """Each step a random process receives the oldest message meant for it,
    if there is one and a coin says so; else it sends, or works alone."""
    inbox = [[] for _ in range(processes)]
    events = []
    for i in range(steps):
        me, coin = int(rng.random() * processes), rng.random()
        event = {"proc": f"P{me}", "kind": "local"}
        if inbox[me] and coin < 0.5:
            event |= {"kind": "recv", "msg": inbox[me].pop(0)}
        elif processes > 1 and rng.random() < 0.5:
            to = (me + 1 + int(rng.random() * (processes - 1))) % processes
            inbox[to].append(i)
            event["kind"] = "send"
        events.append(event)
    return events


def ordered_share(runs: list[list[dict]]) -> float:
    """Of the pairs whose first number is smaller, the share in which the
    first also happened before the second."""
    smaller = caused = 0
    for events in runs:
        numbers, before = [n for n, _ in stamp(events)], pasts(events)
        for a, first in enumerate(numbers):
            for b, second in enumerate(numbers):
                smaller += first < second
                caused += a in before[b]
    return caused / smaller
# --8<-- [end:share]


# --8<-- [start:lock]
@dataclass(frozen=True)
class Request:
    time: int


@dataclass(frozen=True)
class Ack:
    time: int


@dataclass(frozen=True)
class Release:
    time: int


@dataclass
class Process:
    """One of the processes that share a resource. ``patient=False`` is the
    broken variant: it does not wait until it has heard from all."""

    id: str
    peers: tuple
    patient: bool = True
    time: int = 0
    queue: dict = field(default_factory=dict)  # process: time of its request
    heard: dict = field(default_factory=dict)  # process: its latest time
    holding: bool = False

    def tick(self, seen: int = 0) -> int:
        self.time = max(self.time, seen) + 1
        return self.time

    def to_all(self, message) -> list:
        return [Send(peer, message) for peer in self.peers]

    def ask(self) -> list:
        if self.id in self.queue:
            raise ValueError(f"{self.id} has asked already")
        self.queue[self.id] = self.tick()
        return [*self.to_all(Request(self.time)), *self.enter()]

    def receive(self, sender: str, message) -> list:
        self.tick(message.time)
        self.heard[sender] = message.time
        effects = []
        if isinstance(message, Request):
            self.queue[sender] = message.time
            effects = [Send(sender, Ack(self.tick()))]
        elif isinstance(message, Release):
            del self.queue[sender]
        return [*effects, *self.enter()]

    def enter(self) -> list:
        if self.holding or self.id not in self.queue:
            return []
        mine = (self.queue[self.id], self.id)
        first = mine == min((t, p) for p, t in self.queue.items())
        # A message stamped later: no earlier request can be on its way.
        later = all((self.heard.get(p, 0), p) > mine for p in self.peers)
        if not first or (self.patient and not later):
            return []
        self.holding = True
        return [Note(f"enters, stamp {mine[0]}"), SetTimer("done", 20)]

    def timeout(self, timer: str) -> list:
        self.holding = False
        del self.queue[self.id]
        return self.to_all(Release(self.tick()))
# --8<-- [end:lock]


# --8<-- [start:demo]
NAMES = ("P", "Q", "R")


def state(node: Process) -> str:
    waiting = "waiting" if node.id in node.queue else ""
    return "holding" if node.holding else waiting


def demo(patient: bool = True, check=None) -> Simulation:
    """R asks, P asks 2 ms later and cannot know it; Q asks when R is in."""
    sim = Simulation(Random(0), delay=lambda *_: (10,), fifo=True,
                     watch=state)
    for name in NAMES:
        peers = tuple(other for other in NAMES if other != name)
        sim.add(Process(name, peers, patient))
    for at_ms, name in (0, "R"), (2, "P"), (60, "Q"):
        sim.at(at_ms, sim.call, name, "ask")
    sim.run(until_ms=130, check=check)
    return sim
# --8<-- [end:demo]


# --8<-- [start:file]
def judge(path: str) -> int:
    """Print the verdict on a file; 0 fine, 1 broken, 2 unusable."""
    events, number = [], 0
    try:
        for line in Path(path).read_bytes().splitlines():
            number += 1
            if line.strip():
                events.append(json.loads(line))
        number = 0
        if not events:
            raise ValueError("there is no event in this file")
        stamps = stamp(events)
    except OSError as error:
        print(f"{path}: {error.strerror}", file=sys.stderr)
        return 2
    except (ValueError, RecursionError) as error:
        says = "this is not one JSON object" if number else error
        print(f"{path}{f':{number}' if number else ''}: {says}",
              file=sys.stderr)
        return 2
    times = [event.get("at") for event in events]
    if None in times:
        for (time, proc), event in zip(stamps, events):
            print(f"{time} {proc} {event['kind']}")
        return 0
    if not all(type(time) in (int, float) for time in times):
        print(f"{path}: at must be a number", file=sys.stderr)
        return 2
    found = broken(events, times)
    if not found:
        print(f"the clock condition holds: {len(events)} events")
        return 0
    steps = "step" if len(found) == 1 else "steps"
    print(f"the clock condition is broken at {len(found)} {steps}, first:")
    for i in found[0]:
        print(f"event {i}: {json.dumps(events[i])}")
    return 1
# --8<-- [end:file]


if __name__ == "__main__":
    if len(sys.argv) > 1 and Path(sys.argv[0]).resolve() == Path(
            __file__).resolve():
        sys.exit(judge(sys.argv[1]))

    chat = [{"proc": "Ann", "kind": "send"},
            {"proc": "Cy", "kind": "local"},
            {"proc": "Bob", "kind": "recv", "msg": 0},
            {"proc": "Bob", "kind": "send"},
            {"proc": "Ann", "kind": "recv", "msg": 3}]
    print(*stamp(chat))
    #> (1, 'Ann') (1, 'Cy') (2, 'Bob') (3, 'Bob') (4, 'Ann')
    print(f"wall clocks break {broken(chat, [20, 21, 11, 12, 32])}")
    #> wall clocks break [(0, 2)]
    print(f"stamps break {broken(chat, stamp(chat))}")
    #> stamps break []
    print(concurrent((1, "Ann"), (1, "Cy")), concurrent((1, "Cy"), (3, "Bob")))
    #> True None

    for skew_ms in 0.1, 1, 10:
        early = received_early(skew_ms, 0.6, 100_000, Random(7))
        print(f"clocks off by up to {skew_ms} ms: {early:.1%} come early")
        #> clocks off by up to 0.1 ms: 0.0% come early
        #> clocks off by up to 1 ms: 24.5% come early
        #> clocks off by up to 10 ms: 47.2% come early

    for processes in 1, 2, 4, 8, 16:
        rng = Random(7)
        runs = [random_run(processes, 60, rng) for _ in range(60)]
        print(f"{processes} processes: {ordered_share(runs):.1%} caused")
        #> 1 processes: 100.0% caused
        #> 2 processes: 87.4% caused
        #> 4 processes: 56.0% caused
        #> 8 processes: 25.1% caused
        #> 16 processes: 11.0% caused

    for event in demo().trace:
        if event.kind == "note":
            print(f"{event.at_ms} ms: {event.node} {event.what}")
            #> 22 ms: P enters, stamp 1
            #> 52 ms: R enters, stamp 1
            #> 82 ms: Q enters, stamp 10
    sent = [e for e in demo().trace if e.kind == "sent"]
    print(f"{len(sent)} messages for 3 entries")
    #> 18 messages for 3 entries
    for at_ms, name, what in demo(patient=False).watched:
        if what == "holding":
            print(f"impatient, {at_ms} ms: {name} holds")
            #> impatient, 0 ms: R holds
            #> impatient, 2 ms: P holds
            #> impatient, 60 ms: Q holds
