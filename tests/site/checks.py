"""What the built HTML must be. Each check returns its findings; an empty list is good."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import BeautifulSoup
from rapidfuzz import fuzz, process

LEFTOVERS = re.compile(r"--8<--|\[\^[\w-]+\]|^!!! |^\?\?\? |\]\[[\w-]*\]|\$\$|\{ *[.#][\w-]+ *\}", re.M)
NOT_PROSE = {"pre", "code", "svg", "math", "script", "style"}


@cache
def soup_of(path: Path) -> BeautifulSoup:
    """A built page, parsed once for all who ask: nobody may change it."""
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def pages_of(site: Path) -> dict[str, BeautifulSoup]:
    """The built pages by their path below the site, parsed."""
    return {
        path.relative_to(site).as_posix(): soup_of(path)
        for path in sorted(site.rglob("*.html"))
    }


def python_blocks(soup: BeautifulSoup) -> Counter:
    """The texts of the Python blocks that a reader sees."""
    return Counter(
        block.get_text().rstrip()
        for block in soup.select("div[class*='language-py'].highlight pre code")
    )


def link_problems(site: Path, pages: dict[str, BeautifulSoup], prefix: str) -> list[str]:
    """Internal links, anchors and assets, of pages and style sheets, that lead nowhere."""
    ids = {
        name: {tag["id"] for tag in soup.select("[id]")} | {a["name"] for a in soup.select("a[name]")}
        for name, soup in pages.items()
    }
    found = []
    for name, soup in pages.items():
        for tag, attribute in _references(soup):
            if problem := _resolve(site, ids, prefix, name, tag[attribute]):
                found.append(f"{name}: {tag.name} {attribute}={tag[attribute]!r}: {problem}")
    for sheet in sorted(site.rglob("*.css")):
        name = sheet.relative_to(site).as_posix()
        for url in re.findall(r"url\(\s*['\"]?([^'\")]+)", sheet.read_text("utf-8")):
            if problem := _resolve(site, ids, prefix, name, url):
                found.append(f"{name}: url({url}): {problem}")
    return found


def _references(soup) -> Iterator[tuple]:
    for attribute in ("href", "src"):
        for tag in soup.select(f"[{attribute}]"):
            if tag.get("rel") != ["canonical"]:
                yield tag, attribute


def _resolve(site: Path, ids: dict, prefix: str, name: str, url: str) -> str:
    parts = urlsplit(urljoin(f"http://here/{prefix}/{name}", url))
    if parts.netloc != "here" or parts.scheme not in ("http", "https"):
        return ""
    path = unquote(parts.path)
    if not path.startswith(f"/{prefix}/"):
        return "leaves the site's folder"
    target = path.removeprefix(f"/{prefix}/")
    if target == "" or target.endswith("/"):
        target += "index.html"
    if not (site / target).is_file():
        return f"there is no file {target}"
    anchor = unquote(parts.fragment)
    if anchor and not anchor.startswith(":~:") and target in ids and anchor not in ids[target]:
        return f"{target} has no id {anchor!r}"
    return ""


def structure_problems(pages: dict[str, BeautifulSoup]) -> list[str]:
    """Headings out of order, ids twice, pictures without words, literal leftovers."""
    found = []
    for name, soup in pages.items():
        ids = Counter(tag["id"] for tag in soup.select("[id]"))
        found += [f"{name}: id {key!r} is there {n} times" for key, n in ids.items() if n > 1]
        article = soup.select_one("article")
        if article is None or name == "404.html":
            continue
        levels = [int(tag.name[1]) for tag in article.select("h1,h2,h3,h4,h5,h6")]
        if levels.count(1) != 1:
            found.append(f"{name}: {levels.count(1)} headings of level 1; a page has one")
        for above, below in pairwise(levels):
            if below > above + 1:
                found.append(f"{name}: a heading of level {below} follows one of level {above}")
        texts = Counter(tag.get_text(" ", strip=True) for tag in article.select("h2"))
        found += [f"{name}: the heading {text!r} is there twice" for text, n in texts.items() if n > 1]
        found += [f"{name}: an image without alt" for img in article.select("img") if not img.get("alt")]
        for svg in article.select("svg[role=img]"):
            if not (svg.get("aria-label") or (svg.find("title") and svg.find("desc"))):
                found.append(f"{name}: a picture without title or description")
        plain = "\n".join(
            text for text in article.strings if not text.find_parent(_is_not_prose)
        )
        for match in LEFTOVERS.finditer(plain):
            found.append(f"{name}: literal {match[0]!r} in the text")
    return found


def _is_not_prose(tag) -> bool:
    return tag.name in NOT_PROSE


def paragraphs(pages: dict[str, BeautifulSoup]) -> list[tuple[str, str]]:
    """(page, text) of every paragraph and list item that is long enough to be an explanation."""
    found = []
    for name, soup in pages.items():
        for tag in soup.select("article p, article li"):
            text = re.sub(r"\s+", " ", tag.get_text(" ", strip=True))
            if len(text) >= 120 and not tag.select_one("p, li") and not {"source", "effect", "program-links"} & set(
                tag.get("class", [])
            ):
                found.append((name, text))
    return found


def near_duplicates(found: list[tuple[str, str]], limit: float = 80.0) -> list[str]:
    """Pairs of paragraphs on two pages that say the same in almost the same words."""
    texts = [text for _, text in found]
    scores = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=limit)
    return [
        f"{found[a][0]} and {found[b][0]} ({scores[a][b]:.0f} % alike): {texts[a][:90]!r}"
        for a in range(len(texts))
        for b in range(a + 1, len(texts))
        if scores[a][b] and found[a][0] != found[b][0]
    ]
