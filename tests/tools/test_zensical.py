"""The comparison of two built sites: it sees what is missing, and only that."""

import itertools

from tools.zensical import PINS, differences

PAGE = (
    "<nav><a href='x/'>x</a></nav><article><h1 id='t'>T</h1><p><a href='{link}'>b</a></p>"
    "<pre><code>print(1)</code></pre>{more}</article>"
)


def site(folder, name, **pages):
    for page, html in pages.items():
        path = folder / name / page / "index.html"
        path.parent.mkdir(parents=True)
        path.write_text(html, "utf-8")
    return folder / name


def test_links_are_compared_by_where_they_lead(tmp_path):
    old = site(tmp_path, "old", a=PAGE.format(link="../b/", more=""), b="<p>no article</p>")
    new = site(tmp_path, "new", a=PAGE.format(link="../a/./../b", more=""), b="<p>none</p>")
    assert differences(old, new) == []


def test_the_last_line_of_a_page_is_nobodys_doing(tmp_path):
    """tools.publish writes it, after either of the two."""
    line = '<p class="changed"><a href="index.md">Markdown of this page</a></p>'
    old = site(tmp_path, "old", a=PAGE.format(link="../b/", more=line))
    assert differences(old, site(tmp_path, "new", a=PAGE.format(link="../b/", more=""))) == []


def test_what_is_missing_or_added_is_named(tmp_path):
    old = site(tmp_path, "old", a=PAGE.format(link="../b/", more="<table>1</table>"), lab="")
    new = site(tmp_path, "new", a=PAGE.format(link="../c/", more="<figure id='f'>p</figure>"))
    assert differences(old, new) == [
        "lab/index.html: missing",
        "a/index.html: link missing: /b",
        "a/index.html: table missing: 1",
        "a/index.html: figure added: f",
        "a/index.html: link added: /c",
    ]


def test_every_pin_has_a_hash():
    lines = [line for line in PINS.read_text("utf-8").splitlines() if line.strip()]
    pins = [line for line in lines if not line.startswith(" ")]
    assert any(pin.startswith("zensical==") for pin in pins)
    for pin, after in itertools.pairwise(lines):
        assert pin not in pins or after.strip().startswith("--hash=sha256:")
