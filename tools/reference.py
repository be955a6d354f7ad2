"""What is made of all pages together: the map, the challenges' lists, the reference tables.

Every function takes what ``tools.generate`` has at hand and returns text; nothing here
runs a program. ``data`` is what ``tools.room`` measured, by page id.
"""

import ast
import re
import tomllib
from html import escape

from tools.figures.glyphs import glyph
from tools.measure import CHALLENGES, Table
from tools.pages import DOCS, SECTIONS, Page, article
from tools.papers import sources
from tools.programs import SNIPPETS, name_of, programs, read, shown
from tools.room import (
    SIGNS,
    TITLES,
    also_searched,
    chinese,
    in_its_language,
    inline,
    numbers_table,
    table,
    verdict,
)

GLOSSARY = DOCS / "reference" / "glossary.toml"
DOWNLOAD = "../downloads"
HOME_PICTURE = ("challenges/data-consistency", "stale")


def fragments(pages: list[Page], data: dict) -> dict[str, str]:
    """All shared fragments by their path below ``docs/_generated``."""
    out = {
        "map.html": the_map(pages, data, "../../"),
        "map-home.html": the_map(pages, data, ""),
        "counts.html": counts(pages, data),
        "home.html": home_picture(pages),
        "reference/numbers.md": numbers(pages, data),
        "reference/papers.md": papers(pages),
        "reference/programs.md": program_table(pages),
        "reference/catalogue.md": catalogue(pages),
        "reference/source-map.md": source_map(pages),
        "reference/glossary.md": glossary(),
        "abbreviations.md": abbreviations(),
        "contributing/decisions.md": decisions(),
    }
    for challenge in CHALLENGES:
        out[f"challenges/{challenge}/helps.md"] = helps(challenge, pages, data)
    return out


# ------------------------------------------------------------------------ the map


def optimizations(pages: list[Page], data: dict) -> list[tuple[Page, dict]]:
    """The pages that have effects, with the list of them by challenge."""
    return [
        (
            page,
            {
                name: [e for e in data[page.id]["effects"] if e["challenge"] == name]
                for name in CHALLENGES
            },
        )
        for page in pages
        if data.get(page.id, {}).get("effects")
    ]


def the_map(pages: list[Page], data: dict, up: str) -> str:
    """Optimizations by challenges, every cell a measured effect; ``up`` leads to the root."""
    head = "".join(
        f'<th scope="col"><a href="{up}challenges/{name}/">{glyph(name)}{TITLES[name]}</a></th>'
        for name in CHALLENGES
    )
    rows = []
    for page, effects in optimizations(pages, data):
        cells = "".join(
            f'<td data-label="{TITLES[name]}">'
            + "".join(_cell(effect, f"{up}{page.id}/#the-four-challenges") for effect in effects[name])
            + "</td>"
            for name in CHALLENGES
        )
        title = f'<a href="{up}{page.id}/">{page.title}</a>'
        rows.append(f'<tr><th scope="row">{title}</th>{cells}</tr>')
    return (
        '<div class="map-scroll"><table class="map"><thead><tr><th scope="col">Optimization</th>'
        f"{head}</tr></thead><tbody>\n" + "\n".join(rows) + "\n</tbody></table></div>\n"
    )


def _cell(effect: dict, href: str) -> str:
    word = effect["verdict"]
    return (
        f'<p class="effect"><a class="verdict {word.split()[-1]}" href="{href}">'
        f"{SIGNS[word]} {word}</a> "
        f'<span class="measure">{inline(effect["measure"])}</span> '
        f'<span class="size">{escape(effect["without"])} → {escape(effect["with"])}</span></p>'
    )


def helps(challenge: str, pages: list[Page], data: dict) -> str:
    """The map's column of one challenge, as a table for its page."""
    rows = tuple(
        (
            f"[{page.title}](../../{page.id}/index.md#the-four-challenges)",
            verdict(effect["verdict"]),
            effect["measure"],
            effect["without"],
            effect["with"],
        )
        for page, effects in optimizations(pages, data)
        for effect in effects[challenge]
    )
    return table(Table(("optimization", "verdict", "measured", "without", "with"), rows, "lllrr"))


def counts(pages: list[Page], data: dict) -> str:
    """The home page's search field, which says how much there is to search."""
    results = sum(len(item["paper"]) for item in data.values())
    text = f"Search {len(pages)} pages, {len(programs())} programs, {results} paper results"
    # A link to what stands in for the search until its script has been loaded.
    return f'<p><a class="hero-search" href="reference/catalogue/">{text}</a></p>\n'


def home_picture(pages: list[Page]) -> str:
    """The picture of the home page: one of a page's own, naming the page it comes from."""
    owner, name = HOME_PICTURE
    path = DOCS / "_generated" / owner / f"{name}.html"
    titles = {page.id: page.title for page in pages}
    if owner not in titles or not path.is_file():
        return ""
    link = f'the program of <a href="{owner}/">{titles[owner]}</a>'
    text = path.read_text("utf-8").replace("the program below", link)
    return text.replace('="../../', '="')  # home is two folders further up


# ---------------------------------------------------------------------- reference


def numbers(pages: list[Page], data: dict) -> str:
    """Every result of a paper beside ours, page by page."""
    out = []
    for page in pages:
        rows = data.get(page.id, {}).get("paper")
        if rows:
            out.append(f"## [{page.title}](../{page.id}/index.md)\n")
            out.append(numbers_table(rows, "papers.md"))
    return "\n".join(out)


def papers(pages: list[Page]) -> str:
    """Every source with an anchor, the terms whose source it is and the pages that rest on it."""
    defined = {}
    for entry in terms():
        defined.setdefault(entry["source"], []).append(f"[{entry['name']}](glossary.md#{anchor(entry['name'])})")
    out = []
    for key, source in sources().items():
        users = [f"[{p.title}](../{p.id}/index.md)" for p in pages if key in p.papers]
        used = f" Used by {', '.join(users)}." if users else ""
        said = f" On {', '.join(defined[key])}." if key in defined else ""
        copy = f" [As of {source.read}.]({source.archive})" + '{data-search-exclude=""}'
        as_of = copy if source.archive else ""
        out.append(f"{source.line()}{as_of}{said}{used}\n{{ #{key} .source }}\n")
    return "\n".join(out)


def catalogue(pages: list[Page]) -> str:
    """Every page with its question and its other names: the search of those without a script."""
    out = []
    for section in SECTIONS:
        out.append(f"## {section.capitalize()}\n")
        for page in (page for page in pages if page.section == section):
            names = [name for name in (page.chinese, *page.aliases) if name]
            also = ", ".join(map(in_its_language, names))
            out.append(f"- [{page.title}](../{page.id}/index.md): {page.question}<br>{also}\n")
    out.append("## Labs\n")
    for path in sorted((DOCS / "labs").glob("*.py")):
        heading = re.search(r"^# # (.+)$", path.read_text("utf-8"), re.M)
        title = heading[1] if heading else path.stem.replace("-", " ").capitalize()
        out.append(f"- [{title}](../labs/{path.name})\n")
    return "\n".join(out)


def program_table(pages: list[Page]) -> str:
    """Every program: what it does, what it guarantees, where it is shown, its download."""
    owner = {name: page for page in pages for name in page.programs}
    rows = []
    for path in [SNIPPETS / "simnet.py", *programs()]:
        name = name_of(path)
        doc = ast.get_docstring(ast.parse(read(path))) or ""
        first = doc.split("\n\n")[0].replace("\n", " ")
        page = owner.get(name)
        title = f"[{page.title}](../{page.id}/index.md)" if page else ""
        lines = shown(read(path)).count("\n")
        mark = f"{{ #{anchor(name)} }}"  # where the search leads
        file = f"`{name}.py`"
        if name != "simnet":
            file = f"[{file}]({DOWNLOAD}/{name}.py)"
        file += mark
        rows.append((file, first, title, str(lines)))
    head = ("program", "what it does", "page", "lines")
    return table(Table(head, tuple(rows), "lllr"))


def source_map(pages: list[Page]) -> str:
    """Each section and each distinct statement of the article -> the page that absorbs it."""
    owner = {item: page for page in pages for item in page.source_items}
    out = []
    for heading, items in zip(("Sections", "Distinct statements"), article(), strict=True):
        rows = []
        for item, text in items.items():
            page = owner.get(item)
            where = f"[{page.title}](../../{page.id}/index.md)" if page else "**nowhere yet**"
            fate = page.source_items[item] if page else ""
            rows.append((text, where, "Kept." if fate == "kept" else fate))
        out.append(f"## {heading}\n")
        out.append(table(Table(("the article", "absorbed by", "what was corrected"), tuple(rows))))
    return "\n".join(out)


def decisions() -> str:
    """The list of decisions, by number, from their own headings."""
    lines = []
    for path in sorted((DOCS / "contributing" / "decisions").glob("[0-9]*.md")):
        heading = re.search(r"^# (.+)$", path.read_text("utf-8"), re.M)
        if not heading:
            raise ValueError(f"{path}:1: no heading; begin the text with '# What was decided'")
        lines.append(f"- {path.stem[:4]} [{heading[1]}]({path.name})\n")
    return "".join(lines)


# ----------------------------------------------------------------------- glossary


def terms() -> list[dict]:
    """The glossary's entries, sorted by name without regard to case.

    Raises ValueError, naming the entry, for a term without text, an unknown source, or two
    terms that would share an anchor.
    """
    entries = tomllib.loads(GLOSSARY.read_text("utf-8"))["term"] if GLOSSARY.is_file() else []
    there = {}
    for entry in entries:
        for name in ("name", "text", "source"):
            if not entry.get(name):
                raise ValueError(f"{GLOSSARY}: {entry.get('name')!r}: {name} is missing; add it")
        if entry["source"] not in sources():
            raise ValueError(f"{GLOSSARY}: {entry['name']!r}: {entry['source']!r} is not in papers.bib")
        other = there.setdefault(anchor(entry["name"]), entry)
        if other is not entry:
            raise ValueError(
                f"{GLOSSARY}: {entry['name']!r}: {other['name']!r} is there already; keep one entry"
            )
    return sorted(entries, key=lambda entry: entry["name"].casefold())


def anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")


def glossary() -> str:
    """The glossary page: a heading a term, its definition, source and page."""
    out = []
    for entry in terms():
        source = sources()[entry["source"]]
        zh = f" {chinese(entry['zh'])}" if entry.get("zh") else ""
        place = f", {entry['place']}" if entry.get("place") else ""
        more = f" More: [{entry['page'].split('/')[-1].replace('-', ' ')}](../{entry['page']}/index.md)." if entry.get("page") else ""
        out.append(f"## {entry['name']} {{ #{anchor(entry['name'])} }}\n")
        out.append(
            f"{zh.strip() + ': ' if zh else ''}{entry['text']} "
            f"([{source.short}](papers.md#{source.key}){place}).{more}\n"
        )
        if entry.get("also"):
            out.append(also_searched(entry["also"], "also term"))
    return "\n".join(out)


def abbreviations() -> str:
    """The glossary as Markdown abbreviations: tooltips on every page, except of the terms
    with ``tooltip = false``."""
    shown = [entry for entry in terms() if entry.get("tooltip", True)]
    return "\n".join(f"*[{entry['name']}]: {entry['text']}" for entry in shown) + "\n"
