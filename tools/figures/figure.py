"""A picture for a page: two layouts of one drawing, its words, and where it came from.

Inline SVG, because an <img> cannot follow the theme switch, be selected or be read
aloud. Two layouts, because time runs to the right on a desk and down on a phone; the
stylesheet shows one of them. Drawings carry classes and CSS variables, never colours.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from html import escape

# What a caption may hold; everything else is escaped.
INLINE = ("code", "em", "strong", "sub", "sup")
# Ticks and names of lanes are no words to search for; the caption below them is.
UNSEARCHED = 'data-search-exclude=""'
PLAYER = "../../assets/player.js"  # as a page sees it


def number(value: float) -> str:
    """A coordinate with one decimal at most: a tenth of a pixel is below what eyes see."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def inline(text: str) -> str:
    """Escape plain text but let the few inline tags through; ValueError if one stays open."""
    tags = "|".join(INLINE)
    html = re.sub(rf"&lt;(/?)({tags})&gt;", r"<\1\2>", escape(" ".join(text.split()), quote=False))
    open_tags = []
    for closing, tag in re.findall(rf"<(/?)({tags})>", html):
        if not closing:
            open_tags.append(tag)
        elif not open_tags or open_tags.pop() != tag:
            raise ValueError(f"</{tag}> closes nothing in the caption {text!r}")
    if open_tags:
        raise ValueError(f"<{open_tags[-1]}> is not closed in the caption {text!r}")
    return html


def key(entries: Iterable[tuple[str, str]]) -> str:
    """The legend in HTML, from (classes, words): it wraps on a phone, and its text can be found."""
    items = "".join(f'<li class="{escape(cls)}">{inline(words)}</li>' for cls, words in entries)
    return f'<ul class="key">{items}</ul>' if items else ""


@dataclass(frozen=True)
class Figure:
    """``wide`` and ``tall`` are <svg> elements; ``fragment`` makes their ids unique."""

    wide: str
    tall: str
    title: str  # its name, in a few words
    description: str  # what is to be seen, for those who cannot see it
    caption: str  # the finding: text, with <code> and <em> at most
    seed: str  # "seed 7", or what else repeats the run
    key: str = ""  # from key()
    story: str = ""  # what the player tells, from story.compact(); "" for no player
    handle: tuple[float, ...] = ()  # where it is: shares of (width, height), wide and tall
    runs: Mapping[str, "Figure"] = field(default_factory=dict)  # from drag()
    drag: str = ""

    def __post_init__(self):
        for part in ("title", "description", "caption", "seed"):
            if not getattr(self, part).strip():
                raise ValueError(f"a figure needs a {part}")
        inline(self.caption)

    def fragment(self, slug: str, source: str = "the program below", runs_at: str = "") -> str:
        """One HTML block without blank lines, which Markdown leaves as it is.

        ``slug`` is the figure's id on the page and the prefix of every id inside.
        ``source`` names what was run, for a page that shows another page's picture.
        ``runs_at`` is where the files of the other runs are, without "0.json" and so on.
        """
        lines = [f'<figure class="run" id="{slug}">', self._inside(slug, source)]
        if self.runs:
            more = {
                "at": [run.wide for run in self.runs.values()].index(self.wide),
                "label": self.drag,
                "names": [*self.runs],
                "handles": [run.handle for run in self.runs.values()],
            }
            data = escape(json.dumps(more, separators=(",", ":"), ensure_ascii=False))
            lines[0] = lines[0][:-1] + f' data-runs="{escape(runs_at)}" data-drag="{data}">'
        if self.story:
            lines.append(f'<script type="module" src="{PLAYER}"></script>')
        return "\n".join([*lines, "</figure>"]) + "\n"

    def files(self, slug: str, source: str = "the program below") -> list[str]:
        """For each position of the handle the file that the player fetches, in their order."""
        return [
            json.dumps({"html": run._inside(slug, source)}, ensure_ascii=False)
            for run in self.runs.values()
        ]

    def _inside(self, slug: str, source: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", slug):
            raise ValueError(f"{slug!r} cannot be an id: lower-case letters, digits and dashes")
        caption = inline(self.caption)
        if caption[-1] not in ".!?":
            caption += "."
        # The player keeps the name when it exchanges the run.
        named = f"<span>{inline(source)}</span>" if self.story else inline(source)
        lines = [
            self._layout(self.wide, f"{slug}-wide"),
            self._layout(self.tall, f"{slug}-tall"),
            self.key,
            f"<figcaption>{caption} <small>Recorded from {named}, "
            f"{inline(self.seed.rstrip('.'))}.</small></figcaption>",
            # Not a <script>: who exchanges pages without loading them runs every one as JavaScript.
            self.story and f"<template {UNSEARCHED}>{escape(self.story, quote=False)}</template>",
        ]
        return "\n".join(line for line in lines if line)

    def _layout(self, svg: str, prefix: str) -> str:
        """Prefix the drawing's ids and give it its name and description."""
        svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\1{prefix}-", svg)
        head, body = svg.split(">", 1)
        words = [" ".join(text.split()) for text in (self.title, self.description)]
        title, description = (escape(text, quote=False) for text in words)
        return (
            f'{head} role="img" aria-labelledby="{prefix}-title {prefix}-desc" {UNSEARCHED}>'
            f'<title id="{prefix}-title">{title}</title>'
            f'<desc id="{prefix}-desc">{description}</desc>{body}'
        )


def drag(label: str, runs: Mapping[str, Figure], shown: str) -> Figure:
    """The figure of ``runs[shown]``, with a handle that swaps it for another run of the program.

    ``label`` says what the handle moves, the names of ``runs`` say where to; their order is the
    slider's. Raises ValueError if a run has no story or no handle, or if two look alike.
    """
    if len(runs) < 2 or shown not in runs or not label.strip():
        raise ValueError(f"drag needs a label, two runs or more, and one of {[*runs]} to show")
    for name, run in runs.items():
        if not run.story or not run.handle:
            raise ValueError(
                f"the run {name!r} has no says= or no handle=: nothing could be dragged"
            )
    if len({run.wide for run in runs.values()}) < len(runs):
        raise ValueError(f"two of the runs {[*runs]} draw the same picture: drop one")
    return replace(runs[shown], runs=dict(runs), drag=label)
