"""The picture that goes with a link to a page: its title and its question, in our letters."""

import hashlib
import io
from functools import cache
from textwrap import wrap

from tools.programs import ROOT

WIDTH, HEIGHT = 1200, 630  # pixels; what the networks show
PAPER, INK, MUTED, BLUE = "#fbfaf7", "#1b1f24", "#5b6269", "#1f5fa8"
STEPS = 32  # of each colour, from paper to full
LEVELS = [[number * STEPS + value * (STEPS - 1) // 255 for value in range(256)] for number in range(3)]
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


def draw(title: str, question: str, site: str, head: str = "", text: str = "") -> bytes:
    """The card as PNG, 1200 by 630. Fonts are named so that a card is kept for as long as they are the same."""
    from PIL import Image, ImageDraw, ImageFont

    head, text = head or letters("head"), text or letters("text")
    lines = wrap(title, 24)[:2]
    parts = (
        (80, lines, head, 80, INK, 98),
        (116 + 105 * len(lines), wrap(question, 58)[:4], text, 39, MUTED, 58),
        (HEIGHT - 92, [site], head, 33, BLUE, 40),
    )
    card, colours = Image.new("L", (WIDTH, HEIGHT)), []
    for number, (top, rows, font, size, colour, step) in enumerate(parts):
        # How much ink, then which step of which colour: 96 colours are enough, and a third of the bytes.
        ink = Image.new("L", (WIDTH, step * len(rows) + step // 2))
        pen = ImageDraw.Draw(ink)
        face = ImageFont.truetype(font, size, layout_engine=ImageFont.Layout.BASIC)
        for row, line in enumerate(rows):
            pen.text((80, row * step), line, fill=255, font=face)
        card.paste(ink.point(LEVELS[number]), (0, top))
        low, high = (bytes.fromhex(each[1:]) for each in (PAPER, colour))
        for share in range(STEPS):
            colours += [a + (b - a) * share // (STEPS - 1) for a, b in zip(low, high)]
    card.putpalette(colours)  # from here on its values are numbers of colours
    out = io.BytesIO()
    card.save(out, "PNG", compress_level=3)  # a third more bytes, two thirds of the time
    return out.getvalue()
