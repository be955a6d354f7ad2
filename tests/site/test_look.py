"""The stylesheets: small, self-hosted, readable in both themes, and without dead names."""

import re
from pathlib import Path

import material
import pytest
from fontTools.ttLib import TTFont
from mkdocs.config import load_config

from tests.site.test_figures import golden
from tools.figures import chart
from tools.figures.pen import TONES

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "docs/assets"
SITE, FIGURE = ((ASSETS / name).read_text(encoding="utf-8") for name in ("site.css", "figure.css"))
TEXT = ("ink", "muted", "blue", "violet", "amber", "green", "red")


def palette(scheme):
    """The colours of a theme, by name: "default" or "slate"."""
    block = re.search(rf"\[data-md-color-scheme={scheme}\]\{{([^}}]*)\}}", SITE)[1]
    return dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", block))


def contrast(one, other):
    """The ratio that WCAG 2 defines, from 1 to 21."""

    def light(colour):
        digits = colour[1:] if len(colour) == 7 else "".join(2 * each for each in colour[1:])
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_formula_is_the_known_one():
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["default", "slate"])
@pytest.mark.parametrize("ground", ["bg", "soft"])
@pytest.mark.parametrize("tone", TEXT)
def test_every_tone_can_be_read_on_the_page_and_on_the_ground_of_code(scheme, ground, tone):
    colours = palette(scheme)
    assert contrast(colours[tone], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["default", "slate"])
@pytest.mark.parametrize("tone", ["blue", "violet", "amber", "green", "red", "muted", "ink"])
def test_the_name_in_a_band_can_be_read(scheme, tone):
    colours = palette(scheme)
    assert contrast(colours["on"], colours[tone]) >= 4.5


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_running_text_and_lanes_stand_out(scheme):
    colours = palette(scheme)
    assert contrast(colours["ink"], colours["bg"]) >= 7
    assert contrast(colours["lane"], colours["bg"]) >= 3, "a lane is not text, but must be seen"


def test_code_is_coloured_with_tones_only():
    """Ours, or the theme's by way of a name that is set to a tone."""
    sheets = (Path(material.__file__).parent / "templates/assets/stylesheets").glob("*.css")
    theme = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    ours = dict(re.findall(r"(--md-[\w-]+):var\(--(\w+)\)", SITE))
    parts = set(re.findall(r"--md-code-hl-[\w]+-color(?=:)", theme))
    assert len(parts) >= 12
    for part in parts:
        for value in re.findall(rf"{part}:([^;}}]+)", theme):
            tone = ours.get(part) or ours.get(value.removeprefix("var(").rstrip(")"))
            assert tone in TEXT, f"{part} is {value}"


def test_every_variable_that_is_used_is_set():
    css = SITE + FIGURE
    used = set(re.findall(r"var\(--([\w-]+)\)", css + "".join(f.wide for f in golden().values())))
    assert used <= set(re.findall(r"--([\w-]+):", css))
    assert set(chart.STAND_INS.values()) <= set(palette("default"))
    assert set(palette("default")) == set(palette("slate"))


def test_the_stylesheets_are_small():
    assert len((SITE + FIGURE).encode()) <= 13_200


def test_nothing_is_fetched_from_elsewhere():
    assert "//" not in re.sub(r"/\*.*?\*/", "", SITE + FIGURE, flags=re.S)
    assert "@import" not in SITE + FIGURE
    assert load_config(str(ROOT / "mkdocs.yml"), hooks=[]).theme["font"] is False


def test_every_font_is_there_with_its_licence():
    fonts = set(re.findall(r"url\((fonts/[\w-]+\.woff2)\)", SITE))
    assert fonts == {f"fonts/{path.name}" for path in (ASSETS / "fonts").glob("*.woff2")}
    for font in fonts:
        assert (ASSETS / font).read_bytes()[:4] == b"wOF2"
        licence = ASSETS / "fonts" / (Path(font).stem.split("-")[0] + ".LICENSE.txt")
        assert "SIL OPEN FONT LICENSE" in licence.read_text(encoding="utf-8")
    assert sum((ASSETS / font).stat().st_size for font in fonts) <= 95_000


def test_a_font_has_the_weights_that_it_is_asked_for():
    """And no others, for they are a third of its bytes."""
    faces = re.findall(r"url\((fonts/[\w-]+\.woff2)\);font-weight:(\d+) (\d+)", SITE)
    assert len(faces) == 3
    for font, *asked in faces:
        (axis,) = TTFont(ASSETS / font)["fvar"].axes
        assert [axis.minValue, axis.maxValue] == [float(weight) for weight in asked], font


def test_the_braces_of_the_stylesheets_match():
    for css in (SITE, FIGURE):
        assert css.count("{") == css.count("}")
        assert css.count("(") == css.count(")")


def test_every_class_of_a_figure_has_a_rule():
    """And every tone has one: a figure must not hold a word that the stylesheet ignores."""
    rules = set(re.findall(r"\.([a-z][\w-]*)", FIGURE))
    used = {f"t-{tone}" for tone in TONES}
    for figure in golden().values():
        for group in re.findall(r'class="([^"]+)"', figure.fragment("a")):
            used |= set(group.split())
    plain = {"mark"}  # looks like every other text of a figure
    assert used - rules <= plain, f"no rule in figure.css for {sorted(used - rules - plain)}"
