"""Make the search index from the pages of a built site: python -m tools.search SITE.

It reads rendered HTML and nothing else, so that it serves whatever built the pages. What it
writes, beside the scripts in ``assets/search``:

    titles.json    names to find: of pages, terms, papers and programs; fetched on first use
    texts.json     what pages are asked as, and the text of every section, fetched behind it
    minisearch.js  the engine, from npm
"""

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from tools import kept
from tools.npm import NpmError, fetch

FORMAT = 2  # of the two files; engine.js expects the same
ENGINE = (
    "minisearch",
    "7.2.0",
    "sha512-dqT2XBYUOZOiC5t2HRnwADjhNS2cecp9u+TJRiJ1Qp/f5qjkeT5APcGPjHw+bz89Ms8Jp+cG4AlE+QZ/QnDglg==",
)
KINDS = {
    "concepts": "concept",
    "challenges": "challenge",
    "optimizations": "optimization",
    "labs": "lab",
    "reference": "reference",
    "contributing": "contributing",
}
# Not words to search for. The papers under "Sources" are found as papers.
NOISE = (
    "script, style, svg, math, button, .headerlink, .source, [data-search-exclude], .anchor-link, "
    ".jp-InputPrompt, .jp-OutputArea, .zeroclipboard-container, .clipboard-copy-txt"
)
BLOCKS = "p, li, dt, dd, td, th, div, figcaption, summary, br"
HEADINGS = "h2[id], h3[id]"
ALSO = "Also searched as:"  # names of a page or, at the end of its text, of a term
MARK = re.compile(r"\x00(\d+)\x00")
NAMES = re.compile(r"\x01([^\x01]*)\x01")


def words(node) -> str:
    return " ".join(node.text().split()) if node is not None else ""


def take(article, selector: str) -> str:
    """The text of an element, which is removed from the article."""
    node = article.css_first(selector)
    text = words(node)
    if node is not None:
        node.decompose()
    return text


def named(chinese: str, also: str) -> list[str]:
    """The names in Chinese, if there is one, and behind "Also searched as:"."""
    return [name.strip() for name in [chinese, *also.rstrip(".").split(",")] if name.strip()]


def without(article, selector: str) -> None:
    while (node := article.css_first(selector)) is not None:
        node.decompose()


def entries(address: str, html: str) -> list[dict]:
    """What can be found of one page: the page, or the terms, papers or programs it lists.

    Each entry has its address, kind, title, question, other names, what it is asked as, and its
    sections: anchor, heading, text and the names that its code defines. The first section is the introduction.
    """
    article = LexborHTMLParser(html).css_first("article")
    kind = KINDS.get(address.split("/")[0])
    if article is None or kind is None:
        return []
    listed = []
    if address == "reference/papers/":
        listed = [paper(address, node) for node in article.css(".source[id]")]
    elif address == "reference/programs/":
        listed = [program(address, row) for row in article.css("tr:has(td [id])")]
        without(article, "table")
    elif address == "reference/catalogue/":
        without(article, "h2, ul")  # the same names once more
    without(article, NOISE)
    chinese = take(article, ".question .zh")
    question = take(article, ".question")
    names = named(chinese, take(article, ".also:not(.term)").removeprefix(ALSO))
    asked = [words(item) for item in article.css(".asked li")]
    without(article, ".asked")
    title = take(article, "h1")
    found = sections(article)
    if address == "reference/glossary/":
        listed = [term(address, section) for section in found[1:]]
        del found[1:]
    page = {"address": address, "kind": kind, "title": title, "question": question}
    return [{**page, "names": names, "asked": asked, "sections": found}, *listed]


def sections(article) -> list[tuple[str, str, str, str]]:
    """Cut an article at its headings: anchor, heading, text, names defined in code."""
    heads, defined = [("", "")], set()
    for block in article.css("pre"):
        names = [words(name) for name in block.css(".nf, .nc")]
        fresh = [name for name in dict.fromkeys(names) if name not in defined]
        defined.update(fresh)
        block.replace_with(f"\x01{' '.join(fresh)}\x01")
    for heading in article.css(HEADINGS):
        heading.replace_with(f"\x00{len(heads)}\x00")
        heads.append((heading.id, words(heading)))
    for block in article.css(BLOCKS):
        block.insert_before("\n")
    parts = MARK.split("\x000\x00" + article.text())[1:]
    out = []
    for number, part in zip(parts[::2], parts[1::2], strict=True):
        if heads[int(number)][0] == "sources":
            continue  # what is left of it is what to read next
        text = " ".join(NAMES.sub(" ", part).split())
        out.append((*heads[int(number)], text, " ".join(NAMES.findall(part)).strip()))
    return out


def term(address: str, section: tuple) -> dict:
    """An entry of the glossary; its text begins with the Chinese name and a colon, and ends with other names."""
    anchor, title, text, _ = section
    text, _, also = text.partition(ALSO)
    chinese, colon, rest = text.strip().partition(": ")
    if not colon or not re.search(r"[\u4e00-\u9fff]", chinese):
        chinese, rest = "", text
    place = {"address": f"{address}#{anchor}", "kind": "term", "title": title, "question": ""}
    return {**place, "names": named(chinese, also), "sections": [("", "", rest, "")]}


def paper(address: str, node) -> dict:
    """A paper: its title, its authors with the year as a second name, and the terms whose source it is."""
    without(node, "[data-search-exclude]")
    terms = [words(link) for link in node.css("a[href*='glossary']")]
    line = words(node)  # "Used by" at its end finds the papers of a page
    authors, _, rest = line.partition("). ")
    title = words(node.css_first("a[href^=http]")) or rest.split(". ")[0]
    anchor = node.id
    place = {"address": f"{address}#{anchor}", "kind": "paper", "title": title, "question": ""}
    return {**place, "names": [authors.replace(" (", " "), *terms], "sections": [("", "", line, "")]}


def program(address: str, row) -> dict:
    """A program: the row that says what it does."""
    name, does = row.css("td")[:2]
    anchor = row.css_first("[id]").id
    place = {"address": f"{address}#{anchor}", "kind": "program", "title": words(name)}
    return {**place, "question": words(does), "names": [], "sections": [("", "", "", "")]}


def index(site: Path) -> tuple[dict, dict]:
    """The two files: what has a name, and the texts in the same order."""
    pages = [
        (path.parent.relative_to(site).as_posix() + "/", path.read_text("utf-8"))
        for path in sorted(site.rglob("index.html"))
    ]
    found = [entry for listed in kept.each(entries, pages) for entry in listed]
    listed = [
        {
            **{name: entry[name] for name in ("address", "kind", "title", "question", "names")},
            "headings": [section[:2] for section in entry["sections"][1:]],
        }
        for entry in found
    ]
    behind = {
        "asked": [entry.get("asked", []) for entry in found],
        "texts": [[section[2:] for section in entry["sections"]] for entry in found],
    }
    # The two are fetched one after the other: the stamp tells parts of two builds apart.
    digest = hashlib.sha256(json.dumps([listed, behind]).encode()).hexdigest()[:16]
    stamp = {"format": FORMAT, "made": digest}
    return {**stamp, "entries": listed}, {**stamp, **behind}


def write(site: Path) -> str:
    """Add index and engine to a built site; return the sentence for what is missing, if any."""
    folder = site / "assets" / "search"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in zip(("titles.json", "texts.json"), index(site)):
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        (folder / name).write_text(text, "utf-8")
    try:
        package = fetch(*ENGINE)
    except NpmError as error:
        return f"{error} The site is built without search; its catalogue stands in."
    shutil.copyfile(package / "dist" / "es" / "index.js", folder / "minisearch.js")
    shutil.copyfile(package / "LICENSE.txt", folder / "minisearch.LICENSE.txt")
    return ""


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0], "index.html").is_file():
        print("search: name the folder of a built site: python -m tools.search site")
        return 2
    missing = write(Path(arguments[0]))
    if missing:
        print(missing, file=sys.stderr)
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
