"""What a picture of a run needs to know, derived from the simulator's flat list of events.

The events are the truth: tests assert on them and transcripts print them. A `Trace` is the
picture's view of the same run: messages with both of their ends, what each node was doing
at every moment, and when the network was cut. `trace_of` derives it; nobody writes one by
hand, and one that contradicts itself cannot be made.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Message:
    """One copy of a message. ``received`` is None while it flies, and for ever if ``lost``."""

    src: str
    dst: str
    kind: str
    epoch: str  # term, ballot, view: what else a tone may stand for
    sent: int
    eta: int | None  # the delay it had, or would have had; None if the run ended first
    received: int | None
    lost: str = ""  # "network split", "dropped" or "node down"
    what: Hashable = None  # the message itself, for those who want to print a part of it


@dataclass(frozen=True)
class Span:
    """What a node is from ``start`` until ``end``: a state, and a label such as "term 2"."""

    node: str
    start: int
    end: int
    state: str
    label: str = ""


@dataclass(frozen=True)
class Mark:
    """A moment of one node; ``kind`` is the event's, ``text`` the timer, note or command."""

    node: str
    at: int
    kind: str
    text: str = ""


@dataclass(frozen=True)
class Cut:
    """A stretch of time during which no message arrives from one group in another."""

    start: int
    end: int
    groups: tuple[tuple[str, ...], ...]
    one_way: bool = False  # only what goes from the first group to the second is lost

    def parts(self, src: str, dst: str) -> bool:
        """Whether a message from ``src`` to ``dst`` has to cross this cut."""
        sides = [
            next((i for i, group in enumerate(self.groups) if name in group), None)
            for name in (src, dst)
        ]
        return None not in sides and (sides == [0, 1] if self.one_way else sides[0] != sides[1])


@dataclass(frozen=True)
class Trace:
    """One run, version 1. Raises ValueError if its parts contradict each other."""

    nodes: tuple[str, ...]
    end: int
    msgs: tuple[Message, ...] = ()
    spans: tuple[Span, ...] = ()
    marks: tuple[Mark, ...] = ()
    cuts: tuple[Cut, ...] = ()
    unit: str = "ms"

    def __post_init__(self):
        for problem in self._problems():
            raise ValueError(f"this trace contradicts itself: {problem}")

    def _problems(self):
        known = set(self.nodes)
        if len(known) < len(self.nodes):
            yield f"a node stands twice in {self.nodes}"
        for m in self.msgs:
            if not {m.src, m.dst} <= known or m.src == m.dst:
                yield f"{m} does not go from one node to another"
            if not 0 <= m.sent <= self.end or (m.eta is not None and m.eta < 0):
                yield f"{m} is sent outside the run, or arrives before it is sent"
            if m.received is not None and (m.eta is None or m.received != m.sent + m.eta):
                yield f"{m} is not received at sent + eta"
            if m.received is not None and (m.lost or m.received > self.end):
                yield f"{m} is received although it was lost, or after the end"
            if m.lost and m.eta is None:
                yield f"{m} is lost at no time"
            for c in self.cuts:
                if (
                    m.received is not None
                    and c.start < m.received < c.end
                    and c.parts(m.src, m.dst)
                ):
                    yield f"{m} crosses {c}"
        for node in self.nodes:
            edges = [(s.start, s.end) for s in self.spans if s.node == node]
            if any(start >= end for start, end in edges) or any(
                a[1] != b[0] for a, b in pairwise(edges)
            ):
                yield f"the spans of {node} leave a gap or overlap: {edges}"
            if (edges[0][0], edges[-1][1]) != (0, self.end) if edges else True:
                yield f"the spans of {node} do not reach from 0 to {self.end}"
        for m in self.marks:
            if m.node not in known or not 0 <= m.at <= self.end:
                yield f"{m} is outside the run"
        for c in self.cuts:
            names = [name for group in c.groups for name in group]
            if not 0 <= c.start <= c.end <= self.end or len(names) != len(set(names)):
                yield f"{c} is outside the run, or a node is on two sides of it"

    def to_json(self) -> str:
        """The run for a program in another language; the schema is version 1 of this module."""
        return json.dumps(
            {
                "v": 1,
                "unit": self.unit,
                "end": self.end,
                "nodes": self.nodes,
                "msgs": [
                    {
                        "src": m.src,
                        "dst": m.dst,
                        "kind": m.kind,
                        "epoch": m.epoch,
                        "sent": m.sent,
                        "eta": m.eta,
                        "recv": m.received,
                    }
                    | ({"lost": m.lost} if m.lost else {})
                    for m in self.msgs
                ],
                "spans": [
                    {
                        "node": s.node,
                        "from": s.start,
                        "to": s.end,
                        "state": s.state,
                        "label": s.label,
                    }
                    for s in self.spans
                ],
                "marks": [
                    {"node": m.node, "t": m.at, "kind": m.kind, "text": m.text} for m in self.marks
                ],
                "cuts": [
                    {"from": c.start, "to": c.end, "groups": c.groups}
                    | ({"one_way": True} if c.one_way else {})
                    for c in self.cuts
                ],
            },
            separators=(",", ":"),
        )


# From the simulator ----------------------------------------------------------------


def kind_of(message: Hashable) -> str:
    """The name of a message: its class, or the first word of a string or of a tuple."""
    if isinstance(message, tuple) and not hasattr(message, "_fields"):
        message = message[0] if message else ""
    if isinstance(message, str):
        return message.split(maxsplit=1)[0] if message.strip() else ""
    return type(message).__name__


def epoch_of(message: Hashable) -> str:
    """Its term, ballot, epoch, view or round, if it has one."""
    for name in ("term", "ballot", "epoch", "view", "round"):
        if hasattr(message, name):
            return str(getattr(message, name))
    return ""


def trace_of(
    sim,
    watched: Iterable[tuple[int, str, object]] | None = None,
    nodes: Sequence[str] = (),
    *,
    kind: Callable[[Hashable], str] = kind_of,
    epoch: Callable[[Hashable], str] = epoch_of,
) -> Trace:
    """The trace of a finished `Simulation`, or of its list of events.

    ``watched`` is (at_ms, node, value) for each change of what is watched, by default
    ``sim.watched``; a value is a state such as "leader", or a pair ("leader", "term 2").
    ``nodes`` are the lanes, by default the simulation's nodes and then the clients, and
    ``kind`` and ``epoch`` read a message. A node is "down" between crash and restart.
    """
    events = list(getattr(sim, "trace", sim))
    watched = list(getattr(sim, "watched", ()) if watched is None else watched)
    end = max([getattr(sim, "now_ms", 0), *(event.at_ms for event in events)])
    if end == 0:
        raise ValueError("there is nothing to draw: call sim.run(until_ms=...) first")
    nodes = tuple(nodes) or _names(getattr(sim, "nodes", ()), events)
    drawn = set(nodes)
    return Trace(
        nodes,
        end,
        tuple(m for m in _messages(events, kind, epoch) if m.src in drawn and m.dst in drawn),
        tuple(span for node in nodes for span in _spans(node, events, watched, end)),
        tuple(m for m in _marks(events) if m.node in drawn),
        tuple(_cuts(events, end)),
    )


def _names(nodes, events):
    ends = [name for event in events for name in (event.node, event.peer) if name]
    return tuple(dict.fromkeys([*nodes, *ends]))


def _messages(events, kind, epoch):
    """Each copy that came or was lost; a message without either is in flight at the end."""
    sent = {event.message_id: event for event in events if event.kind == "sent"}
    copies = {number: [] for number in sent}
    for event in events:
        if event.kind in ("received", "lost") and event.message_id in sent:
            copies[event.message_id].append(event)
    for number, start in sent.items():
        what = start.what
        ends = (start.node, start.peer, kind(what), epoch(what), start.at_ms)
        for copy in copies[number]:
            came = copy.kind == "received"
            yield Message(
                *ends,
                copy.at_ms - start.at_ms,
                copy.at_ms if came else None,
                getattr(copy, "reason", ""),
                what,
            )
        if not copies[number]:
            yield Message(*ends, None, None, "", what)


def _spans(node, events, watched, end):
    """Tiles of what the node was; nothing is shorter than one unit of time."""
    value, down, changes = ("", ""), False, {0: ("", "")}
    steps = [(at, 0, seen) for at, name, seen in watched if name == node]
    steps += [
        (e.at_ms, 1, e.kind)
        for e in events
        if e.node == node and e.kind in ("crashed", "restarted")
    ]
    # What is watched is read after the step that restarts a node, so it comes second.
    for at, is_fault, seen in sorted(steps, key=lambda step: (step[0], not step[1])):
        if is_fault:
            down = seen == "crashed"
        else:
            pair = seen if isinstance(seen, tuple) else (seen,)
            value = (str(pair[0]), " ".join(map(str, pair[1:])))
        changes[at] = ("down", "") if down else value
    starts = [at for at in sorted(changes) if at < end]
    kept = starts[:1] + [b for a, b in pairwise(starts) if changes[a] != changes[b]]
    for start, stop in pairwise([*kept, end]):
        yield Span(node, start, stop, *changes[start])


def _marks(events):
    for event in events:
        if event.kind in ("timeout", "note", "called", "refused", "crashed", "restarted"):
            what = event.what if isinstance(event.what, tuple) else (event.what,)
            text = " ".join(str(word) for word in what)
            if (event.kind, text) != ("called", "start"):
                yield Mark(event.node, event.at_ms, event.kind, text)


def _cuts(events, end):
    """partitioned replaces what was cut, cut adds one way to it, healed ends all."""
    running = []
    for event in events:
        if event.kind in ("partitioned", "healed"):
            yield from (Cut(start, event.at_ms, *rest) for start, *rest in running)
            running = [(event.at_ms, event.what)] if event.kind == "partitioned" else []
        elif event.kind == "cut":
            running.append((event.at_ms, event.what, True))
    yield from (Cut(start, end, *rest) for start, *rest in running)
