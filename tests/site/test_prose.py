"""Measured numbers in running text are the run's: decision 0005."""

import re

import pytest
from bs4 import BeautifulSoup

from tools.generate import GENERATED
from tools.pages import load
from tools.programs import SNIPPETS, read

PAGES = [page for page in load() if page.program]
# A decimal, or a number with a per cent sign or a unit behind it.
NUMBER = re.compile(r"(?<![\w.,§-])(\d[\d,]*\.\d+|\d[\d,]*(?= ?(?:%|ms\b|s\b|x\b|times\b)))(?![\w])")


def running_text(article) -> list[str]:
    """Paragraphs and list items that cite nothing, without code and formulas."""
    copy = BeautifulSoup(str(article), "html.parser")
    for tag in copy.select("pre, code, math, svg, figure, table, .facts, .also, .source, details"):
        tag.decompose()
    for term in copy.select("abbr"):
        term.unwrap()
    found = []
    for tag in copy.select("p, li"):
        cites = tag.select_one('a[href*="reference/papers/#"], a[href^="http"]')
        if not cites and not tag.select_one("p, li"):
            found.append(re.sub(r"\s+", " ", tag.get_text("")))
    return found


def plain(text: str) -> str:
    return text.replace(",", "").replace("\u2009", "").replace("_", "")


def strangers(paragraphs: list[str], material: str) -> list[str]:
    """Numbers of the paragraphs that stand nowhere in the material."""
    known = set(re.findall(r"\d+(?:\.\d+)?", plain(material)))
    # 0.05 in a program is 5 % in a sentence, and 1.50 is 1.5.
    known |= {f"{float(number) * 100:g}" for number in known}
    known |= {f"{float(number):g}" for number in known}
    return [
        f"{number} in {text[:80]!r}"
        for text in paragraphs
        for number in NUMBER.findall(text)
        if plain(number) not in known and f"{float(plain(number)):g}" not in known
    ]


def material_of(page, article) -> str:
    """What the numbers of a page may come from: its program, its fragments, its formulas."""
    parts = [read(SNIPPETS / f"{name}.py") for name in page.programs]
    parts += [
        path.read_text("utf-8")
        for path in sorted((GENERATED / page.id).iterdir())
        if path.suffix in (".md", ".html") and path.name not in ("facts.md", "end.md")
    ]
    parts += [tag.get_text(" ") for tag in article.select("math, pre")]
    return "\n".join(parts)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.id)
def test_numbers_in_the_prose_come_from_the_run(page, site):
    html = (site / page.id / "index.html").read_text("utf-8")
    article = BeautifulSoup(html, "html.parser").select_one("article")
    paragraphs = running_text(article)
    assert paragraphs, f"{page.path}: no running text was found"
    found = strangers(paragraphs, material_of(page, article))
    assert not found, f"{page.path}: not from the run, and no source cited:\n" + "\n".join(found)


def test_a_number_that_no_run_gave_is_found():
    text = ["Modulo moves 91.1% of the keys; we hoped for 12.7% and waited 35 ms."]
    assert [line.split()[0] for line in strangers(text, "moved 91.1%")] == ["12.7", "35"]
    assert strangers(["A share of 5% in 1,000 ms"], "loss = 0.05, after 1_000 ms") == []
