"""The built site: links, structure, repetition. Each check also meets a defect that it must find."""

import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.site.checks import (
    link_problems,
    near_duplicates,
    pages_of,
    paragraphs,
    python_blocks,
    structure_problems,
)
from tests.site.conftest import PREFIX


@pytest.fixture(scope="module")
def pages(site):
    return pages_of(site)


def soup(html):
    return {"x/index.html": BeautifulSoup(f"<article>{html}</article>", "html.parser")}


def test_internal_links_anchors_and_assets_resolve(site, pages):
    assert len(pages) > 25
    assert link_problems(site, pages, PREFIX) == []


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="../gone/">x</a>', "there is no file gone/index.html"),
        ('<a href="#gone">x</a>', "has no id 'gone'"),
        ('<img src="/logo.png">', "leaves the site's folder"),
        ('<img src="../assets/gone.png">', "there is no file assets/gone.png"),
    ],
)
def test_a_broken_link_is_found(tmp_path, html, problem):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "index.html").write_text(html)
    found = link_problems(tmp_path, soup(html), PREFIX)
    assert len(found) == 1 and problem in found[0]


def test_a_missing_font_is_found(tmp_path):
    (tmp_path / "site.css").write_text("@font-face{src:url(fonts/gone.woff2)}")
    assert link_problems(tmp_path, {}, PREFIX) == [
        "site.css: url(fonts/gone.woff2): there is no file fonts/gone.woff2"
    ]


def test_headings_ids_pictures_and_text_are_sound(pages):
    assert structure_problems(pages) == []


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ("<h1>a</h1><h3>b</h3>", "level 3 follows one of level 1"),
        ("<h1>a</h1><h1>b</h1>", "2 headings of level 1"),
        ("<h1>a</h1><h2>b</h2><h2>b</h2>", "'b' is there twice"),
        ('<h1 id="a">a</h1><p id="a">b</p>', "id 'a' is there 2 times"),
        ('<h1>a</h1><img src="x">', "an image without alt"),
        ('<h1>a</h1><svg role="img"><title>t</title></svg>', "without title or description"),
        ("<h1>a</h1><p>see [^1]</p>", "literal '[^1]'"),
        ('<h1>a</h1><p>--8<-- "x"</p>', "literal '--8<--'"),
        ("<h1>a</h1><p>!!! note</p>", "literal '!!! '"),
    ],
)
def test_a_defect_of_structure_is_found(html, problem):
    found = structure_problems(soup(html))
    assert len(found) == 1 and problem in found[0]


def test_no_two_pages_explain_the_same_thing(pages):
    found = paragraphs({n: s for n, s in pages.items() if n.split("/")[0] != "reference"})
    assert len(found) > 200
    assert near_duplicates(found) == []


def test_a_near_duplicate_is_found():
    text = "A cache trades freshness for time: a value that was read once is kept and given again. " * 2
    other = text.replace("kept", "held").replace("trades", "exchanges")
    assert len(near_duplicates([("a", text), ("b", other)])) == 1
    assert near_duplicates([("a", text), ("a", other)]) == []


def test_the_census_sees_a_block_that_is_only_in_the_html():
    html = '<div class="language-python highlight"><pre><code>x = 1\n</code></pre></div>'
    assert python_blocks(BeautifulSoup(html, "html.parser")) == {"x = 1": 1}


def test_the_build_leaves_nothing_behind(site):
    assert not (site / "_generated").exists()
    assert not list(site.rglob("figures.py")) and not list(site.rglob("measured.py"))
    assert not list(site.parent.glob(".*.half"))
    assert shutil.which("git") is None or (site / "downloads").is_dir()


# --------------------------------------------------------------------------------- addresses


def lost(recorded: list[str], built: set[str]) -> list[str]:
    """Recorded addresses at which there is no page any more."""
    return [address for address in recorded if f"{address}index.html" not in built and address not in built]


def test_every_address_that_was_ever_published_is_there(site):
    recorded = (Path(__file__).parent / "urls.txt").read_text("utf-8").splitlines()
    assert recorded == sorted(set(recorded)), "tests/site/urls.txt is sorted, and each address is there once"
    built = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    gone = lost(recorded, built)
    assert not gone, f"published once, and gone without a line in docs/redirects.toml: {gone}"
    missing = sorted({name.removesuffix("index.html") for name in built} - set(recorded))
    assert not missing, f"add to tests/site/urls.txt: {missing}"


def test_an_address_that_is_gone_is_found():
    assert lost(["a/", "b/"], {"a/index.html"}) == ["b/"]
