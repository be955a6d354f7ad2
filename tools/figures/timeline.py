"""A history: operations as bars from call to return, one lane a client.

    timeline.draw(
        [
            timeline.Op("c1", 0, 30, "write 1", point=12),
            timeline.Op("c2", 8, 25, "read 1", point=18),
            timeline.Op("c3", 20, None, "write 2"),
        ],
        {"write": "amber", "read": "blue"},
        title=..., caption=..., seed="seed 7",
    )

For linearizability: ``point`` is the moment at which the operation takes effect, a tick
across its bar. For isolation: one lane a transaction, its commit or abort as a mark. The
operation is written in its bar or beside it; one that has not returned is dashed, and runs
on to the edge. A tone stands for the operation's first word, so it is never alone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import SimpleNamespace

from tools.figures.figure import Figure, key, number
from tools.figures.lanes import BAND, Layout, axis, names
from tools.figures.pen import LETTER, Labels, cross, dot, drawing, known, line, path, text

GAP = 1.5  # px
FAULTS = ("crashed", "aborted")  # kinds of marks that are drawn as an alarm


@dataclass(frozen=True)
class Op:
    """``end`` is None while the operation has not returned; ``point`` is when it took effect."""

    client: str
    start: int
    end: int | None
    text: str
    point: int | None = None

    @property
    def kind(self) -> str:
        """The first word of the text: "read" of "read x", "w" of "w(x, 1)"."""
        return re.match(r"\w*", self.text)[0]


@dataclass(frozen=True)
class Mark:
    """A moment of one client; "crashed" and "aborted" are crosses, other kinds are dots."""

    client: str
    at: int
    kind: str
    text: str = ""  # what is written, if not the kind


def draw(
    ops: Iterable[Op],
    tones: Mapping[str, str],
    *,
    title: str,
    caption: str,
    seed: str,
    marks: Iterable[Mark] = (),
    window: tuple[int, int] | None = None,
    clients: Sequence[str] = (),
    unit: str = "ms",
    words: Mapping[str, str] | None = None,
    description: str = "",
) -> Figure:
    """The history ``ops`` between the two times of ``window``, lanes in the order of ``clients``.

    ``tones`` gives each kind of operation a tone; one without is muted. ``words`` says in the
    key what else to call a kind, "takes effect" and "has not returned". Raises ValueError for
    a client with two operations at once, a point outside its operation, and a crowd.
    """
    ops, marks, words = list(ops), list(marks), dict(words or {})
    clients = tuple(clients) or tuple(dict.fromkeys(each.client for each in [*ops, *marks]))
    known(tones)
    start, end = window or _window(ops, marks)
    _check(ops, marks, clients, start, end)
    shown = [op for op in ops if op.start < end and (op.end is None or op.end > start)]
    marks = [mark for mark in marks if start <= mark.at <= end]
    layouts = [
        _Lanes(shown, marks, clients, tones, Layout(_view(clients), start, end, tall)).svg(unit)
        for tall in (False, True)
    ]
    said = " ".join(filter(None, [describe(shown, marks, clients, unit), description]))
    return Figure(*layouts, title, said, caption, seed, key(_entries(shown, tones, words)))


def describe(ops: Sequence[Op], marks: Sequence[Mark], clients: Sequence[str], unit: str) -> str:
    """The picture in words, in the order of the calls."""
    steps = []
    for op in ops:
        until = "not returned" if op.end is None else f"to {op.end:,}"
        point = "" if op.point is None else f", takes effect at {op.point:,}"
        steps.append((op.start, f"{op.client} {op.text}, {op.start:,} {until}{point}."))
    steps += [(mark.at, f"{mark.at:,}: {mark.client} {mark.text or mark.kind}.") for mark in marks]
    steps.sort(key=lambda step: step[0])
    told = [f"Lanes {', '.join(clients)}; times in {unit}." if unit else ", ".join(clients) + "."]
    told += [step for _, step in steps[:20]]
    if len(steps) > 20:
        told.append(f"And {len(steps) - 20} more.")
    return " ".join(told)


def _view(clients):
    return SimpleNamespace(nodes=clients, cuts=())


def _window(ops, marks):
    """All of the history, and a little more if something has not returned."""
    times = [op.start for op in ops] + [op.end for op in ops if op.end is not None]
    times += [op.point for op in ops if op.point is not None] + [mark.at for mark in marks]
    if not ops:
        raise ValueError("a history needs at least one operation")
    first, last = min(times), max(times)
    more = max(1, (last - first) // 8) if any(op.end is None for op in ops) else 0
    return 0 if 0 <= first <= (last - first) / 3 else first, last + more


def _check(ops, marks, clients, start, end):
    for each in [*ops, *marks]:
        if each.client not in clients:
            raise ValueError(f"no lane for {each.client!r}: there are {', '.join(clients)}")
    for op in ops:
        last = end if op.end is None else op.end
        if op.end is not None and op.end <= op.start:
            raise ValueError(f"{op.client} {op.text} returns at {op.end}, not after {op.start}")
        if op.point is not None and not op.start <= op.point <= last:
            raise ValueError(f"{op.client} {op.text} takes effect at {op.point}, outside its bar")
    if not start < end:
        raise ValueError(f"the window {start} to {end} has no length")
    for client in clients:
        mine = sorted((op for op in ops if op.client == client), key=lambda op: op.start)
        for one, two in pairwise(mine):
            if one.end is None or one.end > two.start:
                raise ValueError(f"{client} calls {two.text} before {one.text} has returned")


def _entries(ops, tones, words):
    kinds = dict.fromkeys(op.kind for op in ops)
    for kind in [*(k for k in tones if k in kinds), *(k for k in kinds if k not in tones)]:
        yield f"band t-{tones.get(kind) or 'muted'}", words.get(kind, kind)
    if any(op.point is not None for op in ops):
        yield "tok t-ink", words.get("takes effect", "takes effect")
    if any(op.end is None for op in ops):
        yield "cell open t-ink", words.get("has not returned", "has not returned")


class _Lanes:
    """One layout of one history."""

    def __init__(self, ops, marks, clients, tones, layout):
        self.ops, self.marks, self.tones, self.layout = ops, marks, tones, layout
        self.clients, self.lane = clients, {client: i for i, client in enumerate(clients)}
        self.labels = Labels(layout.width, layout.height)

    def svg(self, unit) -> str:
        lay = self.layout
        lanes = [line(*lay.stretch(lay.start, lay.end, i)) for i in self.lane.values()]
        out = [*axis(lay, unit), *names(lay, self.clients), path("lane", lanes)]
        out += [*self._bars(), *self._points(), *self._texts(), *self._marks()]
        advice = "narrow the window, or show fewer operations"
        return drawing(out, lay.width, lay.height, lay.tall, advice)

    def _bar(self, op):
        """Its line along the lane, from edge to edge of the window at most."""
        end = self.layout.end if op.end is None else op.end
        return self.layout.stretch(op.start, end, self.lane[op.client])

    def _bars(self):
        solid, dashed = {}, {}
        for op in self.ops:
            tone = self.tones.get(op.kind) or "muted"
            x1, y1, x2, y2 = self._bar(op)
            wide, high = (BAND, 0) if self.layout.tall else (0, BAND)
            self.labels.boxes.append((x1 - wide, y1 - high, x2 + wide, y2 + high))
            if op.end is not None:
                # A pixel short, so that the next operation is seen to be another one.
                ends = (x2, y2 - GAP) if self.layout.tall else (x2 - GAP, y2)
                solid.setdefault(tone, []).append(line(x1, y1, *ends))
            elif self.layout.tall:
                a, b, tip = number(x1 - BAND), number(x1 + BAND), number(y2 - 8)
                shape = f"M{a} {tip}V{number(y1)}H{b}V{tip}L{number(x2)} {number(y2)}z"
                dashed.setdefault(tone, []).append(shape)
            else:
                a, b, tip = number(y1 - BAND), number(y1 + BAND), number(x2 - 8)
                shape = f"M{tip} {a}H{number(x1)}V{b}H{tip}L{number(x2)} {number(y2)}z"
                dashed.setdefault(tone, []).append(shape)
        yield from (path(f"span t-{tone}", solid[tone]) for tone in sorted(solid))
        yield from (path(f"cell open t-{tone}", dashed[tone]) for tone in sorted(dashed))

    def _points(self):
        ticks = []
        for op in self.ops:
            if op.point is not None and self.layout.start <= op.point <= self.layout.end:
                x, y = self.layout.at(op.point, self.lane[op.client])
                dx, dy = (14, 0) if self.layout.tall else (0, 14)
                ticks.append(line(x - dx, y - dy, x + dx, y + dy))
                self.labels.boxes.append((x - dx - 1, y - dy - 1, x + dx + 1, y + dy + 1))
        yield path("tok", ticks)

    def _texts(self):
        """In the bar if it is long enough and no tick is in the way, else beside it."""
        for op in self.ops:
            x1, y1, x2, y2 = self._bar(op)
            cls = "in" if op.end is not None else "note"
            length = len(op.text) * LETTER * 0.95 + 14
            if self.layout.tall:
                places = []
                for part in (0.5, 0.3, 0.7, 0.1, 0.9):
                    y = y1 + (y2 - y1) * part + 4
                    places += [(x1 + BAND + 7, y, "start"), (x1 - BAND - 7, y, "end")]
                x, y, anchor = self.labels.place(op.text, places)
                yield text(x, y, op.text, "mark", anchor)
                continue
            stretches = [x1, x2]
            if op.point is not None and self.layout.start <= op.point <= self.layout.end:
                stretches.insert(1, self.layout.at(op.point, 0)[0])
            left, right = max(pairwise(stretches), key=lambda pair: pair[1] - pair[0])
            if length <= right - left:
                yield text((left + right) / 2, y1 + 4, op.text, cls, "middle")
                continue
            middle = (x1 + x2) / 2
            sides = ((middle, "middle"), (x1, "start"), (x2, "end"))
            places = [(x, y1 + dy, anchor) for dy in (-13, 22) for x, anchor in sides]
            x, y, anchor = self.labels.place(op.text, places)
            yield text(x, y, op.text, "mark", anchor)

    def _marks(self):
        dots, faults = [], []
        for mark in self.marks:
            x, y = self.layout.at(mark.at, self.lane[mark.client])
            fault = mark.kind in FAULTS
            (faults if fault else dots).append(cross(x, y, 5) if fault else dot(x, y))
            self.labels.boxes.append((x - 5, y - 5, x + 5, y + 5))
            if self.layout.tall:
                places = [
                    (x, y + 17, "middle"),
                    (x + 12, y + 4.5, "start"),
                    (x - 12, y + 4.5, "end"),
                ]
                places += [(x, y - 8, "middle"), (x + 12, y + 17, "start"), (x - 12, y + 17, "end")]
            else:
                places = [(x + 8, y + 4.5, "start"), (x - 8, y + 4.5, "end")]
                sides = ("middle", "start", "end")
                places += [(x, y + dy, anchor) for dy in (22, -13) for anchor in sides]
            words = mark.text or mark.kind
            x, y, anchor = self.labels.place(words, places)
            yield text(x, y, words, "alarm" if fault else "mark", anchor)
        yield from (path("dot", dots), path("cross", faults))
