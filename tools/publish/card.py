"""The picture that goes with a link to a page: its title and its question, in our letters."""

import hashlib
import io
from functools import cache
from textwrap import wrap

from tools.programs import ROOT

WIDTH, HEIGHT = 1200, 630  # pixels; what the networks show
PAPER, INK, MUTED, BLUE = "#fbfaf7", "#1b1f24", "#5b6269", "#1f5fa8"
STEPS = 32  # of each colour, from paper to full: 96 colours are enough, and a third of the bytes
KEPT = ROOT / ".build" / "cards"
FONTS = ROOT / "docs" / "assets" / "fonts"


@cache
def letters(name: str) -> str:
    """A font of the site without the compression of the web: the path, which holds a hash of it."""
    path = FONTS / f"{name}.woff2"
    target = KEPT / f"{name}-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}.ttf"
    if not target.is_file():
        from fontTools.ttLib import TTFont

        KEPT.mkdir(parents=True, exist_ok=True)
        font = TTFont(path)
        font.flavor = None
        half = target.with_suffix(".half")
        font.save(half)
        half.replace(target)
    return str(target)


@cache
def colours() -> list[int]:
    """The palette: for each colour its steps from paper."""
    palette = []
    for colour in (INK, MUTED, BLUE):
        low, high = (bytes.fromhex(each[1:]) for each in (PAPER, colour))
        for share in range(STEPS):
            palette += [a + (b - a) * share // (STEPS - 1) for a, b in zip(low, high)]
    return palette


@cache
def letter(font: str, size: int, sign: str) -> tuple:
    """The ink of one letter, how far it stands from its point, and its width, in pixels.

    Kept, because drawing the same forty letters again was half of the time of a card.
    """
    from PIL import Image

    face = _face(font, size)
    ink, (left, above) = face.getmask2(sign)
    return Image.frombytes("L", ink.size, bytes(ink)), left, above, face.getlength(sign)


@cache
def _face(font: str, size: int):
    from PIL import ImageFont

    return ImageFont.truetype(font, size, layout_engine=ImageFont.Layout.BASIC)


def draw(title: str, question: str, site: str, head: str = "", text: str = "") -> bytes:
    """The card as PNG, 1200 by 630. Fonts are named so that a card is kept for as long as they are the same."""
    from PIL import Image

    head, text = head or letters("head"), text or letters("text")
    lines = wrap(title, 24)[:2]
    parts = (
        (80, lines, head, 80, 98),
        (116 + 105 * len(lines), wrap(question, 58)[:4], text, 39, 58),
        (HEIGHT - 92, [site], head, 33, 40),
    )
    card = Image.new("L", (WIDTH, HEIGHT))
    for number, (top, rows, font, size, step) in enumerate(parts):
        none, full = number * STEPS, number * STEPS + STEPS - 1
        card.paste(none, (0, top, WIDTH, top + step * len(rows) + step // 2))
        for row, line in enumerate(rows):
            at = 80.0
            for sign in line:
                ink, left, above, wide = letter(font, size, sign)
                card.paste(full, (round(at) + left, top + row * step + above), ink)
                at += wide
    card.putpalette(colours())  # from here on its values are numbers of colours
    out = io.BytesIO()
    card.save(out, "PNG", compress_level=3)  # a third more bytes, two thirds of the time
    return out.getvalue()
