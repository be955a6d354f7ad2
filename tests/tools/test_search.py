"""tools.search: what it takes from rendered pages, whoever rendered them."""

import json

import pytest

from tools import search
from tools.npm import NpmError

PAGE = """<html><body><nav>not the page</nav><article>
<h1 id="c">Caching<a class="headerlink" href="#c">&para;</a></h1>
<p class="question">What does a copy save? <span lang="zh" class="zh">缓存</span></p>
<p>Before <abbr title="not this">LRU</abbr>.</p><svg><text>tick</text></svg>
<h2 id="a-b">All <code>b</code><a class="headerlink" href="#a-b">&para;</a></h2>
<table><tr><td>left</td><td>right</td></tr></table>
<pre><code><span class="k">def</span> <span class="nf">replay</span>(): <span class="n">secret</span>()</code></pre>
<p>After <math><mi>h</mi></math>&lt;b&gt;.</p>
<h3 id="more">More</h3>
<pre><code><span class="nf">replay</span> <span class="nc">Cache</span></code></pre>
<h2 id="sources">Sources</h2><ul><li class="source">Somebody (1999)</li></ul>
<p class="also">Also searched as: cache, <span class="zh">旁路缓存</span>, look-aside.</p>
<details class="asked"><summary>Also asked as</summary><ul><li>old data</li><li><span class="zh">缓存 过期</span></li></ul></details>
</article></body></html>"""


def test_a_page_is_cut_at_its_headings():
    [entry] = search.entries("optimizations/caching/", PAGE)
    assert entry == {
        "address": "optimizations/caching/",
        "kind": "optimization",
        "title": "Caching",
        "question": "What does a copy save?",
        "names": ["缓存", "cache", "旁路缓存", "look-aside"],
        "asked": ["old data", "缓存 过期"],
        "sections": [
            ("", "", "Before LRU.", ""),
            ("a-b", "All b", "left right After <b>.", "replay"),
            ("more", "More", "", "Cache"),
        ],
    }


def test_what_is_no_page_of_a_known_section_is_left_out():
    assert search.entries("", PAGE) == search.entries("elsewhere/page/", PAGE) == []
    assert search.entries("concepts/x/", "<p>no article</p>") == []
    [bare] = search.entries("concepts/x/", "<article><p>Only text")
    assert (bare["title"], bare["sections"]) == ("", [("", "", "Only text", "")])


@pytest.mark.parametrize(
    ("page", "inside", "entry"),
    [
        (
            "glossary",
            '<h2 id="lww">last writer wins</h2><p>最后写入胜出: The newest: it stays.</p><p class="also term">Also searched as: LWW, <span>最后 写入</span>.</p>'
            '<p class="also">Also searched as: words, more.</p>',
            {"kind": "term", "title": "last writer wins", "names": ["最后写入胜出", "LWW", "最后 写入"],
             "sections": [("", "", "The newest: it stays.", "")]},
        ),
        (
            "papers",
            '<p class="source" id="lww">Jo Doe (1999). <a href="https://x.y">On Z</a>. <em>J 1</em>.'
            ' <a href="https://z" data-search-exclude="">As of 2026-11-24.</a> On <a href="../glossary/#y">Y</a>. Used by Q.</p>',
            {"kind": "paper", "title": "On Z", "names": ["Jo Doe 1999", "Y"],
             "sections": [("", "", "Jo Doe (1999). On Z. J 1. On Y. Used by Q.", "")]},
        ),
        (
            "papers",
            '<p class="source" id="lww">Jo Doe (1999). On Z. <em>J 1</em>.</p>',
            {"kind": "paper", "title": "On Z"},
        ),
        (
            "programs",
            '<table><tr><td><a id="lww" href="d"><code>a.py</code></a></td><td>Does it.</td></tr></table>',
            {"kind": "program", "title": "a.py", "question": "Does it."},
        ),
    ],
    ids=["term", "paper", "paper without a link", "program"],
)  # fmt: skip
def test_a_list_gives_its_lines_and_its_page(page, inside, entry):
    html = f"<article><h1>List</h1><p>Intro.</p>{inside}</article>"
    listed, line = search.entries(f"reference/{page}/", html)
    assert (listed["title"], listed["kind"]) == ("List", "reference")
    assert listed["names"] == (["words", "more"] if "words, more" in inside else [])
    assert "Does it" not in str(listed) and "newest" not in str(listed)
    assert line["address"] == f"reference/{page}/#lww"
    assert {name: line[name] for name in entry} == entry


@pytest.fixture
def site(tmp_path):
    for address in ("", "optimizations/caching/"):
        (tmp_path / address).mkdir(parents=True, exist_ok=True)
        (tmp_path / address / "index.html").write_text(PAGE, "utf-8")
    return tmp_path


def test_the_files_carry_one_stamp_which_changes_with_a_page(site):
    titles, texts = search.index(site)
    assert titles["made"] == texts["made"]
    assert titles["format"] == texts["format"] == search.FORMAT
    assert search.index(site)[0]["made"] == titles["made"]
    page = site / "optimizations/caching/index.html"
    page.write_text(PAGE.replace("Before", "After"), "utf-8")
    assert search.index(site)[0]["made"] != titles["made"]


def test_without_a_network_the_index_is_written_and_one_sentence_returned(site, monkeypatch, capsys):
    def fetch(*pin):
        raise NpmError("npm: planted.")

    monkeypatch.setattr(search, "fetch", fetch)
    assert search.main([str(site)]) == 1
    said = "npm: planted. The site is built without search; its catalogue stands in.\n"
    assert capsys.readouterr().err == said
    files = sorted(path.name for path in (site / "assets/search").iterdir())
    assert files == ["texts.json", "titles.json"]
    [entry] = json.loads((site / "assets/search/titles.json").read_text("utf-8"))["entries"]
    assert entry["headings"] == [["a-b", "All b"], ["more", "More"]]
    assert "asked" not in entry, "phrases wait for the second file"
    texts = json.loads((site / "assets/search/texts.json").read_text("utf-8"))
    assert texts["asked"] == [["old data", "缓存 过期"]]
    assert search.main([]) == search.main([str(site / "nowhere")]) == 2
