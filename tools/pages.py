"""The pages: their front matter, read and checked.

A page is ``docs/<section>/<page>/index.md``. Every rule broken gives one sentence that
names the file, the field and the mend; ``load`` reports all of them at once.
"""

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml
from markdown import Markdown
from pymdownx.snippets import SnippetExtension

from tools.measure import CHALLENGES
from tools.papers import sources
from tools.programs import ROOT, SNIPPETS, read

DOCS = ROOT / "docs"
SECTIONS = ("concepts", "challenges", "optimizations")
ARTICLE = DOCS / "reference" / "source-map" / "article.toml"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

TEXT = ("title", "question", "chinese", "program", "idea", "costs", "guarantees", "not_guaranteed")
LISTS = ("aliases", "asked", "solves", "papers", "next", "more_programs")
FIELDS = {*TEXT, *LISTS, "source_items", "hide", "description"}
WITHOUT_PROGRAM = {"challenges/map"}  # an overview: it links to the programs of its parts
INCLUDE = re.compile(r'^[ \t]*-+8<-+[ \t]+"([^"]+)"[ \t]*$', re.M)


class PageError(Exception):
    """One or more pages break a rule; a line each: file, field, mend."""


@dataclass(frozen=True)
class Page:
    """One page. ``id`` is ``optimizations/data-sharding``, which is also its URL."""

    id: str
    path: Path
    title: str
    question: str
    chinese: str = ""
    program: str = ""
    idea: str = ""
    costs: str = ""
    guarantees: str = ""
    not_guaranteed: str = ""
    aliases: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()  # what people type who do not know the name
    solves: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    more_programs: tuple[str, ...] = ()  # of snippets/production
    source_items: dict = field(default_factory=dict)

    @property
    def room(self) -> Path:
        """The folder of the page."""
        return self.path.parent

    @property
    def section(self) -> str:
        return self.id.split("/")[0]

    @property
    def programs(self) -> tuple[str, ...]:
        return (*filter(None, [self.program]), *self.more_programs)


def front_matter(path: Path, required: bool = True) -> tuple[dict, str]:
    """The front matter of a Markdown file and the text behind it; {} for one without that may be so."""
    text = read(path, PageError)
    if not required and not text.startswith("---\n"):
        return {}, text
    if not text.startswith("---\n") or "\n---\n" not in text:
        raise PageError(f"{path}:1: no front matter; begin with '---', title, question and '---'")
    head, body = text[4:].split("\n---\n", 1)
    try:
        data = yaml.safe_load(head)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        raise PageError(f"{path}:{line}: front matter is not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(data, dict):
        raise PageError(f"{path}:1: front matter must be 'field: value' lines")
    if odd := [name for name in data if not isinstance(name, str)]:
        raise PageError(f"{path}:1: front matter: {odd[0]!r} is not a field's name; put it in quotes")
    return data, body


@cache
def _includes(root: Path):
    """The preprocessor that the site uses."""
    snippets = SnippetExtension(
        base_path=[str(root / "snippets"), str(root / "docs" / "_generated")],
        check_paths=True,
        restrict_base_path=True,
        dedent_subsections=True,
    )
    return Markdown(extensions=[snippets]).preprocessors["snippet"]


def expand(text: str, root: Path = ROOT) -> str:
    """Markdown with its includes filled in."""
    return "\n".join(_includes(root).run(text.splitlines())) + "\n"


def article() -> tuple[dict, dict]:
    """The source article's sections and statements, by id."""
    data = tomllib.loads(ARTICLE.read_text("utf-8"))
    return data["section"], data["statement"]


def _check(path: Path, data: dict, page_id: str, pages: set[str], items: set[str]) -> list[str]:
    def where(name):
        text = path.read_text("utf-8")
        match = re.search(rf"^{re.escape(name)}:", text, re.M)
        return f"{path}:{text[: match.start()].count(chr(10)) + 1 if match else 1}: {name}"

    problems = []
    for name, value in data.items():
        if name not in FIELDS:
            problems.append(f"{where(name)}: unknown field; use one of {', '.join(sorted(FIELDS))}")
        elif name in TEXT and not (isinstance(value, str) and value.strip()):
            problems.append(f"{where(name)}: must be text; put it in quotes if it looks like YAML")
        elif name in LISTS and not (
            isinstance(value, list) and all(isinstance(item, str) for item in value)
        ):
            problems.append(f"{where(name)}: must be a list of texts; write [one, two]")
    if problems:
        return problems
    required = ["title", "question"]
    if page_id not in WITHOUT_PROGRAM:
        required += ["chinese", "aliases", "program", "idea", "papers"]
    for name in required:
        if not data.get(name):
            problems.append(f"{path}:1: {name}: missing; add it to the front matter")
    for program in [data.get("program"), *data.get("more_programs", [])]:
        if program and not (SNIPPETS / f"{program}.py").is_file():
            problems.append(
                f"{where('program')}: there is no snippets/{program}.py; write it or mend the name"
            )
    for name in data.get("solves", []):
        if name not in CHALLENGES:
            problems.append(
                f"{where('solves')}: unknown challenge {name!r}; use {', '.join(CHALLENGES)}"
            )
    for key in data.get("papers", []):
        if key not in sources():
            problems.append(
                f"{where('papers')}: {key!r} is not in docs/reference/papers.bib; add the entry"
            )
    for name in data.get("next", []):
        if name not in pages and not (DOCS / f"{name}.md").is_file() and name != "labs/before-and-after":
            problems.append(f"{where('next')}: there is no page {name!r}; mend the name")
    given = data.get("source_items", {})
    if not isinstance(given, dict):
        problems.append(f"{where('source_items')}: must map an id to what was corrected, or 'kept'")
    else:
        for item in given:
            if item not in items:
                problems.append(
                    f"{where('source_items')}: unknown id {item!r}; the ids are in {ARTICLE.name}"
                )
    return problems


def written(docs: Path = DOCS) -> list[Path]:
    """Every Markdown file that a person wrote, sorted; none that is generated."""
    made = {docs / "_generated", docs / "downloads"}
    return sorted(path for path in docs.rglob("*.md") if not made & set(path.parents))


def paths(docs: Path = DOCS) -> list[Path]:
    """The index files of all pages, sorted."""
    return sorted(path for section in SECTIONS for path in (docs / section).glob("*/index.md"))


def survey(docs: Path = DOCS) -> tuple[list[Page], list[str]]:
    """The pages that can be read, and every problem found, a line each."""
    known = {f"{path.parent.parent.name}/{path.parent.name}" for path in paths(docs)}
    sections, statements = article()
    problems, pages = [], []
    for path in paths(docs):
        page_id = f"{path.parent.parent.name}/{path.parent.name}"
        if not NAME.fullmatch(path.parent.name):
            problems.append(f"{path.parent}: name a page in lower case with dashes")
            continue
        try:
            data, _ = front_matter(path)
        except PageError as error:
            problems.append(str(error))
            continue
        if found := _check(path, data, page_id, known, {*sections, *statements}):
            problems += found
            continue
        values = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in data.items()
            if name not in ("hide", "description")
        }
        pages.append(Page(page_id, path, **values))
    problems += _twice(pages, "alias", lambda page: [alias.casefold() for alias in page.aliases])
    problems += _twice(pages, "phrase", lambda page: [asked.casefold() for asked in page.asked])
    problems += _twice(pages, "program", lambda page: page.programs)
    problems += _twice(pages, "source item", lambda page: page.source_items)
    return pages, problems


def load(docs: Path = DOCS) -> list[Page]:
    """All pages. Raises PageError with every problem found."""
    pages, problems = survey(docs)
    if problems:
        raise PageError("\n".join(problems))
    return pages


def _twice(pages, what, values) -> list[str]:
    """A thing that belongs to one page, claimed by two."""
    owners, problems = {}, []
    for page in pages:
        for value in values(page):
            if value in owners:
                problems.append(
                    f"{page.path}: {what} {value!r} is taken by {owners[value].path}; "
                    "leave it to one of the two"
                )
            owners.setdefault(value, page)
    return problems
