"""The picture that goes with a link to a page: its title and its question, in our letters."""

import hashlib
import io
from functools import cache
from pathlib import Path
from textwrap import wrap

import matplotlib
from fontTools.ttLib import TTFont
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from tools.programs import ROOT

WIDTH, HEIGHT, DPI = 1200, 630, 100  # pixels; what the networks show
PAPER, INK, MUTED, BLUE = "#fbfaf7", "#1b1f24", "#5b6269", "#1f5fa8"
KEPT = ROOT / ".build" / "cards"
FONTS = ROOT / "docs" / "assets" / "fonts"


@cache
def letters(name: str) -> Path:
    """A font of the site as Matplotlib reads it: without the compression of the web."""
    path = FONTS / f"{name}.woff2"
    target = KEPT / f"{name}-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}.ttf"
    if not target.is_file():
        KEPT.mkdir(parents=True, exist_ok=True)
        font = TTFont(path)
        font.flavor = None
        half = target.with_suffix(".half")
        font.save(half)
        half.replace(target)
    return target


def draw(title: str, question: str, site: str, root: Path = ROOT) -> bytes:
    """The card as PNG, 1200 by 630; kept from build to build, since it costs a tenth of a second."""
    key = hashlib.sha256(
        "\0".join((title, question, site, matplotlib.__version__, Path(__file__).read_text("utf-8"))).encode()
    ).hexdigest()[:24]
    kept = KEPT / f"{key}.png"
    if kept.is_file():
        return kept.read_bytes()
    figure = Figure((WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)

    def write(x, y, text, font, size, colour, **how):
        properties = FontProperties(fname=str(letters(font)))
        # Without parse_math a dollar sign is a dollar sign.
        figure.text(x / WIDTH, 1 - y / HEIGHT, text, fontproperties=properties, size=size,
                    color=colour, va="top", parse_math=False, **how)  # fmt: skip

    lines = wrap(title, 24)[:2]
    write(80, 84, "\n".join(lines), "head", 58, INK, linespacing=1.15)
    write(80, 120 + 105 * len(lines), "\n".join(wrap(question, 58)[:4]), "text", 28, MUTED, linespacing=1.4)
    write(80, HEIGHT - 84, site, "head", 24, BLUE)
    out = io.BytesIO()
    figure.savefig(out, format="png", facecolor=PAPER, metadata={"Software": None})
    KEPT.mkdir(parents=True, exist_ok=True)
    half = kept.with_suffix(".half")
    half.write_bytes(out.getvalue())
    half.replace(kept)
    return out.getvalue()
