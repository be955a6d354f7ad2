"""A number for each event, so that a cause has a smaller one than its effect.

    python lamport_clock.py TRACE.jsonl     one event a line
    {"proc": "ann", "kind": "send", "at": 20}
    {"proc": "bob", "kind": "recv", "msg": 0, "at": 13}

An event is a dict: ``proc`` where, ``kind`` local, send or recv, ``msg`` of a
recv the index of its send, counted from 0. Events stand in any order in which
each process keeps its own, and a send stands before what receives it.
``at``, if given, is what the clock on that machine's wall said, a number.

Source: Lamport, "Time, Clocks, and the Ordering of Events in a Distributed
System", 1978: the Clock Condition, C1, C2, IR1, IR2, the relation => of the
section on ordering the events totally, and the Strong Clock Condition.
Guarantee: if a happened before b, then a's stamp is smaller. Assumes that
each message carries its sender's stamp, and nothing of the wall clocks.
Left out: what travels outside of the messages; the algorithm for mutual
exclusion; keeping physical clocks together.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from math import log
from pathlib import Path
from random import Random
from typing import NamedTuple

from snippets.simnet import Note, Send, Simulation

KINDS = ("local", "send", "recv")


def check(events: list[dict]) -> None:
    """Raise ValueError, with one sentence, at the first malformed event."""
    for i, event in enumerate(events):
        if not isinstance(event, dict) or not {"proc", "kind"} <= set(event):
            raise ValueError(f"event {i} is not an object with the fields "
                             "proc and kind")
        if not isinstance(event["proc"], str):
            raise ValueError(f"event {i}: 'proc' is not a text")
        if event["kind"] not in KINDS:
            raise ValueError(f"event {i}: 'kind' is not one of "
                             f"{', '.join(KINDS)}")
        if event["kind"] == "recv":
            msg = event.get("msg")
            if isinstance(msg, bool) or not isinstance(msg, int):
                raise ValueError(f"event {i}: 'msg' of a recv is the index "
                                 "of its send, a whole number")
            if not 0 <= msg < i or events[msg]["kind"] != "send":
                raise ValueError(f"event {i}: 'msg' is {msg}, which is no "
                                 "send among the events before it")
        at = event.get("at", 0)
        number = isinstance(at, (int, float)) and not isinstance(at, bool)
        if not number or at != at:
            raise ValueError(f"event {i}: 'at' is not a number")


# --8<-- [start:stamp]
class Stamp(NamedTuple):
    """Compared as Lamport's =>: by time, and by process if times are equal."""

    time: int
    proc: str


def stamp(events: list[dict], merge: bool = True) -> list[Stamp]:
    """The Lamport stamp of each event, in the order of ``events``.

    ``merge=False`` leaves IR2(b) out. Raises ValueError if malformed.
    """
    check(events)
    clocks, stamps = {}, []
    for event in events:
        now = clocks.get(event["proc"], 0)
        if event["kind"] == "recv" and merge:
            now = max(now, stamps[event["msg"]].time)  # IR2
        clocks[event["proc"]] = now + 1  # IR1
        stamps.append(Stamp(now + 1, event["proc"]))
    return stamps


def concurrent(a: Stamp, b: Stamp) -> bool | None:
    """Whether two events were concurrent, as far as their stamps can tell.

    False: both are of one process. True: equal times in two processes, since
    a cause has a smaller one. None: nobody can tell from these stamps.
    """
    if a.proc == b.proc:
        return False
    return True if a.time == b.time else None
# --8<-- [end:stamp]


# --8<-- [start:causes]
def causes(events: list[dict]) -> list[list[int]]:
    """For each event the one before it in its process, and its send."""
    check(events)
    last, found = {}, []
    for i, event in enumerate(events):
        before = [last[event["proc"]]] if event["proc"] in last else []
        if event["kind"] == "recv":
            before.append(event["msg"])
        found.append(before)
        last[event["proc"]] = i
    return found


def happened_before(events: list[dict]) -> set[tuple[int, int]]:
    """All pairs (i, j) of indices with a chain of causes from i to j."""
    pasts = []
    for before in causes(events):
        pasts.append(set(before).union(*(pasts[i] for i in before)))
    return {(i, j) for j, past in enumerate(pasts) for i in past}


def violations(events: list[dict], times: list,
               ties: bool = False) -> list[tuple[int, int]]:
    """Where the Clock Condition fails: a cause whose time is not smaller.

    If any pair of events breaks it, then one of these next neighbours does.
    ``ties`` lets equal times pass: wall clocks tick in milliseconds.
    """
    return [(i, j) for j, before in enumerate(causes(events)) for i in before
            if times[i] > times[j] or (times[i] == times[j] and not ties)]
# --8<-- [end:causes]


# --8<-- [start:converse]
def converse(events: list[dict]) -> tuple[int, int, int]:
    """All ways to give the events times from 1 to their number: how many,
    how many keep the Clock Condition, and how many its converse, too."""
    before, n = happened_before(events), len(events)
    total = one_way = both = 0
    for times in product(range(1, n + 1), repeat=n):
        smaller = {(i, j) for i in range(n) for j in range(n)
                   if times[i] < times[j]}
        total += 1
        one_way += before <= smaller
        both += before == smaller
    return total, one_way, both


APART = [{"proc": "P", "kind": "local"}, {"proc": "P", "kind": "local"},
         {"proc": "Q", "kind": "local"}]  # p2, p3 and q3 of the paper
# --8<-- [end:converse]


# --8<-- [start:random]
def random_events(rng: Random, procs: int, count: int,
                  local: float = 1 / 3) -> list[dict]:
    """A run: a process at random acts, receives what waits for it, or sends.

    ``local`` is the share of its turns in which it keeps to itself; in half
    of the others it receives a message, if there is one.
    """
    events, waiting = [], {p: [] for p in range(procs)}
    for i in range(count):
        p, turn = int(rng.random() * procs), rng.random()
        event = {"proc": f"P{p}", "kind": "local"}
        if turn >= local and procs > 1:
            if turn < (1 + local) / 2:
                if waiting[p]:
                    at = int(rng.random() * len(waiting[p]))
                    event |= {"kind": "recv", "msg": waiting[p].pop(at)}
            else:
                to = (p + 1 + int(rng.random() * (procs - 1))) % procs
                waiting[to].append(i)
                event["kind"] = "send"
        events.append(event)
    return events


def share_ordered(runs: list[list[dict]]) -> float:
    """Of the pairs of events with L(a) < L(b): the share with a before b."""
    smaller = ordered = 0
    for events in runs:
        times = [s.time for s in stamp(events)]
        smaller += sum(a < b for a in times for b in times)
        ordered += len(happened_before(events))
    return ordered / smaller
# --8<-- [end:random]


# --8<-- [start:wall]
def stamped_early(error_ms: float, delay_ms: float, rng: Random,
                  trials: int = 100_000, least_ms: float = 0.0) -> float:
    """The share of messages whose receive has an earlier wall clock than
    their send. Each clock is wrong by up to ``error_ms`` either way; a
    message takes ``least_ms`` and an exponential rest, ``delay_ms`` on
    average."""
    early = 0
    for _ in range(trials):
        sender, receiver = ((2 * rng.random() - 1) * error_ms for _ in "12")
        rest_ms = -log(1.0 - rng.random()) * (delay_ms - least_ms)
        early += least_ms + rest_ms + receiver < sender
    return early / trials
# --8<-- [end:wall]


# --8<-- [start:chat]
@dataclass(frozen=True)
class Post:
    text: str
    time: int  # Tm, the sender's clock
    msg: int  # index of the send in the history


@dataclass
class Member:
    """Somebody in a chat. Each knows a reply to some of the texts."""

    id: str
    others: tuple
    now: Callable[[], int] = field(repr=False)
    history: list = field(repr=False)  # everybody's events, as they occur
    replies: dict = field(default_factory=dict)
    time: int = 0

    def record(self, kind: str, text: str, **more) -> Note:
        self.time += 1  # IR1
        self.history.append({"proc": self.id, "kind": kind, "at": self.now(),
                             "text": text, "time": self.time} | more)
        return Note(f"L={self.time}")

    def say(self, text: str) -> list:
        note = self.record("send", text)
        post = Post(text, self.time, len(self.history) - 1)  # IR2(a)
        return [note, *(Send(other, post) for other in self.others)]

    def receive(self, sender: str, post: Post) -> list:
        self.time = max(self.time, post.time)  # IR2(b)
        effects = [self.record("recv", post.text, msg=post.msg)]
        if post.text in self.replies:
            effects += self.say(self.replies[post.text])
        return effects


def demo(bob_ms: int = -40) -> tuple[Simulation, list[dict]]:
    """Ann asks and Bob, whose wall clock is ``bob_ms`` ahead, answers."""
    def delay(rng, sender, to, message):
        return (slow.get((sender, to), 12),)
    slow = {("ann", "cam"): 45, ("cam", "ann"): 35}  # ms
    names, history = ("ann", "bob", "cam"), []
    sim = Simulation(Random(0), delay)
    for name in names:
        others = tuple(other for other in names if other != name)
        replies = {"lunch?": "at noon"} if name == "bob" else {}
        clock = sim.clock(bob_ms if name == "bob" else 0)
        sim.add(Member(name, others, clock, history, replies))
    sim.at(60, sim.call, "ann", "say", "lunch?")
    sim.at(66, sim.call, "cam", "say", "hello")
    sim.run(until_ms=120)
    return sim, history


def posts(history: list[dict], by: str) -> list[str]:
    """The texts in the order of the ``time`` stamps, or of wall clocks."""
    sent = [event for event in history if event["kind"] == "send"]
    sent.sort(key=lambda event: (event[by], event["proc"]))
    return [event["text"] for event in sent]
# --8<-- [end:chat]


# --8<-- [start:file]
def load(path: str) -> list[dict]:
    """The events of a file of JSON lines. ValueError: file, line, why."""
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    events = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                events.append(json.loads(line))
            except (ValueError, RecursionError):
                raise ValueError(f"{path}:{number}: this is not one JSON "
                                 "object on one line") from None
    if not events:
        raise ValueError(f"{path}: there is no event in this file")
    try:
        check(events)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return events


def judge(path: str) -> int:
    """Print what a file's clocks are worth; 0 good, 1 not, 2 unusable."""
    try:
        events = load(path)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    walls = [event.get("at") for event in events]
    if None not in walls:
        bad = violations(events, walls, ties=True)
        for i, j in bad[:1]:
            print(f"wall clocks contradict causality, at {len(bad)} of "
                  f"{len(events)} events; the first is")
            for k in (i, j):
                print(f"  {k} {events[k]['proc']} {events[k]['kind']} "
                      f"at {walls[k]}")
            return 1
        print(f"wall clocks fit causality: {len(events)} events")
        return 0
    stamps = stamp(events)
    print(f"one order of {len(events)} events that fits causality")
    for i in sorted(range(len(events)), key=stamps.__getitem__):
        print(f"  {stamps[i].time} {stamps[i].proc} {events[i]['kind']} {i}")
    return 0
# --8<-- [end:file]


if __name__ == "__main__":
    if len(sys.argv) > 1 and Path(sys.argv[0]).resolve() == Path(
            __file__).resolve():
        sys.exit(judge(sys.argv[1]))

    sim, history = demo()
    print(f"by wall clocks: {', '.join(posts(history, 'at'))}")
    #> by wall clocks: at noon, lunch?, hello
    print(f"by stamps: {', '.join(posts(history, 'time'))}")
    #> by stamps: lunch?, hello, at noon
    walls = [event["at"] for event in history]
    for i, j in violations(history, walls, ties=True):
        a, b = history[i]["proc"], history[j]["proc"]
        print(f"{b} receives at {walls[j]} what {a} sends at {walls[i]}")
        #> bob receives at 32 what ann sends at 60
        #> bob receives at 38 what cam sends at 66
    asked, answered = (next(s for s, e in zip(stamp(history), history)
                            if e["text"] == text)
                       for text in ("lunch?", "at noon"))
    told = concurrent(asked, answered)
    print(f"{tuple(asked)} < {tuple(answered)}, concurrent: {told}")
    #> (1, 'ann') < (3, 'bob'), concurrent: None

    for error_ms in 0.1, 1, 10, 100:
        early = stamped_early(error_ms, 0.6, Random(1))
        print(f"clocks right to {error_ms} ms: {early:.1%} early")
        #> clocks right to 0.1 ms: 5.2% early
        #> clocks right to 1 ms: 28.7% early
        #> clocks right to 10 ms: 46.9% early
        #> clocks right to 100 ms: 49.5% early
    early = stamped_early(0.1, 0.6, Random(1), least_ms=0.2)
    print(f"right to 0.1 ms, no message below 0.2 ms: {early:.1%} early")
    #> right to 0.1 ms, no message below 0.2 ms: 0.0% early

    for procs in 2, 4, 8, 16:
        runs = [random_events(Random(seed), procs, 60) for seed in range(60)]
        bad = sum(len(violations(events, stamp(events))) for events in runs)
        share = share_ordered(runs)
        print(f"{procs} processes: {bad} violations, {share:.1%} ordered")
        #> 2 processes: 0 violations, 85.0% ordered
        #> 4 processes: 0 violations, 49.0% ordered
        #> 8 processes: 0 violations, 20.7% ordered
        #> 16 processes: 0 violations, 9.7% ordered
    bad = sum(bool(violations(events, [s.time for s in stamp(events, False)]))
              for events in runs)
    print(f"without IR2(b): {bad} of {len(runs)} runs contradict causality")
    #> without IR2(b): 59 of 60 runs contradict causality
    total, one_way, both = converse(APART)
    print(f"{total} clocks, {one_way} keep the condition, {both} its converse")
    #> 27 clocks, 9 keep the condition, 0 its converse
