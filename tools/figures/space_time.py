"""A run as a space-time diagram: one lane a node, time along the other axis.

    LEGEND = space_time.Legend(
        messages={"RequestVote": "amber", "Vote": "green ring", "Heartbeat": "blue"},
        states={"candidate": "amber", "leader": "blue"},
        marks={"timeout"},
    )
    space_time.draw(trace_of(sim), LEGEND, title=..., caption=..., window=(0, 400), seed="seed 7")

The legend gives names to tones, never to colours, and a tone is never alone: a reply ends in
a ring, a lost message is dotted and ends in a cross, a state is written in its band, a split
is tinted and fenced.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tools.figures.figure import Figure, key
from tools.figures.lanes import Drawing, Layout
from tools.figures.pen import known
from tools.figures.story import compact, tell
from tools.figures.trace import Cut, Mark, Message, Span, Trace


@dataclass(frozen=True)
class Legend:
    """What is drawn how. One legend serves all the pictures of a family of pages.

    ``messages`` and ``states`` give each name a tone; a message's tone may end in " ring", for
    replies. "Heartbeat 2" or "leader term 2" stand for that epoch or label alone. A tone of
    "" hides the message; a message without one is drawn muted, a state without one as a thin
    lane. ``marks`` holds kinds of events (timeout, note, called, refused) or their texts;
    as a mapping it says what to write instead. ``words`` is what the key says for a name.
    """

    messages: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    marks: Iterable[str] | Mapping[str, str] = ()
    words: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        known(self.messages)
        known(self.states)

    def entry(self, table: Mapping[str, str], name: str, detail: str) -> str:
        """The legend's own name for a message or state, or "" if it has none."""
        return next((each for each in (f"{name} {detail}".strip(), name) if each in table), "")

    def message(self, m: Message) -> str:
        """The tone of a message, "" if it is hidden."""
        name = self.entry(self.messages, m.kind, m.epoch)
        return self.messages[name] if name else "muted"

    def state(self, s: Span) -> str:
        """The tone of a state's band, "" if it has none."""
        return self.states.get(self.entry(self.states, s.state, s.label), "")

    def mark(self, m: Mark) -> str:
        """What is written beside a mark; a crash and a restart always are."""
        faults = {"crashed": "crashes", "restarted": "restarts"}
        for name in (m.text, m.kind):
            if name and name in self.marks:
                plain = (
                    m.text if m.kind in ("note", "called", "refused") else faults.get(m.kind, name)
                )
                return self.marks[name] if isinstance(self.marks, Mapping) else plain
        return faults.get(m.kind, "")


def draw(
    trace: Trace,
    legend: Legend,
    *,
    title: str,
    caption: str,
    seed: str,
    window: tuple[int, int] | None = None,
    nodes: Sequence[str] = (),
    label: Callable[[Hashable], str] | None = None,
    description: str = "",
    says: Mapping[str, str] | None = None,
    ring: Sequence[str] = (),
    handle: tuple[float, str | float] | None = None,
) -> Figure:
    """The run between the two times of ``window``, on the lanes of ``nodes``, in this order.

    ``label(message)`` is written beside a message's arrow. ``description`` is one more sentence
    for those who cannot see the picture; the others are derived, so they cannot be wrong.
    With ``says`` the picture gets a player: see ``story.tell`` for what it may hold ({} will do).
    ``ring`` names the nodes that are shown in a ring, too. ``handle`` is where `drag` puts its handle: a time,
    and a node or a place between two lanes, such as 1.5 for below the second.
    Raises ValueError for an unknown node and for a layout of more than 6 kB.
    """
    start, end = window or (0, trace.end)
    nodes = tuple(nodes) or trace.nodes
    if unknown := [name for name in nodes if name not in trace.nodes]:
        raise ValueError(f"no lane for {unknown[0]!r}: the run has {', '.join(trace.nodes)}")
    if not 0 <= start < end <= trace.end:
        raise ValueError(
            f"the window {start} to {end} is not inside the run, 0 to {trace.end} {trace.unit}"
        )
    view = _view(trace, legend, start, end, nodes)
    layouts, places, grip = [], {}, []
    for tall in (False, True):
        layout = Layout(view, start, end, tall, bool(label))
        size = layout.width, layout.height
        places["tall" if tall else "wide"] = [
            round(layout.at(time, 0)[tall] / size[tall], 4) for time in (start, end)
        ]
        if handle:
            lane = nodes.index(handle[1]) if handle[1] in nodes else handle[1]
            point = layout.at(layout.clip(handle[0]), lane)
            grip += [round(at / whole, 4) for at, whole in zip(point, size, strict=True)]
        layouts.append(Drawing(view, legend, layout, label).svg())
    words = " ".join(filter(None, [describe(view, legend, (start, end)), description]))
    story = ""
    if says is not None:
        steps = tell(trace, view, legend, says, (start, end))
        story = compact(view, legend, steps, (start, end), places, ring)
    shown = key(_entries(view, legend, start, end))
    return Figure(*layouts, title, words, caption, seed, shown, story, tuple(grip))


def describe(trace: Trace, legend: Legend, window: tuple[int, int]) -> str:
    """The picture in words, oldest first: what is counted, marked, begun and cut."""
    start, end = window
    lost = sum(1 for m in trace.msgs if m.lost)
    told = [
        f"Time from {start:,} to {end:,} {trace.unit}, lanes {', '.join(trace.nodes)}.",
        f"{len(trace.msgs)} messages, {lost} lost." if trace.msgs else "No message.",
    ]
    steps = [(m.at, 1, f"{m.node} {legend.mark(m)}") for m in trace.marks]
    for s in trace.spans:
        if start < s.start and legend.entry(legend.states, s.state, s.label):
            steps.append((s.start, 2, f"{s.node} is {s.state}{', ' if s.label else ''}{s.label}"))
    for c in trace.cuts:
        sides = (" to " if c.one_way else " from ").join(", ".join(group) for group in c.groups)
        steps.append(
            (
                c.start,
                0,
                f"{'one-way cut' if c.one_way else 'network split'}, {sides}, until {c.end:,}",
            )
        )
    steps.sort(key=lambda step: step[:2])
    told += [f"{at:,} {trace.unit}: {what}." for at, _, what in steps[:14]]
    if len(steps) > 14:
        told.append(f"And {len(steps) - 14} more.")
    return " ".join(told)


def _view(trace, legend, start, end, nodes):
    """The trace with no more than what is drawn."""
    lanes = set(nodes)

    def visible(m):
        arrives = m.sent + (m.eta or 0)
        return {m.src, m.dst} <= lanes and m.eta is not None and m.sent < end and arrives > start

    cuts = (
        Cut(
            c.start,
            c.end,
            tuple(tuple(n for n in group if n in lanes) for group in c.groups),
            c.one_way,
        )
        for c in trace.cuts
        if c.start < end and c.end > start
    )
    return replace(
        trace,
        nodes=nodes,
        msgs=tuple(m for m in trace.msgs if visible(m) and legend.message(m)),
        spans=tuple(s for node in nodes for s in trace.spans if s.node == node),
        marks=tuple(
            m for m in trace.marks if m.node in lanes and start <= m.at <= end and legend.mark(m)
        ),
        cuts=tuple(c for c in cuts if sum(map(bool, c.groups)) > 1),
    )


def _entries(view, legend, start, end):
    """The key: only what occurs, in the legend's order."""
    shown = [s for s in view.spans if s.end > start and s.start < end]
    states = {legend.entry(legend.states, s.state, s.label) for s in shown}
    kinds = {legend.entry(legend.messages, m.kind, m.epoch) for m in view.msgs}
    said = legend.words
    for name, tone in legend.states.items():
        if name in states and tone:
            yield f"band t-{tone}", said.get(name, name)
    for name, tone in legend.messages.items():
        if name in kinds and tone:
            tone, _, ring = tone.partition(" ")
            yield f"{'reply ' if ring else ''}t-{tone}", said.get(name, name)
    if "" in kinds:
        others = sorted(
            {m.kind for m in view.msgs if not legend.entry(legend.messages, m.kind, m.epoch)}
        )
        yield "t-muted", said.get("other", ", ".join(others))
    for reason in ("network split", "dropped", "node down"):
        if any(m.lost == reason for m in view.msgs):
            usual = {
                "network split": "lost at the split",
                "dropped": "lost",
                "node down": "lost: the node is down",
            }
            yield "lost", said.get(reason, usual[reason])
