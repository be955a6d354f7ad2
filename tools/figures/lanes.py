"""The drawing of a space-time diagram: once, for both layouts.

`Layout` maps (time, lane) to (x, y); the wide one runs time to the right, the tall one runs
it down a phone. `Drawing` puts the parts of a trace on it, from the ground up.
"""

from collections.abc import Iterable
from itertools import pairwise

from tools.figures.figure import number
from tools.figures.pen import LETTER, Labels, arrow, cross, dot, drawing, line, path, text
from tools.figures.trace import Trace

BAND = 8.5  # half the width of a state's band, px
NEAR = 7  # crosses closer than this are one cross, px


class Layout:
    """Pixels for times and lanes. Lane 1.5 is half-way between the second and the third."""

    def __init__(self, view: Trace, start: int, end: int, tall: bool, labelled: bool = False):
        self.start, self.end, self.tall = start, end, tall
        lanes, span = len(view.nodes), end - start
        if tall:
            self.side, self.head = 42, 46
            self.gap = max(52, (358 - self.side) / lanes)
            self.scale = min(max(2.1 * span, 340), 620) / span
            self.width = self.side + self.gap * lanes
            self.height = self.head + self.scale * span + 30
            self.low, self.high = self.side, self.width  # first and last pixel across time
        else:
            self.side = max(len(node) for node in view.nodes) * LETTER * 1.08 + 16
            self.head = 34 if view.cuts else 14
            self.gap = {1: 60, 2: 96, 3: 74, 4: 60}.get(lanes, 52) + 10 * labelled
            self.scale = (700 - self.side - 16) / span
            self.width, self.height = 700, self.head + self.gap * (lanes - 1) + 62
            self.low, self.high = self.head - 4, self.height - 22

    def at(self, time: float, lane: float) -> tuple[float, float]:
        """The point (x, y) of a time on a lane."""
        along = (time - self.start) * self.scale
        if self.tall:
            return self.side + self.gap * (lane + 0.5), self.head + along
        return self.side + along, self.head + 16 + self.gap * lane

    def clip(self, time: float) -> float:
        return min(max(time, self.start), self.end)

    def stretch(self, start: float, end: float, lane: float) -> tuple[float, float, float, float]:
        """The line (x1, y1, x2, y2) along a lane, cut off at the window."""
        return *self.at(self.clip(start), lane), *self.at(self.clip(end), lane)

    def ticks(self) -> range:
        """Round times: 1, 2 or 5 and zeros, far enough apart to be read."""
        size, room = 1, 46 if self.tall else 68
        while 5 * size * self.scale < room:
            size *= 10
        step = next(n * size for n in (1, 2, 5) if n * size * self.scale >= room)
        return range(-(-self.start // step) * step, self.end + 1, step)


def axis(lay: Layout, unit: str) -> list[str]:
    """A thin line and a number for each round time."""
    points = [(time, *lay.at(time, 0)) for time in lay.ticks()]
    low, high = number(lay.low), number(lay.high)
    if lay.tall:
        x = lay.side - 8
        grid = path("grid", [f"M{low} {number(y)}H{high}" for _, _, y in points])
        marks = [text(x, y + 4, f"{time:,}", "tick", "end") for time, _, y in points]
        return [text(x, lay.head - 26, unit, "tick", "end"), grid, *marks]
    grid = path("grid", [f"M{number(x)} {low}V{high}" for _, x, _ in points])
    words = [f"{time:,}" if i else f"{time:,} {unit}" for i, (time, _, _) in enumerate(points)]
    marks = [
        text(x, lay.height - 6, each, "tick", "middle")
        for each, (_, x, _) in zip(words, points, strict=True)
    ]
    return [grid, *marks]


def names(lay: Layout, nodes: Iterable[str]) -> list[str]:
    """What each lane is: before its beginning, or above and below it."""
    out = []
    for lane, node in enumerate(nodes):
        x, y = lay.at(lay.start, lane)
        if lay.tall:
            out += [text(x, h, node, "node", "middle") for h in (lay.head - 26, lay.height - 6)]
        else:
            out.append(text(lay.side - 10, y + 4.5, node, "node", "end"))
    return out


class Drawing:
    """One layout of one view. Each part appends its shapes; later ones lie on top."""

    def __init__(self, view, legend, layout: Layout, label=None):
        self.view, self.legend, self.layout, self.label = view, legend, layout, label
        self.lane = {node: i for i, node in enumerate(view.nodes)}
        self.out, self.labels, self.crosses = [], Labels(layout.width, layout.height), []
        self.bands = [s for s in view.spans if legend.state(s) and self._in_window(s)]
        self.fences = [(c, wall) for c in view.cuts for wall in self._walls(c)]

    def svg(self) -> str:
        self.out += axis(self.layout, self.view.unit)
        self._cuts()
        self._lanes()
        arrows = self._messages()
        self._bands()
        self._cut_names()
        self._marks()
        self._arrow_labels(arrows)
        lay, advice = self.layout, "narrow the window, or hide a kind of message"
        return drawing(self.out, lay.width, lay.height, lay.tall, advice)

    def _in_window(self, stretch):
        return stretch.end > self.layout.start and stretch.start < self.layout.end

    def _busy(self, node, time):
        """Whether a band covers this node at this time."""
        return any(s.node == node and s.start <= time <= s.end for s in self.bands)

    def _name(self, words, places, cls, size=12.5):
        """Write ``words`` at the best of the places."""
        x, y, anchor = self.labels.place(words, places, size)
        self.out.append(text(x, y, words, cls, anchor))

    # Cuts and lanes ---------------------------------------------------------------------

    def _walls(self, cut):
        """Between which lanes the fence stands; nowhere if something passes there all the same."""
        sides = {name: i for i, group in enumerate(cut.groups) for name in group}
        inside = [node for node in self.lane if node in sides]
        if len(inside) <= self.lane[inside[-1]] - self.lane[inside[0]]:
            return []  # a lane between them is on neither side
        walls = [self.lane[a] + 0.5 for a, b in pairwise(inside) if sides[a] != sides[b]]
        for m in self.view.msgs:
            low, high = sorted((self.lane[m.src], self.lane[m.dst]))
            client = not {m.src, m.dst} <= sides.keys()  # above or below, and on neither side
            during = not m.lost and m.sent < cut.end and m.sent + m.eta > cut.start
            if client and during and any(low < wall < high for wall in walls):
                return []
        return walls

    def _cuts(self):
        """A tinted stretch of time, and a fence between the two sides."""
        lay = self.layout
        for c in self.view.cuts:
            x1, y1, x2, y2 = lay.stretch(c.start, c.end, 0)
            if lay.tall:
                x1, x2 = lay.low, lay.high
            else:
                y1, y2 = lay.low, lay.high
            size = f'width="{number(x2 - x1)}" height="{number(y2 - y1)}"'
            self.out.append(f'<rect class="cut" x="{number(x1)}" y="{number(y1)}" {size}/>')
            walls = [wall for cut, wall in self.fences if cut is c]
            fence = [line(*lay.stretch(c.start, c.end, wall)) for wall in walls]
            self.out.append(path("fence", fence))

    def _cut_names(self):
        """Above the stretch, or in its corner; with the sides where no fence shows them."""
        lay, said = self.layout, self.legend.words
        for c in self.view.cuts:
            names = [", ".join(group) for group in c.groups]
            fenced = any(cut is c for cut, _ in self.fences)
            words = said.get("network split", "network split")
            if c.one_way:
                words = said.get("one-way cut", "nothing from " + " to ".join(names))
            elif not fenced:
                words = said.get("network split", "split between " + " and ".join(names))
            x1, y1, x2, y2 = lay.stretch(c.start, c.end, 0)
            if lay.tall:
                ends = ((lay.high - 6, "end"), (lay.low + 6, "start"), (lay.width / 2, "middle"))
                heights = (y1 + 15, y2 - 6, y1 - 5, y2 + 14)
                places = [(x, y, anchor) for y in heights for x, anchor in ends]
            else:
                half, y = len(words) * LETTER / 2, lay.low - 8
                middle = min(max((x1 + x2) / 2, half), lay.width - half)
                places = [(middle, y, "middle"), (x1, y, "start"), (x2, y, "end")]
            self._name(words, places, "alarm")

    def _lanes(self):
        """One line a lane; it is dotted while the node is down."""
        lay, lines = self.layout, {False: [], True: []}
        for node, lane in self.lane.items():
            stretches = []  # (start, end, down), joined where nothing changes
            for s in filter(self._in_window, (s for s in self.view.spans if s.node == node)):
                down = s.state == "down"
                if stretches and stretches[-1][2] == down:
                    stretches[-1] = (stretches[-1][0], s.end, down)
                else:
                    stretches.append((s.start, s.end, down))
            for start, end, down in stretches:
                lines[down].append(line(*lay.stretch(start, end, lane)))
        self.out += names(lay, self.lane)
        self.out += [path("lane", lines[False]), path("lane down", lines[True])]

    # Messages ---------------------------------------------------------------------------

    def _messages(self):
        """One path for each tone and fate. Returns the lines of the arrows, for their labels."""
        lay, flown, lost, arrows = self.layout, {}, {}, []
        for m in self.view.msgs:
            a, b = self.lane[m.src], self.lane[m.dst]
            tone, _, ring = self.legend.message(m).partition(" ")
            stop = self._stop(m, a, b) if m.lost else 1.0
            (x1, y1), (x2, y2) = self._point(m, a, b, 0.0), self._point(m, a, b, stop)
            arrives = m.sent + m.eta * stop <= lay.end
            if arrives and stop == 1.0 and m.lost != "network split":
                # Up to the edge of the lane, or of the band that lies on it.
                edge = BAND + 1.5 if self._busy(m.dst, m.sent + m.eta) else 1.5
                trim = edge / (lay.gap * abs(b - a))
                x2, y2 = x2 - (x2 - x1) * trim, y2 - (y2 - y1) * trim
            if m.lost:
                lost.setdefault(tone, []).append(line(x1, y1, x2, y2))
                if arrives and all(abs(x2 - x) + abs(y2 - y) > NEAR for x, y in self.crosses):
                    self.crosses.append((x2, y2))
            else:
                shape = arrow(x1, y1, x2, y2, bool(ring)) if arrives else line(x1, y1, x2, y2)
                flown.setdefault(tone, []).append(shape)
            arrows.append((m, x1, y1, x2, y2))
            steps = [i / 12 for i in range(13)]
            self.labels.points += [(x1 + (x2 - x1) * i, y1 + (y2 - y1) * i) for i in steps]
        self.out += [path(f"msg lost t-{tone}", lost[tone]) for tone in sorted(lost)]
        self.out += [path(f"msg t-{tone}", flown[tone]) for tone in sorted(flown)]
        self.out.append(path("cross", [cross(x, y) for x, y in self.crosses]))
        return arrows

    def _point(self, m, a, b, part):
        """Where a message is after a part of its way, or where its line leaves the window."""
        time = m.sent + m.eta * part
        inside = self.layout.clip(time)
        if inside != time:
            part = (inside - m.sent) / m.eta
        return self.layout.at(inside, a + (b - a) * part)

    def _stop(self, m, a, b):
        """How far a lost message gets: to the fence, half-way, or to the node that is down."""
        if m.lost == "node down":
            return 1.0
        way = abs(b - a)
        half = 0.5 if way % 2 else 0.5 + 0.5 / way  # between two lanes, never on one
        stops = []
        for c in self.view.cuts if m.lost == "network split" else ():
            if c.start <= m.sent + m.eta <= c.end and c.parts(m.src, m.dst):
                walls = [
                    abs(wall - a) / way
                    for cut, wall in self.fences
                    if cut is c and min(a, b) < wall < max(a, b)
                ]
                fell = (c.start - m.sent) / m.eta if m.eta else 0.0  # or the fence fell before it
                stops.append(max(min(walls, default=half), fell))
        return min(stops, default=half)

    # States, marks and labels -------------------------------------------------------------

    def _bands(self):
        """States lie on top of the arrows, with their name inside where it fits."""
        lay, bands, names = self.layout, {}, []
        for s in self.bands:
            x1, y1, x2, y2 = lay.stretch(s.start, s.end, self.lane[s.node])
            bands.setdefault(self.legend.state(s), []).append(line(x1, y1, x2, y2))
            wide, high = (BAND, 0) if lay.tall else (0, BAND)
            self.labels.boxes.append((x1 - wide, y1 - high, x2 + wide, y2 + high))
            room = (y2 - y1 if lay.tall else x2 - x1) - 12
            for words in (f"{s.state}, {s.label}" if s.label else s.state, s.state):
                if len(words) * LETTER * 0.95 <= room:
                    x, y = (x1 - 4, y1 + 8) if lay.tall else (x1 + 8, y1 + 4)
                    names.append(text(x, y, words, "in", turn=lay.tall))
                    break
        self.out += [path(f"span t-{tone}", bands[tone]) for tone in sorted(bands)] + names

    def _marks(self):
        """A dot on the lane, or a cross for a crash, and its name beside it."""
        lay, dots, faults = self.layout, [], []
        points = [lay.at(m.at, self.lane[m.node]) for m in self.view.marks]
        self.labels.boxes += [(x - 5, y - 5, x + 5, y + 5) for x, y in points]
        for m, (x, y) in zip(self.view.marks, points, strict=True):
            fault = m.kind == "crashed"
            if fault:
                faults.append(cross(x, y, 5))
            else:
                dots.append(dot(x, y))
            ended = any(s.node == m.node and s.end == m.at for s in self.bands)
            if lay.tall:
                places = [(x, y - 8, "middle"), (x, y + 17, "middle")]
                places = places[::-1] if ended else places
                sides = ((x + 12, "start"), (x - 12, "end"))
                places += [(p, y + dy, anchor) for dy in (4.5, 17) for p, anchor in sides]
            else:
                places = [(x - 7, y + 4.5, "end"), (x + 7, y + 4.5, "start")]
                places = places[::-1] if ended or fault else places
                sides = ("middle", "start", "end")
                places += [(x, y + dy, anchor) for dy in (-13, 22) for anchor in sides]
            self._name(self.legend.mark(m), places, "alarm" if fault else "mark")
        self.out += [path("dot", dots), path("cross", faults)]

    def _arrow_labels(self, arrows):
        """Beside the line, in the corner that its slant leaves free."""
        for m, x1, y1, x2, y2 in arrows if self.label else ():
            words, places = self.label(m.what), []
            above, below = (12, -3) if (x2 - x1) * (y2 - y1) < 0 else (-3, 12)
            for part in (0.5, 0.36, 0.64, 0.25, 0.75):
                x, y = x1 + (x2 - x1) * part, y1 + (y2 - y1) * part
                places += [(x + 5, y + above, "start"), (x - 5, y + below, "end")]
            if words:
                self._name(words, places, "note", 11.5)
