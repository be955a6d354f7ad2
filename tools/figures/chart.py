"""Matplotlib in the house style: two widths, text as text, tones instead of colours.

    chart.draw(plot, title=..., caption=..., description=..., seed="seed 7")

``plot(ax, tall)`` draws once for the column (``tall`` is False) and once for a phone.
Write the name of a curve beside it, in its tone; a legend is the second choice. The
label of the y axis is set above the axis, where it can be read without tilting one's
head. Log axes count in plain numbers.
"""

import io
from collections.abc import Callable
from itertools import pairwise

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.container import BarContainer
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, FuncFormatter, LogFormatter, NullFormatter

from tools.figures.clean import clean
from tools.figures.figure import Figure

# Matplotlib wants real colours. These stand in for the site's tones on the way through.
TONES = (
    "ink",
    "muted",
    "rule",
    "lane",
    "blue",
    "violet",
    "amber",
    "green",
    "red",
    "bg",
    "on",
    "soft",
)
INK, MUTED, RULE, LANE, BLUE, VIOLET, AMBER, GREEN, RED, BG, ON, SOFT = (
    f"#0000{index:02x}" for index in range(16, 16 + len(TONES))
)
STAND_INS = dict(
    zip((INK, MUTED, RULE, LANE, BLUE, VIOLET, AMBER, GREEN, RED, BG, ON, SOFT), TONES, strict=True)
)
STAND_INS |= {"#000000": "ink", "#ffffff": "on"}  # black and white, as Matplotlib's defaults say

LIMIT = 12_000  # bytes a layout: more is a heavy page, and more than the eye can use
COLUMN, PHONE = 7.2, 3.7  # inches; a 9 point letter is 13 px in the column, 12 on a phone
SIZE = 9  # points; figure.css gives the same size to every text that says nothing else

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "site",
    "path.simplify": True,
    "path.simplify_threshold": 0.4,
    "font.size": SIZE,
    "axes.titlesize": SIZE,
    "axes.labelsize": SIZE,
    "xtick.labelsize": SIZE,
    "ytick.labelsize": SIZE,
    "legend.fontsize": SIZE,
    "legend.frameon": False,
    "legend.labelcolor": "linecolor",
    "text.color": INK,
    "axes.titlecolor": INK,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelcolor": MUTED,
    "axes.edgecolor": LANE,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.6,
    "lines.markersize": 4,
    "patch.edgecolor": INK,
    "hatch.color": BG,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.prop_cycle": matplotlib.cycler(color=[BLUE, AMBER, GREEN, VIOLET, RED]),
    "boxplot.boxprops.color": INK,
    "boxplot.whiskerprops.color": INK,
    "boxplot.capprops.color": INK,
    "boxplot.flierprops.markeredgecolor": INK,
    "boxplot.medianprops.color": AMBER,
}


def draw(
    plot: Callable,
    *,
    title: str,
    caption: str,
    description: str,
    seed: str,
    height: float = 2.9,
    panels: int = 1,
) -> Figure:
    """The chart that ``plot(ax, tall)`` draws, in both layouts.

    ``height`` is in inches (one is 105 px in the column). With ``panels`` above one, ``plot``
    is given a list of axes, side by side in the column and below each other on a phone.
    Raises ValueError for a colour that is not one of this module's tones, for an image, and
    for a layout of more than 12 kB; what ``plot`` raises is passed on as it is.
    """
    wide, tall = (_layout(plot, narrow, height, panels) for narrow in (False, True))
    return Figure(wide, tall, title, description, caption, seed)


def plain(value: float, _position=None) -> str:
    """A tick as a person writes it: 0.001, 10, 50,000, 10⁹."""
    exact = f"{value:,.10f}".rstrip("0").rstrip(".")
    if 1e-4 <= abs(value) < 1e7 or value == 0:
        return exact.replace("-", "\N{MINUS SIGN}")
    digits, power = f"{value:.3e}".split("e")
    digits = digits.rstrip("0").rstrip(".")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return ("" if digits == "1" else f"{digits}×") + f"10{raised}"


class _Plain(LogFormatter):
    """Decides like Matplotlib which ticks of a log axis to name, and names them plainly."""

    def __call__(self, value, position=None):
        return plain(value) if super().__call__(value, position) else ""


def _layout(plot, narrow, height, panels):
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever the reader's own matplotlibrc says
        matplotlib.rcParams.update(STYLE)
        rows, columns = (panels, 1) if narrow else (1, panels)
        canvas = Canvas((PHONE if narrow else COLUMN, height * rows), layout="constrained")
        FigureCanvasSVG(canvas)
        axes = list(canvas.subplots(rows, columns, squeeze=False).flat)
        plot(axes if panels > 1 else axes[0], narrow)
        for ax in canvas.axes:
            _dress(ax)
        canvas.draw_without_rendering()
        for ax in canvas.axes:
            _thin(ax)
        out = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        canvas.savefig(out, format="svg", metadata=nothing)
    svg = clean(out.getvalue(), STAND_INS, SIZE, "tall" if narrow else "wide")
    if len(svg.encode()) > LIMIT:
        raise ValueError(
            f"a chart layout has {len(svg.encode()):,} bytes, at most {LIMIT:,}: draw fewer points"
        )
    return svg


def _dress(ax):
    """What a style sheet cannot say: plain ticks, a level y label, a grid across the bars."""
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log":
            if axis.isDefault_majfmt:
                axis.set_major_formatter(FuncFormatter(plain))
            if axis.isDefault_minfmt:
                low, high = sorted(axis.get_view_interval())
                few = low > 0 and high / low < 10
                axis.set_minor_formatter(
                    _Plain(minor_thresholds=(2, 0.5)) if few else NullFormatter()
                )
        elif axis.get_scale() == "linear" and axis.isDefault_majfmt and _thousands(axis):
            axis.set_major_formatter(FuncFormatter(plain))
    bars = [group for group in ax.containers if isinstance(group, BarContainer)]
    if bars and bars[0].orientation == "horizontal":
        ax.grid(False, axis="y")
        ax.grid(True, axis="x")
        ax.spines["left"].set_visible(True)
        ax.spines["bottom"].set_visible(False)
    label = ax.get_ylabel()
    if label:
        ax.set_ylabel("")
        ax.annotate(
            label, (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points", color=MUTED
        )
        if ax.get_title(loc="left"):
            ax.set_title(ax.get_title(loc="left"), loc="left", pad=22)


def _thousands(axis):
    """Whether its numbers want a comma; years do not."""
    low, high = sorted(axis.get_view_interval())
    return max(-low, high) >= 1000 and not 1500 < low < high < 2200


def _thin(ax):
    """Leave out every other number under the x axis if two of them touch."""
    low, high = sorted(ax.get_xlim())
    texts = [
        text.get_window_extent()
        for text in ax.get_xticklabels()
        if low <= text.get_position()[0] <= high
    ]
    crowded = any(
        left.x1 + 2 > right.x0 for left, right in pairwise(texts) if left.width and right.width
    )
    if crowded and ax.xaxis.isDefault_majloc:
        at = [place for place in ax.get_xticks() if low <= place <= high]
        ax.xaxis.set_major_locator(FixedLocator(at[::2]))
