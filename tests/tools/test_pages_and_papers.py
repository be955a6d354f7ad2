"""Planted defects in front matter and papers.bib: each sentence names the file and the field."""

import pytest

from tools.pages import PageError, load, survey
from tools.papers import PaperError
from tools.papers import load as load_papers

PAGE = {
    "title": "Hedged requests",
    "question": "When is asking twice cheaper?",
    "chinese": "对冲请求",
    "aliases": "[hedging]",
    "program": "optimizations/caching",
    "idea": "ask twice",
    "papers": "[crocker1969host]",
}
OTHER = PAGE | {"program": "optimizations/load_balancing", "aliases": "[balancing]"}


def write(docs, name, fields):
    """A page with these fields; None leaves one out. Returns its index.md."""
    path = docs / name / "index.md"
    path.parent.mkdir(parents=True)
    lines = [f"{field}: {value}" for field, value in fields.items() if value is not None]
    path.write_text("---\n" + "\n".join(lines) + "\n---\n\n# A page\n", "utf-8")
    return path


@pytest.fixture
def docs(tmp_path):
    return tmp_path / "docs"


def test_the_page_the_defects_are_planted_in_has_none(docs):
    write(docs, "optimizations/one", PAGE)
    write(docs, "optimizations/two", OTHER)
    pages, problems = survey(docs)
    assert problems == []
    assert [page.id for page in pages] == ["optimizations/one", "optimizations/two"]
    assert pages[0].aliases == ("hedging",)
    assert pages == load(docs)


@pytest.mark.parametrize(
    "field, value, line, says",
    [
        ("solves", "[hunger]", 9, "unknown challenge 'hunger'; use data-consistency"),
        ("papers", "[nobody1999none]", 8, "'nobody1999none' is not in docs/reference/papers.bib"),
        ("program", "optimizations/none", 6, "there is no snippets/optimizations/none.py"),
        ("next", "[optimizations/none]", 9, "there is no page 'optimizations/none'"),
        ("source_items", "{none: kept}", 9, "unknown id 'none'"),
        ("source_items", "[kept]", 9, "must map an id"),
        ("colour", "red", 9, "unknown field; use one of aliases"),
        ("title", "1999", 2, "must be text"),
        ("title", "yes", 2, "must be text"),
        ("idea", "{a: b}", 7, "must be text"),
        ("aliases", "hedging", 5, "must be a list of texts; write [one, two]"),
        ("aliases", "[1, 2]", 5, "must be a list of texts"),
    ],
)
def test_a_field_with_a_planted_defect(docs, field, value, line, says):
    path = write(docs, "optimizations/one", PAGE | {field: value})
    pages, problems = survey(docs)
    assert pages == []
    assert len(problems) == 1
    assert problems[0].startswith(f"{path}:{line}: {field}: {says}")


@pytest.mark.parametrize("field", PAGE)
def test_a_field_left_out(docs, field):
    path = write(docs, "optimizations/one", PAGE | {field: None})
    assert survey(docs)[1] == [f"{path}:1: {field}: missing; add it to the front matter"]


def test_the_overview_needs_no_program(docs):
    write(docs, "challenges/map", {"title": "Map", "question": "What helps with what?"})
    assert survey(docs)[1] == []


@pytest.mark.parametrize(
    "field, value, says",
    [
        ("aliases", "[Hedging]", "alias 'hedging'"),
        ("asked", "[Ask twice]", "phrase 'ask twice'"),
        ("program", PAGE["program"], f"program '{PAGE['program']}'"),
    ],
)
def test_what_two_pages_claim(docs, field, value, says):
    one = write(docs, "optimizations/one", PAGE | {"asked": "[ask twice]"})
    two = write(docs, "optimizations/two", OTHER | {field: value})
    (problem,) = survey(docs)[1]
    assert problem == f"{two}: {says} is taken by {one}; leave it to one of the two"


@pytest.mark.parametrize(
    "content, line, says",
    [
        (b"---\ntitle: \xff\n---\n", 2, "not valid UTF-8; save the file as UTF-8"),
        (b"# A page\n", 1, "no front matter; begin with '---'"),
        (b"---\ntitle: A\n\n# Never closed\n", 1, "no front matter"),
        (b"---\ntitle: A\nidea: [a, b\n---\n", 3, "front matter is not YAML: "),
        (b"---\ntitle: A\nidea: b: c\n---\n", 3, "front matter is not YAML: "),
        (b"---\njust words\n---\n", 1, "front matter must be 'field: value' lines"),
    ],
)
def test_a_page_that_cannot_be_read(docs, content, line, says):
    path = write(docs, "optimizations/one", PAGE)
    path.write_bytes(content)
    pages, (problem,) = survey(docs)
    assert pages == []
    assert problem.startswith(f"{path}:{line}: ") and says in problem


def test_a_folder_with_a_wrong_name(docs):
    path = write(docs, "optimizations/Hedged_Requests", PAGE)
    assert survey(docs)[1] == [f"{path.parent}: name a page in lower case with dashes"]


def test_load_tells_every_problem_at_once(docs):
    one = write(docs, "optimizations/one", PAGE | {"colour": "red"})
    two = write(docs, "optimizations/two", OTHER | {"idea": None})
    with pytest.raises(PageError) as error:
        load(docs)
    assert [line.split(": ")[:2] for line in str(error.value).splitlines()] == [
        [f"{one}:9", "colour"],
        [f"{two}:1", "idea"],
    ]


# ---------------------------------------------------------------------- papers.bib

ENTRY = """\
@article{lamport1978time,
  author = {Lamport, Leslie},
  title = {Time, Clocks},
  journal = {CACM},
  year = {1978},
  doi = {10.1145/359545.359563},
}
"""


@pytest.fixture
def bib(tmp_path):
    return tmp_path / "papers.bib"


def test_the_entry_the_defects_are_planted_in_has_none(bib):
    bib.write_text(ENTRY, "utf-8")
    source = load_papers(bib)["lamport1978time"]
    assert source.short == "Lamport 1978"
    assert source.authors == ("Leslie Lamport",)
    assert source.url == "https://doi.org/10.1145/359545.359563"
    assert source.archive == "", "a DOI lasts"


ON_THE_WEB = ENTRY.replace("doi = {10.1145/359545.359563}", "url = {https://a.b/c.html}")


def test_a_page_of_the_web_has_the_day_on_which_it_was_read(bib):
    bib.write_text(ON_THE_WEB.replace("  url", "  urldate = {2026-11-24},\n  url"), "utf-8")
    source = load_papers(bib)["lamport1978time"]
    assert (source.url, source.read) == ("https://a.b/c.html", "2026-11-24")
    assert source.archive == "https://web.archive.org/web/20261124/https://a.b/c.html"


@pytest.mark.parametrize("field", ["author", "title", "year"])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_an_entry_without_a_field(bib, field, how):
    lines = ENTRY.splitlines(True)
    (index,) = [i for i, line in enumerate(lines) if line.startswith(f"  {field} =")]
    lines[index] = f"  {field} = {{}},\n" if how == "empty" else ""
    bib.write_text("".join(lines), "utf-8")
    with pytest.raises(PaperError) as error:
        load_papers(bib)
    assert str(error.value) == f"{bib}: lamport1978time: the field {field} is missing; add it"


@pytest.mark.parametrize(
    "text, says",
    [
        (ENTRY + ENTRY, "lamport1978time is there twice; keep one entry"),
        (ENTRY.replace("lamport1978time", "Lamport78"), "Lamport78: name it author, year, word"),
        (ENTRY.replace("{1978}", "{MCM}"), "lamport1978time: the year is 'MCM'; write four digits"),
        (ON_THE_WEB, "lamport1978time: pages change; add urldate, the day"),
        (ON_THE_WEB.replace("  url", "  urldate = {24 Nov 2026},\n  url"), "lamport1978time: pages change; add urldate"),
        (ON_THE_WEB.replace("  url", "  urldate = {20261124},\n  url"), "lamport1978time: pages change; add urldate"),
        (ENTRY.replace("Clocks}", "Clocks"), "lamport1978time cannot be parsed; check its braces"),
    ],
)
def test_a_planted_defect_in_an_entry(bib, text, says):
    bib.write_text(text, "utf-8")
    with pytest.raises(PaperError) as error:
        load_papers(bib)
    assert str(error.value).startswith(f"{bib}: {says}")
