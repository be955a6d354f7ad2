"""What every drawing of ours is made of: paths, arrows, texts, and places for the texts."""

import re
from collections.abc import Iterable, Mapping
from html import escape

from tools.figures.figure import number

TONES = ("blue", "amber", "green", "violet", "red", "ink", "muted")
LIMIT = 6_000  # bytes a layout: more is a heavy page, and more than the eye can use
SIZE = 12.5  # px, the size of letters that figure.css gives to a drawing
LETTER = 6.3  # px, the mean width of a letter of that size


def known(tones: Mapping[object, str]) -> None:
    """ValueError if a legend gives a colour, or anything else that is not a tone."""
    for name, tone in tones.items():
        if tone and tone.removesuffix(" ring") not in TONES:
            raise ValueError(f"{name!r} has the tone {tone!r}: use one of {', '.join(TONES)}")


def drawing(out: Iterable[str], width: float, height: float, tall: bool, advice: str) -> str:
    """The <svg> of one layout. ValueError, with the advice, if it is too large."""
    box = f"0 0 {number(width)} {number(height)}"
    svg = f'<svg class="st {"tall" if tall else "wide"}" viewBox="{box}">{"".join(out)}</svg>'
    if len(svg.encode()) > LIMIT:
        size = f"a layout has {len(svg.encode()):,} bytes, at most {LIMIT:,}"
        raise ValueError(f"{size}: {advice}")
    return svg


def line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"


def arrow(x1: float, y1: float, x2: float, y2: float, ring: bool = False) -> str:
    """A line with an open head, or with a ring for a head, which is how replies end."""
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1
    u, v = (x2 - x1) / length, (y2 - y1) / length

    def step(x, y):
        return f"{number(x)} {number(y)}"

    if ring:
        arc = "a3 3 0 1 0 "
        shaft = line(x1, y1, x2 - 6 * u, y2 - 6 * v)
        return shaft + arc + step(6 * u, 6 * v) + arc + step(-6 * u, -6 * v)
    p, q = -7.5 * u - 3.1 * v, -7.5 * v + 3.1 * u
    r, s = -7.5 * u + 3.1 * v, -7.5 * v - 3.1 * u
    return f"{line(x1, y1, x2, y2)}l{step(p, q)}m{step(-p, -q)}l{step(r, s)}"


def cross(x: float, y: float, arm: float = 3) -> str:
    across = f"{number(2 * arm)} {number(2 * arm)}m0-{number(2 * arm)}"
    return f"M{number(x - arm)} {number(y - arm)}l{across}l-{number(2 * arm)} {number(2 * arm)}"


def dot(x: float, y: float) -> str:
    return f"M{number(x - 2.5)} {number(y)}a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0"


def path(cls: str, parts: list[str]) -> str:
    """One path of all the parts that look alike; "" if there are none."""
    if not parts:
        return ""
    short = re.sub(r"\b0\.", ".", "".join(parts)).replace(" -", "-")
    return f'<path class="{cls}" d="{short}"/>'


def text(
    x: float, y: float, words: str, cls: str, anchor: str = "start", turn: bool = False
) -> str:
    """``turn`` writes downwards, for the bands of the tall layout."""
    where = f'x="{number(x)}" y="{number(y)}"'
    if turn:
        where = f'transform="translate({number(x)} {number(y)})rotate(90)"'
    side = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{cls}" {where}{side}>{escape(words, quote=False)}</text>'


def texts(cls: str, words: Iterable[tuple[float, float, str]]) -> str:
    """Centred texts that look alike, as one group; "" if there are none."""
    inner = "".join(
        f'<text x="{number(x)}" y="{number(y)}">{escape(each, quote=False)}</text>'
        for x, y, each in words
    )
    return f'<g class="{cls}" text-anchor="middle">{inner}</g>' if inner else ""


class Labels:
    """Finds each text a place where it hides nothing, or the least.

    ``boxes`` are what must stay visible (left, top, right, bottom), ``points`` lie on lines,
    which a text may cross if it has to: its halo keeps it readable.
    """

    def __init__(self, width: float, height: float):
        self.width, self.height = width, height
        self.boxes, self.points = [], []

    def place(self, words: str, places: list[tuple[float, float, str]], size: float = SIZE):
        """The best of ``places`` (x, y, anchor), the first of equals; it is taken from now on."""
        best = min(places, key=lambda place: self._cost(_box(*place, words, size)))
        self.boxes.append(_box(*best, words, size))
        return best

    def _cost(self, box):
        a, b, c, d = box
        cost = 20 * ((c - a) * (d - b) - _shared(box, (0, 0, self.width, self.height)))
        cost += sum(_shared(box, other) for other in self.boxes)
        return cost + 6 * sum(a <= x <= c and b <= y <= d for x, y in self.points)


def _box(x, y, anchor, words, size):
    width = len(words) * LETTER * size / SIZE
    left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
    return left, y - size * 0.8, left + width, y + size * 0.25


def _shared(one, other):
    """The area that two boxes have in common."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0, wide) * max(0, high)
