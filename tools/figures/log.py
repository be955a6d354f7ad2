"""Replicated logs: one row a node, one cell an entry, committed ones solid.

    log.draw(
        [
            log.Row("S1", [(1, "x=1"), (1, "y=2"), (2, "x=3")], committed=2, mark="leader"),
            log.Row("S2", [(1, "x=1"), (1, "y=2")], committed=2),
            log.Row("S3", [(1, "x=1")], committed=1, mark="crashed"),
        ],
        {1: "blue", 2: "violet"},
        title=..., caption=..., seed="seed 7",
    )

A cell says its term in a number, so that a tone is never needed; an entry that is not
committed has a dashed outline instead of a solid ground. On a phone the nodes stand side by
side and their logs grow downwards.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from tools.figures.figure import Figure, key, number
from tools.figures.pen import LETTER, cross, drawing, known, path, text, texts

FAULTS = ("crashed", "down", "partitioned")  # marks that are drawn as an alarm
SMALL = LETTER * 0.98  # px, a bold letter in a cell
WIDE, TALL = 700, 358


@dataclass(frozen=True)
class Row:
    """One node's log: ``entries`` are (term, command), the first ``committed`` of them are.

    ``mark`` is what the node is: leader, crashed, out of sync. A command may be "".
    """

    node: str
    entries: Sequence[tuple[Hashable, str]]
    committed: int = 0
    mark: str = ""


def draw(
    rows: Sequence[Row] | Mapping[str, Sequence[Row]],
    tones: Mapping[Hashable, str],
    *,
    title: str,
    caption: str,
    seed: str,
    first: int = 1,
    words: Mapping[str, str] | None = None,
    description: str = "",
) -> Figure:
    """The logs of ``rows``; a mapping draws several moments, each under its name.

    ``tones`` gives each term a tone; one without is muted. ``first`` is the index of the
    first entry. ``words`` says what else to call "term", "committed" and "not committed".
    Raises ValueError for a log that contradicts itself, and for one that does not fit.
    """
    panels = dict(rows) if isinstance(rows, Mapping) else {"": list(rows)}
    words = {word: word for word in ("term", "committed", "not committed")} | dict(words or {})
    known(tones)
    _check(panels)
    layouts = [_wide(panels, tones, first), _tall(panels, tones, first)]
    said = " ".join(filter(None, [describe(panels, words), description]))
    return Figure(*layouts, title, said, caption, seed, key(_entries(panels, tones, words)))


def describe(panels: Mapping[str, Sequence[Row]], words: Mapping[str, str]) -> str:
    """The picture in words: for each node its terms, its commands, and what is committed."""
    told = []
    for name, rows in panels.items():
        told += [f"{name}:"] if name else []
        for row in rows:
            who = f"{row.node}, {row.mark}" if row.mark else row.node
            cells = ", ".join(f"{command or 'entry'} in {term}" for term, command in row.entries)
            count = f"{row.committed} of {len(row.entries)} {words['committed']}"
            told.append(f"{who}: {cells}; {count}." if cells else f"{who}: empty.")
    return " ".join(told)


def _check(panels):
    if not any(row.entries for rows in panels.values() for row in rows):
        raise ValueError("these logs have no entry to draw")
    for rows in panels.values():
        nodes = [row.node for row in rows]
        for row in rows:
            if nodes.count(row.node) > 1:
                raise ValueError(f"{row.node} has two logs in one picture")
            if not 0 <= row.committed <= len(row.entries):
                raise ValueError(
                    f"{row.node} cannot have {row.committed} of {len(row.entries)} committed"
                )


def _entries(panels, tones, words):
    rows = [row for each in panels.values() for row in each]
    terms = dict.fromkeys(term for row in rows for term, _ in row.entries)
    for term in [*(t for t in tones if t in terms), *(t for t in terms if t not in tones)]:
        yield f"band t-{tones.get(term) or 'muted'}", f"{words['term']} {term}"
    if any(row.committed for row in rows):
        yield "cell t-ink", words["committed"]
    if any(row.committed < len(row.entries) for row in rows):
        yield "cell open t-ink", words["not committed"]


class _Cells:
    """Collects cells, so that those which look alike become one path."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.boxes, self.texts, self.out, self.faults = {}, {}, [], []

    def add(self, x, y, term, command, tone, done):
        box = f"M{number(x)} {number(y)}h{number(self.width)}v{number(self.height)}"
        group = f"cell t-{tone}" if done else f"cell open t-{tone}"
        self.boxes.setdefault(group, []).append(f"{box}h-{number(self.width)}z")
        middle, cls = x + self.width / 2, "in" if done else "note"
        lines = [(cls, command, -2), (f"{cls} term", str(term), 12)] if command else []
        for name, word, dy in lines or [(cls, str(term), 4)]:
            baseline = y + self.height / 2 + dy
            self.texts.setdefault(name, []).append((middle, baseline, word))

    def mark(self, x, y, words, anchor):
        fault = words in FAULTS
        if fault and anchor == "start":
            self.faults.append(cross(x + 5, y - 4, 4))
            x += 15
        self.out.append(text(x, y, words, "alarm" if fault else "mark", anchor))

    def drawn(self):
        yield from (path(cls, self.boxes[cls]) for cls in sorted(self.boxes))
        yield from (texts(cls, self.texts[cls]) for cls in sorted(self.texts))
        yield from self.out
        yield path("cross", self.faults)


def _sizes(panels):
    """What both layouts measure: rows, the longest log, letters of a cell, and its height."""
    rows = [row for each in panels.values() for row in each]
    cells = [cell for row in rows for cell in row.entries]
    letters = max(max(len(str(term)), len(command)) for term, command in cells)
    high = 34 if any(command for _, command in cells) else 24
    return rows, max(len(row.entries) for row in rows), letters, high


def _wide(panels, tones, first):
    rows, longest, letters, high = _sizes(panels)
    cell = max(26, letters * SMALL + 10)
    side = max(len(row.node) for row in rows) * LETTER * 1.08 + 12
    marks = max(
        longest * (cell + 4),
        *(
            len(row.entries) * (cell + 4) + len(row.mark) * LETTER + 22 * bool(row.mark)
            for row in rows
        ),
    )
    breadth = side + marks
    if breadth > WIDE:
        raise ValueError("a log is too wide: shorten its commands, or show fewer entries")
    columns = min(len(panels), int((WIDE + 28) / (breadth + 28)))
    left = (WIDE - columns * breadth - (columns - 1) * 28) / 2
    head, cells, top = 20 + 20 * any(panels), _Cells(cell, high), 0
    for start in range(0, len(panels), columns):
        line = list(panels.items())[start : start + columns]
        for i, (name, each) in enumerate(line):
            x = left + i * (breadth + 28) + side
            longest_here = max((len(row.entries) for row in each), default=0)
            if name:
                cells.out.append(text(x - side, top + 14, name, "node"))
            index = [
                (x + j * (cell + 4) + cell / 2, top + head - 7, f"{first + j:,}")
                for j in range(longest_here)
            ]
            cells.out.append(texts("tick", index))
            for k, row in enumerate(each):
                y = top + head + k * (high + 6)
                cells.out.append(text(x - 10, y + high / 2 + 4.5, row.node, "node", "end"))
                for j, (term, command) in enumerate(row.entries):
                    tone = tones.get(term) or "muted"
                    cells.add(x + j * (cell + 4), y, term, command, tone, j < row.committed)
                if row.mark:
                    end = x + len(row.entries) * (cell + 4) + 4
                    cells.mark(end, y + high / 2 + 4.5, row.mark, "start")
        top += head + max(len(each) for _, each in line) * (high + 6) + 18
    advice = "show fewer entries"
    return drawing(cells.drawn(), WIDE, top - 22, False, advice)


def _tall(panels, tones, first):
    _, longest, letters, high = _sizes(panels)
    side = len(f"{first + longest - 1:,}") * LETTER + 12
    most = max(len(each) for each in panels.values())
    cell = min((TALL - side) / most - 6, 72)
    if cell < letters * SMALL + 4:
        raise ValueError(
            f"{most} logs with commands of {letters} letters do not fit a phone: "
            "shorten them, or show fewer nodes"
        )
    cells, top = _Cells(cell, high), 0
    for name, each in panels.items():
        if name:
            cells.out.append(text(0, top + 14, name, "node"))
            top += 20
        marks = [_lines(row.mark, cell) for row in each]
        body = top + 22 + 15 * max(map(len, marks), default=0)
        deepest = max((len(row.entries) for row in each), default=0)
        for j in range(deepest):
            y = body + j * (high + 5) + high / 2 + 4
            cells.out.append(text(side - 8, y, f"{first + j:,}", "tick", "end"))
        for k, row in enumerate(each):
            x = side + k * (cell + 6)
            cells.out.append(text(x + cell / 2, top + 14, row.node, "node", "middle"))
            if row.mark in FAULTS:
                cells.faults.append(cross(x + cell / 2 + len(row.node) * 4 + 9, top + 10, 4))
            for i, words in enumerate(marks[k]):
                fault = "alarm" if row.mark in FAULTS else "mark"
                cells.out.append(text(x + cell / 2, top + 29 + 15 * i, words, fault, "middle"))
            for j, (term, command) in enumerate(row.entries):
                tone = tones.get(term) or "muted"
                cells.add(x, body + j * (high + 5), term, command, tone, j < row.committed)
        top = body + deepest * (high + 5) + 18
    advice = "show fewer entries"
    return drawing(cells.drawn(), TALL, top - 21, True, advice)


def _lines(words, width):
    """The words of a mark, in lines that fit a column."""
    lines = []
    for word in words.split():
        if lines and (len(lines[-1]) + len(word) + 1) * LETTER <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
