"""A hash ring: who owns which arc, and how far each key walks to its owner.

    ring.draw(
        [(0.08, "n1"), (0.41, "n2"), (0.77, "n3")],
        {"n1": "blue", "n2": "amber", "n3": "green"},
        keys=[ring.Key("apple", 0.12), ring.Key("plum", 0.5, copies=2)],
        title=..., caption=..., seed="MD5 of the names",
    )

A token owns the arc that ends at it, so a key walks clockwise to the next token, as in
consistent hashing, Chord and Dynamo; with ``copies`` it walks on to that many different
owners, which is a preference list. Every token has its owner's name beside it: tones help
the eye, they are never needed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import cos, pi, sin

from tools.figures.figure import Figure, key, number
from tools.figures.pen import LETTER, Labels, arrow, dot, drawing, known, line, path, text

TOKENS = 36  # names that fit around a ring
BAND = 8.5  # half the width of the ring, px
STEPS, INNER = (9, 14), 26  # px between the ways of two keys, and the smallest way


@dataclass(frozen=True)
class Key:
    """``at`` is the key's position; ``copies`` different owners store it."""

    name: str
    at: float
    copies: int = 1


def draw(
    tokens: Iterable[tuple[float, str]],
    owners: Mapping[str, str],
    *,
    title: str,
    caption: str,
    seed: str,
    keys: Iterable[Key] = (),
    hops: Iterable[tuple[float, float]] = (),
    size: float = 1,
    description: str = "",
) -> Figure:
    """The ring of ``tokens`` (position, owner), positions from 0 to below ``size``.

    ``owners`` gives each a tone, in the order of the key; one without is muted. ``hops`` are
    arrows straight across, from token to token: fingers, or the way of a lookup. Raises
    ValueError for a position outside the ring, two tokens at one position, and a crowd.
    """
    tokens, keys, hops = sorted(tokens), list(keys), list(hops)
    known(owners)
    _check(tokens, keys, hops, size)
    longest = max(len(owner) for _, owner in tokens)
    layouts = [_Ring(tokens, owners, keys, hops, size, longest, tall) for tall in (False, True)]
    words = " ".join(filter(None, [describe(tokens, keys, hops, size), description]))
    entries = key(_entries(tokens, owners, keys, hops, size))
    return Figure(*(each.svg() for each in layouts), title, words, caption, seed, entries)


def walk(tokens: list[tuple[float, str]], key: Key) -> list[tuple[float, str]]:
    """The tokens at which the key is stored: the next one, then each that has a new owner."""
    ahead = [t for t in tokens if t[0] >= key.at] + [t for t in tokens if t[0] < key.at]
    stops = {}
    for at, owner in ahead:
        stops.setdefault(owner, at)
    return [(at, owner) for owner, at in stops.items()][: key.copies]


def shares(tokens: list[tuple[float, str]], size: float) -> dict[str, float]:
    """The part of the ring that each owner's arcs cover, in the order of the ring."""
    parts = {}
    for (before, _), (at, owner) in zip([tokens[-1], *tokens], tokens, strict=False):
        parts[owner] = parts.get(owner, 0) + ((at - before) % size or size) / size
    return parts


def describe(tokens, keys, hops, size) -> str:
    """The picture in words: shares, then where each key goes, then the hops."""
    owner_at = dict(tokens)
    told = [f"A ring of {len(tokens)} tokens, clockwise from 0 to {size:g}."]
    told += [f"{owner} owns {part:.0%}." for owner, part in shares(tokens, size).items()]
    for each in keys[:14]:
        stops = ", then ".join(owner for _, owner in walk(tokens, each))
        told.append(f"{each.name} walks to {stops}.")
    if len(keys) > 14:
        told.append(f"And {len(keys) - 14} more keys.")
    told += [f"{owner_at[a]} asks {owner_at[b]}." for a, b in hops]
    return " ".join(told)


def _check(tokens, keys, hops, size):
    places = [at for at, _ in tokens]
    if not tokens:
        raise ValueError("a ring needs at least one token")
    for at in [*places, *(each.at for each in keys)]:
        if not 0 <= at < size:
            raise ValueError(f"{at} is not on the ring, which goes from 0 to below {size}")
    if len(set(places)) < len(places):
        twice = next(at for at in places if places.count(at) > 1)
        raise ValueError(f"two tokens stand at {twice}")
    if len(tokens) > TOKENS:
        raise ValueError(
            f"{len(tokens)} tokens cannot be named around one ring, at most {TOKENS} can: "
            "draw fewer, or draw shares as bars"
        )
    for each in keys:
        if not 1 <= each.copies <= len({owner for _, owner in tokens}):
            raise ValueError(f"{each.name} cannot have {each.copies} copies: count the owners")
    for hop in hops:
        if not set(hop) <= set(places) or hop[0] == hop[1]:
            raise ValueError(f"the hop {hop[0]} to {hop[1]} does not join two tokens")


def _entries(tokens, owners, keys, hops, size):
    count = [owner for _, owner in tokens]
    parts = shares(tokens, size)
    for owner in [*(o for o in owners if o in parts), *(o for o in parts if o not in owners)]:
        tokens_of = f", {count.count(owner)} tokens" if len(count) > len(parts) else ""
        yield f"band t-{owners.get(owner) or 'muted'}", f"{owner}: {parts[owner]:.0%}{tokens_of}"
    if keys:
        copies = any(each.copies > 1 for each in keys)
        yield "t-ink", "a key’s way to its owners" if copies else "a key’s way to its owner"
    if hops:
        yield "t-muted", "a hop"


class _Ring:
    """One layout. Angles are parts of a turn, clockwise from the top."""

    def __init__(self, tokens, owners, keys, hops, size, longest, tall):
        self.tokens, self.owners, self.keys, self.hops = tokens, owners, keys, hops
        self.size, self.tall = size, tall
        self.width = 358 if tall else 700
        name = longest * LETTER * 1.08 + 20  # beside the ring, in bold
        self.radius = min(112 if tall else 128, self.width / 2 - name)
        if self.radius < 70:
            raise ValueError("the names of the owners are too long for a ring on a phone")
        self.height = 2 * self.radius + 68
        self.labels = Labels(self.width, self.height)

    def svg(self) -> str:
        out = [*self._arcs(), self._hops(), *self._keys(), *self._names()]
        advice = "show fewer keys or tokens"
        return drawing(out, self.width, self.height, self.tall, advice)

    def _at(self, place, radius):
        turn = 2 * pi * (place / self.size - 0.25)
        return self.width / 2 + radius * cos(turn), self.height / 2 + radius * sin(turn)

    def _arc(self, start, length, radius, move=True):
        """Clockwise; the whole turn is drawn in two halves, as an arc must end elsewhere."""
        if length > 0.75 * self.size:
            half = self._arc(start, length / 2, radius, move)
            return half + self._arc(start + length / 2, length / 2, radius, move=False)
        (x1, y1), (x2, y2) = self._at(start, radius), self._at(start + length, radius)
        begin = f"M{number(x1)} {number(y1)}" if move else ""
        large, r = int(length > self.size / 2), number(radius)
        return f"{begin}A{r} {r} 0 {large} 1 {number(x2)} {number(y2)}"

    def _arcs(self):
        arcs, ticks = {}, []
        for (before, _), (at, owner) in zip(
            [self.tokens[-1], *self.tokens], self.tokens, strict=False
        ):
            tone = self.owners.get(owner) or "muted"
            length = (at - before) % self.size or self.size
            arcs.setdefault(tone, []).append(self._arc(before, length, self.radius))
            inside, outside = self.radius - BAND - 2, self.radius + BAND + 4
            ticks.append(line(*self._at(at, inside), *self._at(at, outside)))
        return [*(path(f"span t-{tone}", arcs[tone]) for tone in sorted(arcs)), path("tok", ticks)]

    def _hops(self):
        ends = self.radius - BAND - 3
        lines = [(*self._at(a, ends), *self._at(b, ends)) for a, b in self.hops]
        for x1, y1, x2, y2 in lines:
            self.labels.points += [
                (x1 + (x2 - x1) * i / 12, y1 + (y2 - y1) * i / 12) for i in range(13)
            ]
        return path("msg t-muted", [arrow(*each) for each in lines])

    def _keys(self):
        """Each way on its own radius where ways overlap; short ways lie outside."""
        if not self.keys:
            return []
        ways = []  # (key, its stops, how far it walks)
        for each in self.keys:
            stops = [at for at, _ in walk(self.tokens, each)]
            ways.append((each, stops, max((at - each.at) % self.size for at in stops)))
        ways.sort(key=lambda way: (way[2], way[0].at, way[0].name))
        taken, lines, dots, starts = [], [], [], []
        for each, _, length in ways:
            level = 0
            while any(
                level == other and self._meet(each.at, length, at, far) for other, at, far in taken
            ):
                level += 1
            taken.append((level, each.at, length))
        outer = self.radius - BAND - 16
        step = min(STEPS[1], (outer - INNER) / max(1, *(way[0] for way in taken)))
        if step < STEPS[0]:
            raise ValueError("too many keys walk along the same arc: show fewer")
        for (each, stops, length), (level, _, _) in zip(ways, taken, strict=True):
            radius = outer - step * level
            lines.append(self._arc(each.at, length, radius) if length else "")
            for at in stops:
                end = self._at(at, self.radius - BAND - 3)
                lines.append(arrow(*self._at(at, radius), *end))
                self.labels.points += [self._at(at, radius + 3 * i) for i in range(4)]
            steps = max(2, int(60 * length / self.size))
            self.labels.points += [
                self._at(each.at + length * i / steps, radius) for i in range(steps + 1)
            ]
            x, y = self._at(each.at, radius)
            dots.append(dot(x, y))
            self.labels.boxes.append((x - 4, y - 4, x + 4, y + 4))
            starts.append((each, radius))
        names = [self._key_name(*start) for start in starts]
        return [path("msg t-ink", lines), path("dot", dots), *names]

    def _meet(self, a, far_a, b, far_b):
        """Whether two ways overlap, or come so close that they look like one."""
        near = 0.03 * self.size
        return (b - a) % self.size <= far_a + near or (a - b) % self.size <= far_b + near

    def _key_name(self, each, radius):
        places = []
        for inward in (13, 6, 20, 27, 34):
            for turn in (0, -0.012, -0.03, 0.02):
                x, y = self._at(each.at + turn * self.size, radius - inward)
                places += [(x, y + 4, side) for side in self._sides(each.at, inside=True)]
        x, y, anchor = self.labels.place(each.name, places)
        return text(x, y, each.name, "mark", anchor)

    def _names(self):
        for at, owner in self.tokens:
            places = []
            for turn in (0, 0.01, -0.01, 0.02, -0.02):
                for out in (18, 24, 30):
                    x, y = self._at(at + turn * self.size, self.radius + out)
                    side = self._sides(at)[0]
                    places.append((x, y + 4.5, side))
            x, y, anchor = self.labels.place(owner, places, 13.5)
            yield text(x, y, owner, "node", anchor)

    def _sides(self, at, inside=False):
        """How a text at this place is anchored, the best first: it grows away from the ring."""
        across = cos(2 * pi * (at / self.size - 0.25)) * (-1 if inside else 1)
        best = "middle" if abs(across) < 0.25 else "start" if across > 0 else "end"
        return [best, *(each for each in ("middle", "start", "end") if each != best)]
