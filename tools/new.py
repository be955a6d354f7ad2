"""Begin a page: python -m tools.new optimizations/hedged-requests.

Lays out the page, its program and its test from ``tools/scaffold/`` and adds the page to
``nav`` in mkdocs.yml. What it writes is complete and true, a tiny program about Lamport's
clocks, so that the build and the tests pass from the first minute and tell what broke them.
"""

import keyword
import re
import sys
from pathlib import Path
from string import Template

import yaml

from tools.pages import NAME, SECTIONS, PageError, front_matter, paths
from tools.programs import ROOT

SCAFFOLD = Path(__file__).resolve().parent / "scaffold"
EXAMPLE = "optimizations/hedged-requests"
NEXT = """\
Next: put your own program in the place of Lamport's clocks, then its test, then the page.
The front matter needs your question, Chinese term, aliases, idea, costs and papers{solves}.
How each file is written: docs/contributing/write-a-page/index.md"""


class NewError(Exception):
    """A page that cannot be begun; one sentence that says why and what to do."""


def files(page_id: str) -> dict[str, str]:
    """The files of a page, by path below the root: the template each is made from.

    Raises NewError for a name that no page can have.
    """
    section, _, page = page_id.partition("/")
    if section not in SECTIONS or not NAME.fullmatch(page):
        raise NewError(
            f"{page_id!r} is no page's name: write <section>/<page>, lower case with dashes, the "
            f"section one of {', '.join(SECTIONS)}, as in {EXAMPLE}"
        )
    if keyword.iskeyword(page):
        raise NewError(f"{page!r} is a word of Python, which cannot name a program: use two words")
    module = page.replace("-", "_")
    return {
        f"snippets/{section}/{module}.py": "program.py.txt",
        f"tests/{section}/test_{module}.py": "test.py.txt",
        f"docs/{section}/{page}/index.md": "index.md.txt",
        f"docs/{section}/{page}/figures.py": "figures.py.txt",
        f"docs/{section}/{page}/measured.py": "measured.py.txt",
    }


def title_of(page_id: str) -> str:
    return page_id.split("/")[1].replace("-", " ").capitalize()


def in_nav(text: str, page_id: str) -> str:
    """The text of mkdocs.yml with the page at the end of its section's list.

    The text is not parsed and written again, which would lose its comments. Raises NewError
    when the section has no list.
    """
    target = f"{page_id}/index.md"
    if re.search(rf": {re.escape(target)}\s*$", text, re.M):
        return text
    lines = text.splitlines(True)
    heading = re.compile(rf"( +)- {page_id.split('/')[0].capitalize()}:\s*$")
    nav = next((n for n, line in enumerate(lines) if line.rstrip() == "nav:"), len(lines))
    for start in range(nav + 1, len(lines)):
        if match := heading.match(lines[start]):
            break
    else:
        section = page_id.split("/")[0].capitalize()
        raise NewError(f"mkdocs.yml has no '- {section}:' with a list below nav: add it")
    end, indent = start + 1, match[1] + "    "  # beside the groups of the section, not in one
    while end < len(lines) and lines[end].startswith(match[1] + " "):
        indent = min(indent, lines[end][: len(lines[end]) - len(lines[end].lstrip())], key=len)
        end += 1
    title = title_of(page_id)
    label = title if yaml.safe_load(title) == title else f'"{title}"'  # On, No, Null
    lines.insert(end, f"{indent}- {label}: {target}\n")
    return "".join(lines)


def new(page_id: str, root: Path = ROOT) -> list[str]:
    """Write the files of a page; return their paths below the root, mkdocs.yml last.

    Raises NewError, and writes nothing, for a name that is malformed or taken.
    """
    wanted = files(page_id)
    section, page = page_id.split("/")
    words = page.replace("-", " ")
    for name in (f"docs/{page_id}", *wanted):
        if (root / name).exists():
            raise NewError(f"{name} exists already: choose another name, or edit what is there")
    for path in paths(root / "docs"):
        try:
            aliases = front_matter(path)[0].get("aliases") or []
        except PageError:
            continue  # someone else's unfinished page is not in the way
        if words in (str(alias).casefold() for alias in aliases):
            owner = path.relative_to(root).as_posix()
            raise NewError(f"{words!r} is an alias of {owner}: choose another name, or edit that")
    config = root / "mkdocs.yml"
    nav = in_nav(config.read_text("utf-8"), page_id)
    values = {
        "section": section,
        "page": page,
        "module": page.replace("-", "_"),
        "title": title_of(page_id),
        "words": words,
    }
    texts = {
        name: Template((SCAFFOLD / template).read_text("utf-8")).substitute(values)
        for name, template in wanted.items()
    }
    for name, text in {**texts, "mkdocs.yml": nav}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode("utf-8"))
    return [*texts, "mkdocs.yml"]


def main(arguments: list[str], root: Path = ROOT) -> int:
    try:
        if len(arguments) != 1:
            raise NewError(f"name one page, as in: python -m tools.new {EXAMPLE}")
        made = new(arguments[0], root)
    except NewError as error:
        print(f"new: {error}", file=sys.stderr)
        return 2
    print("new: wrote")
    for name in made[:-1]:
        print(f"  {name}")
    print(f"and added the page to nav in {made[-1]}.")
    optimization = arguments[0].startswith("optimizations/")
    print(NEXT.format(solves=",\nand solves; measured.py needs effects()" if optimization else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
