"""What the player says and shows: one sentence a step, taken from the events of the run.

The page gives the words, the run gives the names and times, and nothing is told that is
not in the trace. ``tell`` makes the steps and ``compact`` the JSON that stands beside the
picture; docs/assets/player.js reads it and knows no algorithm.
"""

import json
from cmath import rect
from collections.abc import Mapping, Sequence
from html import escape
from math import pi

from tools.figures.figure import number
from tools.figures.trace import Trace

LIMIT = 4_000  # bytes
CUT = "The network splits, {sides}"
ONE_WAY = "Nothing gets from {sides} any more"
HEAL = "The network is whole again"


def tell(trace: Trace, view: Trace, legend, says: Mapping[str, str], window) -> list:
    """The steps [(time, sentence)], in the order of time, one for each time.

    ``says`` gives a template to a moment: "heal", "network split", "one-way cut"; the text of a
    mark, "note read" for its kind and first word, or its kind; "leader term 2", "leader after candidate" or "leader" for
    the begin of a state; "Vote" for a message that arrives, "Vote sent" and "Vote lost" for its other moments. What
    the legend marks is told without a template, too, and "" keeps quiet about it. A template
    may hold {node}, {text}, {rest}, {state}, {label}, {src}, {dst}, {epoch}, {what}, {sides};
    {Node} begins with a capital letter. Instead of a template there may be a function that is
    called with these by name. Raises ValueError for a field that is not there.
    """
    start, end = window
    told = []
    for at, order, names, usual, fields in _moments(trace, view, legend):
        template = next((says[name] for name in names if name in says), usual)
        if template and start <= at <= end:
            told.append((at, order, _sentence(template, fields)))
    steps = {}
    for at, _, sentence in sorted(told, key=lambda each: each[:2]):
        said = steps.setdefault(at, [])
        said += [] if sentence in said else [sentence]
    return [(at, " ".join(said)) for at, said in steps.items()]


def _sentence(template, fields):
    if callable(template):
        template = template(**fields).replace("{", "{{").replace("}", "}}")
    capitals = {k.capitalize(): v[:1].upper() + v[1:] for k, v in fields.items() if k in NAMES}
    try:
        words = template.format_map({**fields, **capitals})
    except (KeyError, AttributeError) as error:
        known = ", ".join(sorted(fields))
        raise ValueError(f"{template!r} asks for {error}, but this step has {known}") from None
    words = " ".join(words.split())
    return words if words[-1:] in ".!?" else words + "."


NAMES = ("node", "src", "dst")


def _moments(trace, view, legend):
    """(time, order, names in ``says``, the usual words, fields) of all that may be told."""
    for c in view.cuts:
        sides = (" to " if c.one_way else " from ").join(
            ", ".join(sorted(group, key=view.nodes.index)) for group in c.groups
        )
        name, usual = ("one-way cut", ONE_WAY) if c.one_way else ("network split", CUT)
        yield c.start, 0, (name,), usual, {"sides": sides}
        if c.end < trace.end:
            yield c.end, 0, ("heal",), HEAL, {"sides": sides}
    for m in trace.marks:
        if m.node in view.nodes:
            first, _, rest = m.text.partition(" ")
            usual = "{node} " + legend.mark(m) if legend.mark(m) else ""
            fields = {"node": m.node, "text": m.text, "rest": rest}
            yield (
                m.at,
                1,
                (m.text, f"{m.kind} {first}", m.kind),
                usual.replace("{text}", m.text),
                fields,
            )
    for s in view.spans:
        if s.start > 0:
            fields = {"node": s.node, "state": s.state, "label": s.label}
            before = next(b.state for b in view.spans if (b.node, b.end) == (s.node, s.start))
            names = f"{s.state} {s.label}".strip(), f"{s.state} after {before}", s.state
            yield s.start, 2, names, "", fields
    for m in view.msgs:
        fields = {"src": m.src, "dst": m.dst, "epoch": m.epoch, "what": m.what}
        names = f"{m.kind} {m.epoch}".strip(), m.kind
        yield m.sent, 3, tuple(f"{name} sent" for name in names), "", fields
        if m.lost:
            yield m.sent + m.eta, 4, tuple(f"{name} lost" for name in names), "", fields
        elif m.received is not None:
            yield m.received, 4, names, "", fields


def compact(view: Trace, legend, steps, window, places: dict, ring: Sequence[str]) -> str:
    """The JSON beside a picture. ``places`` are the ends of the time axis in each layout,
    ``ring`` the nodes that are also shown in a ring.

    Raises ValueError if there is no step, and for more than 4 kB.
    """
    if not steps:
        raise ValueError("nothing to tell: let says= name what happens in the window")
    start, end = window
    story = {"v": 1, "unit": view.unit, "from": start, "to": end, **places, "steps": steps}
    if ring:
        story |= _ring(view, legend, start, end, ring)
    text = json.dumps(story, separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > LIMIT:
        raise ValueError(
            f"a story has {len(text.encode()):,} bytes, at most {LIMIT:,}: "
            "narrow the window, or tell less"
        )
    return text


RADIUS = 88  # px, of the ring; player.js draws the nodes with 29 px
NEAR, BEYOND = 66, 45  # px: the fence passes between neighbours here, and goes on for so long


def spot(i: float, size: int, radius: float = RADIUS) -> complex:
    """The place of node i of a ring; the first one is at the top."""
    return rect(radius, 2 * pi * i / size - pi / 2)


def fence(sides: Sequence[int]) -> tuple[complex, complex] | None:
    """Both ends of the line that parts the nodes of a ring, if a single line does."""
    size = len(sides)
    gaps = [i + 0.5 for i in range(size) if sides[i] != sides[(i + 1) % size]]
    if len(gaps) != 2:
        return None
    p, q = (spot(gap, size, NEAR) for gap in gaps)
    longer = (q - p) / abs(q - p) * BEYOND
    return p - longer, q + longer


def meets(line, a: complex, b: complex) -> float:
    """How far along its way from a to b a message meets the line; half-way if it does not."""
    p, q = line or (0, 0)
    c, d = (((q - p).conjugate() * (end - p)).imag for end in (a, b))
    return round(c / (c - d), 2) if c * d < 0 else 0.5


def _ring(view, legend, start, end, ring):
    """The nodes, what they are and what flies between them, by the numbers of the nodes.

    A message is (from, to, sent, takes, tone), and how far it gets if it is lost.
    """
    lane = {node: i for i, node in enumerate(ring)}
    spots = [spot(i, len(ring)) for i in lane.values()]
    lines = []
    for c in view.cuts:
        side = {name: i for i, group in enumerate(c.groups) for name in group}
        lines.append(fence([side.get(node, -1) for node in ring]))

    def stop(m):
        at = m.sent + m.eta
        line = [
            line
            for c, line in zip(view.cuts, lines, strict=True)
            if m.lost == "network split" and c.start <= at <= c.end and c.parts(m.src, m.dst)
        ]
        return meets(line[0] if line else None, spots[lane[m.src]], spots[lane[m.dst]])

    def point(z):
        return f"{number(z.real)} {number(z.imag)}"

    return {
        # The names become part of an SVG.
        "nodes": [
            (escape(node), float(number(z.real)), float(number(z.imag)))
            for node, z in zip(ring, spots, strict=True)
        ],
        "spans": [
            (
                lane[s.node],
                s.start,
                s.end,
                legend.state(s),
                escape(s.label or s.state) if legend.state(s) else "",
            )
            for s in view.spans
            if s.node in lane and s.end > start and s.start <= end
        ],
        "msgs": [
            [lane[m.src], lane[m.dst], m.sent, m.eta, legend.message(m).split(" ")[0]]
            + ([stop(m)] if m.lost else [])
            for m in view.msgs
            if m.src in lane and m.dst in lane
        ],
        "cuts": [
            (c.start, c.end, f"M{point(line[0])}L{point(line[1])}" if line else "")
            for c, line in zip(view.cuts, lines, strict=True)
        ],
    }
