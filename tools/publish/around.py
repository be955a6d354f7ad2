"""What stands around the pages: dates, descriptions, sources, feed, cards, sitemap."""

import gzip
import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree

from selectolax.lexbor import LexborHTMLParser

from tools import kept
from tools.pages import INCLUDE, expand, front_matter, written
from tools.publish import card
from tools.publish.history import Span
from tools.publish.pages import step, writing

NEWEST = 20  # items of the feed
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True)
class Source:
    """A page that somebody wrote, and where it is published."""

    path: Path
    address: str  # below the site, "" or "concepts/raft/"
    title: str
    question: str
    body: str
    program: str
    span: Span | None


@step
def add(site: Path, root: Path, url: str, spans: dict[str, Span], edit: str = "", *, pages: dict[Path, str]) -> None:
    """Write all of it into a built site that will stand at ``url``.

    ``edit`` is the address in front of a source's path below ``docs/`` at which it is edited.
    """
    sources = [each for each in read(root, spans) if site / each.address / "index.html" in pages]
    name, about = _names(root)
    pictures = cards(root, sources)
    dates = {source.address: source.span.changed for source in sources if source.span}
    with writing() as put:
        for source, picture in zip(sources, pictures):
            page = site / source.address / "index.html"
            put(page.parent / "index.md", markdown(source, root).encode())
            put(page.parent / "card.png", picture)
            where = f"{edit}{source.path.relative_to(root / 'docs').as_posix()}" if edit else ""
            pages[page] = told(pages[page], source, urljoin(url, source.address), name, where)
    (site / "llms.txt").write_text(listing(sources, name, about), "utf-8")
    (site / "feed.xml").write_bytes(feed(sources, name, about, url))
    sitemap(site, url, dates)
    redirect(site, root, url, pages=pages)


def cards(root: Path, sources: list[Source]) -> list[bytes]:
    """The card of each page, which takes a while to draw and needs nothing that is built."""
    name, about = _names(root)
    fonts = card.letters("head"), card.letters("text")
    return kept.each(card.draw, [(source.title, source.question or about, name, *fonts) for source in sources])


@step
def redirect(site: Path, root: Path, url: str, *, pages: dict[Path, str]) -> None:
    """A page at each old address that sends its readers to the new one: docs/redirects.toml."""
    path = root / "docs" / "redirects.toml"
    for old, new in tomllib.loads(path.read_text("utf-8")).items() if path.is_file() else ():
        target, page = site / new / "index.html", site / old / "index.html"
        if target not in pages or page.exists():
            raise RuntimeError(f"{path.name}: {old} -> {new}: the old page must be gone and the new one be there")
        there = escape(urljoin(url, new), quote=True)
        pages[page] = (
            f'<!doctype html><html lang="en"><head>\n<meta charset="utf-8"><title>Moved</title>\n'
            f'<link rel="canonical" href="{there}"><meta name="robots" content="noindex">\n'
            f'<meta http-equiv="refresh" content="0; url={there}"></head>\n'
            f'<body><p>This page is now at <a href="{there}">{there}</a>.</p></body></html>\n'
        )


def _names(root: Path) -> tuple[str, str]:
    text = (root / "mkdocs.yml").read_text("utf-8")
    return tuple(re.search(rf"^{key}: *(.+)$", text, re.M)[1].strip("\"'") for key in ("site_name", "site_description"))


def read(root: Path, spans: dict[str, Span]) -> list[Source]:
    """Every Markdown page of a project, with what git knows of it and of its program."""
    docs, found = root / "docs", []
    for path in written(docs):
        relative = path.relative_to(docs)
        address = "".join(f"{part}/" for part in relative.with_suffix("").parts if part != "index")
        head, body = front_matter(path, required=False)
        heading = re.search(r"^# (.+)$", body, re.M)
        title = head.get("title") or (heading[1] if heading else path.stem)
        program = head.get("program", "")
        room = f"docs/{relative.parent}/" if relative.name == "index.md" and len(relative.parts) > 1 else None
        span = None
        for name, each in spans.items():
            own = name == f"docs/{relative}" or (room and name.startswith(room))
            if own or (program and name == f"snippets/{program}.py"):
                span = span | each if span else each
        found.append(Source(path, address, title, head.get("question", ""), body, program, span))
    return found


# ------------------------------------------------------------------------------ in the pages


def told(page: str, source: Source, address: str, name: str, edit: str) -> str:
    """The page with its own description and card in the head, and its date and source at the end."""
    about = escape(source.question, quote=True)
    if about:
        page = re.sub(r'(<meta name="description" content=")[^"]*', lambda found: found[1] + about, page, count=1)
    words = {
        "og:type": "article" if source.address else "website",
        "og:site_name": name,
        "og:title": source.title,
        "og:description": source.question,
        "og:url": address,
        "og:image": urljoin(address, "card.png"),
        "og:image:alt": f"{source.title}: {source.question}".strip(": "),
    }
    up = "../" * source.address.count("/")
    head = "".join(
        f'<meta property="{key}" content="{escape(value, quote=True)}">\n' for key, value in words.items() if value
    )
    head += '<meta name="twitter:card" content="summary_large_image">\n'
    head += f'<link rel="alternate" type="application/rss+xml" title="New and changed pages" href="{up}feed.xml">\n'
    page = page.replace("</head>", f"{head}</head>", 1)
    links = ['<a href="index.md">Markdown of this page</a>']
    if source.span:
        day = f"{source.span.changed:%Y-%m-%d}"
        links.insert(0, f'Changed <time datetime="{day}">{day}</time>')
    if edit:
        links.append(f'<a href="{escape(edit, quote=True)}">Edit this page</a>')
    end = f'<p class="changed">{" · ".join(links)}</p>\n'
    # The theme makes every address absolute; print writes out those that lead elsewhere.
    page = page.replace('<a href="http', '<a rel="external" href="http')
    before, article, after = page.rpartition("</article>")
    return before + end + article + after if article else page


# ------------------------------------------------------------------------------ the sources


def markdown(source: Source, root: Path) -> str:
    """The page as Markdown that stands alone: includes filled in, pictures as their captions."""
    if source.path.name != "index.md":  # published one folder deeper than it is written
        body = re.sub(r"(\]\()(?![a-z]+:|#|/)", r"\1../", source.body)
    else:
        body = source.body
    body = re.sub(r"(\]\((?!https?:)[^)\s]*?/)(?!index\.md)([\w-]+)\.md", r"\1\2/index.md", body)
    return expand(INCLUDE.sub(lambda found: _captions(found, root), body), root).strip() + "\n"


def _captions(include: re.Match, root: Path) -> str:
    """A picture has no Markdown; what it shows stands in its captions."""
    if not include[1].endswith(".html"):
        return include[0]
    text = (root / "docs" / "_generated" / include[1]).read_text("utf-8")
    captions = LexborHTMLParser(text).css("figcaption")
    return "\n\n".join("Picture: " + " ".join(each.text().split()) for each in captions)


def listing(sources: list[Source], name: str, about: str) -> str:
    """llms.txt: what there is, for programs that read; https://llmstxt.org."""
    parts = [f"# {name}\n\n> {about}\n"]
    for section in ("concepts", "challenges", "optimizations", "reference"):
        rows = [
            f"- [{each.title}]({each.address}index.md)" + f": {' '.join(each.question.split())}" * bool(each.question)
            for each in sources
            if each.address.startswith(f"{section}/")
        ]
        parts.append(f"\n## {section.capitalize()}\n\n" + "\n".join(rows) + "\n")
    return "".join(parts)


# ------------------------------------------------------------------------- feed and sitemap


def feed(sources: list[Source], name: str, about: str, url: str) -> bytes:
    """RSS 2.0 of the pages that are new or changed, the newest first."""
    rss = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(rss, "channel")

    def say(parent, tag, text, **words):
        ElementTree.SubElement(parent, tag, words).text = text

    for tag, text in (("title", name), ("link", url), ("description", about), ("language", "en")):
        say(channel, tag, text)
    dated = [each for each in sources if each.span and each.question and not each.address.startswith("contributing/")]
    dated.sort(key=lambda each: (-each.span.changed.timestamp(), each.address))
    for each in dated[:NEWEST]:
        item = ElementTree.SubElement(channel, "item")
        new = each.span.made.date() == each.span.changed.date()
        say(item, "title", f"{'New' if new else 'Changed'}: {each.title}")
        say(item, "link", urljoin(url, each.address))
        say(item, "guid", f"{urljoin(url, each.address)}#{each.span.changed:%Y%m%d%H%M%S}", isPermaLink="false")
        say(item, "pubDate", format_datetime(each.span.changed))
        say(item, "description", each.question)
    ElementTree.indent(rss)
    return ElementTree.tostring(rss, "utf-8", xml_declaration=True) + b"\n"


def sitemap(site: Path, url: str, dates: dict[str, datetime]) -> None:
    """The addresses that MkDocs lists, each with the date from git, or without one."""
    path = site / "sitemap.xml"
    ElementTree.register_namespace("", SITEMAP)
    tree = ElementTree.fromstring(path.read_bytes())
    for entry in tree.iter(f"{{{SITEMAP}}}url"):
        address = entry.find(f"{{{SITEMAP}}}loc").text.removeprefix(url)
        date = entry.find(f"{{{SITEMAP}}}lastmod")
        if address in dates:
            date.text = f"{dates[address]:%Y-%m-%d}"
        elif date is not None:
            entry.remove(date)
    data = ElementTree.tostring(tree, "utf-8", xml_declaration=True) + b"\n"
    path.write_bytes(data)
    packed = gzip.compress(data, mtime=0)
    # Byte 9 names the system that packed it; Pythons differ in that. 255 is "unknown" (RFC 1952).
    (site / "sitemap.xml.gz").write_bytes(packed[:9] + b"\xff" + packed[10:])
