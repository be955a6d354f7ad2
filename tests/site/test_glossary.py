"""The glossary: complete entries, and tooltips on the pages that are right and not too many."""

import re
from collections import Counter

import pytest
from bs4 import BeautifulSoup

from tests.site.checks import soup_of
from tools import reference
from tools.pages import DOCS
from tools.papers import sources
from tools.reference import abbreviations, anchor, glossary, terms

FIELDS = {"name", "zh", "text", "source"}
OPTIONAL = {"place", "page", "tooltip", "also"}
LONGEST = 220  # characters of a definition: a tooltip is read at a glance
MOST = 25  # marks of one term on one page
GATHERED = ("reference/glossary/", "reference/papers/", "reference/numbers/")  # from all pages

TERMS = terms()
SHOWN = [entry for entry in TERMS if entry.get("tooltip", True)]
names = pytest.mark.parametrize("entry", TERMS, ids=lambda entry: entry["name"])


def faults(text):
    """What keeps a definition from being shown as a tooltip and as a paragraph."""
    found = []
    if len(text) > LONGEST:
        found.append("too long")
    if re.search(r'[*_`"<\[\]$#|\\\n]|--8<--|&\w+;', text):
        found.append("markup")
    if not text.endswith("."):
        found.append("no full stop")
    return found


# ---------------------------------------------------------------------- the entries


@names
def test_an_entry_has_its_fields_and_no_others(entry):
    assert set(entry) >= FIELDS
    assert set(entry) <= FIELDS | OPTIONAL
    for field in set(entry) - {"tooltip", "also"}:
        assert entry[field] and entry[field] == entry[field].strip()
    for other in entry.get("also", ["another"]):
        assert other == other.strip() != "" and "," not in other, "the search cuts at commas"
    assert isinstance(entry.get("tooltip", True), bool)
    assert re.search(r"[\u4e00-\u9fff]", entry["zh"])


@names
def test_a_definition_fits_into_a_tooltip(entry):
    assert faults(entry["text"]) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x" * 220 + ".", "too long"),
        ("A *queue*.", "markup"),
        ('A "queue".', "markup"),
        ("A $\\rho$.", "markup"),
        ("A <b>queue</b>.", "markup"),
        ("A queue", "no full stop"),
    ],
)
def test_a_definition_that_does_not_fit_is_noticed(text, fault):
    assert fault in faults(text)


@names
def test_a_source_is_in_the_bibliography_and_a_page_exists(entry):
    assert entry["source"] in sources()
    if "page" in entry:
        assert (DOCS / entry["page"] / "index.md").is_file()


def test_no_two_terms_share_a_name_or_an_anchor():
    for count in (
        Counter(entry["name"].casefold() for entry in TERMS),
        Counter(anchor(entry["name"]) for entry in TERMS),
    ):
        assert count.most_common(1)[0][1] == 1
    assert all(anchor(entry["name"]) for entry in TERMS)


def test_no_two_terms_share_a_definition_or_a_chinese_name():
    for field in ("text", "zh"):
        assert Counter(entry[field] for entry in TERMS).most_common(1)[0][1] == 1


def test_the_file_is_in_the_order_of_the_page():
    listed = re.findall(r'^name = "(.+)"$', reference.GLOSSARY.read_text("utf-8"), re.M)
    assert listed == [entry["name"] for entry in TERMS]


# ------------------------------------------------------------------ planted defects

GOOD = {
    "name": "quorum",
    "zh": "法定票数",
    "text": "Enough copies.",
    "source": "gifford1979weighted",
}


def toml(*entries):
    return "\n".join(
        "[[term]]\n" + "".join(f'{key} = "{value}"\n' for key, value in entry.items())
        for entry in entries
    )


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write entries into a glossary of their own, which the tool then reads."""

    def write(*entries):
        path = tmp_path / "glossary.toml"
        path.write_text(toml(*entries), "utf-8")
        monkeypatch.setattr(reference, "GLOSSARY", path)

    return write


def test_a_good_entry_is_taken(written):
    written(GOOD)
    assert terms() == [GOOD]
    assert abbreviations() == "*[quorum]: Enough copies.\n"
    assert "## quorum { #quorum }" in glossary()


@pytest.mark.parametrize("field", ["text", "source"])
def test_an_entry_without_a_field_is_refused_by_name(written, field):
    written({key: value for key, value in GOOD.items() if key != field})
    with pytest.raises(ValueError, match=f"'quorum': {field} is missing"):
        terms()


def test_an_entry_without_a_name_is_refused(written):
    written({key: value for key, value in GOOD.items() if key != "name"})
    with pytest.raises(ValueError, match="name is missing"):
        terms()


def test_a_source_that_is_not_in_the_bibliography_is_refused_by_name(written):
    written(GOOD | {"source": "nobody1999nothing"})
    with pytest.raises(ValueError, match=r"'quorum': 'nobody1999nothing' is not in papers\.bib"):
        terms()


@pytest.mark.parametrize("second", ["quorum", "Quorum", "quorum!"])
def test_a_term_that_is_there_twice_is_refused_by_name(written, second):
    written(GOOD, GOOD | {"name": second})
    with pytest.raises(ValueError, match=f"'{re.escape(second)}': 'quorum' is there already"):
        terms()


def test_a_term_without_a_tooltip_is_on_the_page_only(tmp_path, monkeypatch):
    path = tmp_path / "glossary.toml"
    path.write_text(toml(GOOD, GOOD | {"name": "node"}) + "tooltip = false\n", "utf-8")
    monkeypatch.setattr(reference, "GLOSSARY", path)
    assert "*[quorum]" in abbreviations()
    assert "*[node]" not in abbreviations()
    assert "## node" in glossary()


# --------------------------------------------------------------------- the tooltips


def marks(page):
    """The terms that a page of HTML marks: [(word, tooltip)]."""
    return [(each.get_text(), each["title"]) for each in page.select("abbr[title]")]


def misplaced(page):
    """Marks where they do harm: in formulas, pictures and code."""
    return [each.get_text() for each in page.select(":is(math, svg, pre, code) abbr")]


def pages(site):
    """The built pages with prose, by their address."""
    found = {
        path.parent.relative_to(site).as_posix() + "/": soup_of(path)
        for path in sorted(site.rglob("index.html"))
    }
    assert len(found) > 15
    return found


def prose(text):
    """The running text of a page's Markdown: no front matter, code, formulas, HTML or addresses."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)
    text = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.S | re.M)
    text = re.sub(r"\$\$.*?\$\$|\$[^$]+\$", " ", text, flags=re.S)
    return re.sub(r"`[^`\n]+`|\]\([^)]*\)|^<.*$", " ", text, flags=re.M)


def used(text):
    """The terms with a tooltip in a text, the longer one where one is part of another."""
    ordered = sorted((entry["name"] for entry in SHOWN), key=len, reverse=True)
    return set(re.findall(rf"\b(?:{'|'.join(map(re.escape, ordered))})\b", prose(text)))


def test_prose_is_what_is_neither_code_nor_formula_nor_address():
    text = (
        "---\ntitle: CAP\n---\nA quorum, `TTL`, $LRU$, [HMAC](nonce.md).\n"
        "```python\nMTTF\n```\n<p>p99</p>\nThe retry budget.\n"
    )
    assert used(text) == {"quorum", "HMAC", "retry budget"}


@pytest.mark.parametrize("entry", SHOWN, ids=lambda entry: entry["name"])
def test_a_name_with_a_tooltip_can_be_a_whole_word(entry):
    assert re.fullmatch(r"\w[^\n\]]*\w", entry["name"])


def test_a_term_that_a_page_uses_is_marked_there_with_its_definition(site):
    texts = {entry["name"]: entry["text"] for entry in SHOWN}
    everywhere = set()
    for path in sorted(DOCS.glob("*/*/index.md")):
        folder = path.parent.relative_to(DOCS)
        if folder.parts[0] not in ("concepts", "challenges", "optimizations"):
            continue
        there = set(marks(soup_of(site / folder / "index.html")))
        for name in used(path.read_text("utf-8")):
            assert (name, texts[name]) in there, f"{folder}: {name} has no tooltip"
            everywhere.add(name)
    assert len(everywhere) > len(SHOWN) / 2, "most terms should be words of the pages"


def test_every_mark_is_a_term_with_its_own_definition(site):
    texts = {(entry["name"], entry["text"]) for entry in SHOWN}
    for address, page in pages(site).items():
        assert set(marks(page)) <= texts, address


def test_no_page_is_speckled_with_one_term(site):
    for address, page in pages(site).items():
        if not address.startswith(GATHERED):
            for name, count in Counter(word for word, _ in marks(page)).items():
                assert count <= MOST, f"{address}: {name} is marked {count} times; tooltip = false"


def test_formulas_pictures_and_code_are_not_marked(site):
    for address, page in pages(site).items():
        assert misplaced(page) == [], address


def test_a_mark_in_a_formula_would_be_noticed():
    page = BeautifulSoup('<math><mtext><abbr title="x">LRU</abbr></mtext></math>', "html.parser")
    assert misplaced(page) == ["LRU"]


# ------------------------------------------------------------------------- the page


def test_the_page_has_an_anchor_a_definition_and_a_source_for_each_term(site):
    page = soup_of(site / "reference" / "glossary" / "index.html")
    papers = soup_of(site / "reference" / "papers" / "index.html")
    for entry in TERMS:
        heading = page.find(id=anchor(entry["name"]))
        assert heading is not None, entry["name"]
        assert heading.get_text().startswith(entry["name"])
        paragraph = heading.find_next("p")
        said = " ".join(paragraph.get_text().split())
        assert entry["text"] in said
        assert entry["zh"] in said
        if "also" in entry:
            names = paragraph.find_next_sibling("p")
            assert names.get_text() == f"Also searched as: {', '.join(entry['also'])}."
            assert names.find("abbr") is None
        links = [link["href"] for link in paragraph.find_all("a")]
        assert f"../papers/#{entry['source']}" in links
        line = papers.find(id=entry["source"])
        assert f"../glossary/#{anchor(entry['name'])}" in [link["href"] for link in line.find_all("a")]
        if "page" in entry:
            assert f"../../{entry['page']}/" in links


def test_the_search_finds_a_term_by_its_heading(site):
    titles = (site / "assets" / "search" / "titles.json").read_text("utf-8")
    for entry in TERMS:
        assert f'"reference/glossary/#{anchor(entry["name"])}"' in titles
