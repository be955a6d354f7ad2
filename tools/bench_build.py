"""How long a build takes: this site's beside plain Material, Zensical, Hugo and mdBook.

    python -m tools.bench_build           30 and 300 pages
    python -m tools.bench_build 20 60 1   other sizes, and how many rounds

The pages are made by a program with a seed, the same ones for all: some 950 words, ten sections, four
blocks of Python, an included file, a formula, two admonitions, a table, eleven links. All run
in turn, in each round once from nothing and once after a page was edited; ratios are taken inside a round, so that
what else the machine does counts on both sides. The generated pages have no programs, so no figures are drawn.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

import brotli

from tools.programs import ROOT
from tools.zensical import install

SIZES, ROUNDS = (30, 300), 2
PINS = ROOT / "requirements-bench.txt"
HOME = ROOT / ".build" / "bench"
UNLIKE = (
    "not like for like: ours also writes cards, a feed, a policy and the Markdown of each page, and draws formulas; "
    "plain Material has line anchors and its own search; Hugo has a template of ten lines and no search; "
    "mdBook leaves highlighting to the browser; both get included files already in the text"
)
VOCABULARY = """
a about after again all and any are as at be because before but by can cache clock commit
consistent copy crash data delay each election entry event every fail follower for from has if in is it
its key last leader limit lock log lost message more most network never no node not of on one only or order
other partition queue quorum read replica request retry round same send server so state than that the their
then there time to token two until update value version vote wait when which while with without write
"""

CODE = '''def merge(left: dict[str, int], right: dict[str, int]) -> dict[str, int]:
    """Take the larger count of each node, as {0} does."""
    return {{name: max(left.get(name, 0), right.get(name, 0)) for name in left | right}}


class {1}:
    def __init__(self, limit: int = {2}):
        self.limit, self.seen = limit, set()

    async def receive(self, sender: str, number: int) -> bool:
        if number in self.seen or number > self.limit:
            raise ValueError(f"{{sender}}: {{number!r}} is too late")  # {0}
        self.seen.add(number)
        return len(self.seen) % 2 == 0
'''
# What Material's documentation turns on, and most sites with it.
PLAIN = """
theme:
  name: material
  font: false
  features: [content.code.copy, navigation.footer, navigation.instant, navigation.sections, navigation.tabs,
    navigation.top, toc.follow]
  palette: [{scheme: default, toggle: {icon: material/brightness-7, name: Dark}},
    {scheme: slate, toggle: {icon: material/brightness-4, name: Light}}]
plugins: [search]
markdown_extensions:
  - abbr
  - admonition
  - attr_list
  - footnotes
  - md_in_html
  - tables
  - toc: {permalink: true}
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.details
  - pymdownx.highlight: {anchor_linenums: true, line_spans: __span, pygments_lang_class: true}
  - pymdownx.inlinehilite
  - pymdownx.snippets: {base_path: [snippets]}
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
"""


# ------------------------------------------------------------------------------- the pages


WORDS = VOCABULARY.split()
SECTIONS = ("concepts", "challenges", "optimizations", "reference", "contributing")


def address(number: int) -> str:
    """Five sections, in each of them groups of ten pages, as our own are."""
    group = number // 10
    return f"{SECTIONS[group % len(SECTIONS)]}/g{group:03}/p{number:05}.md"


def page(number: int, count: int, flavour: str) -> str:
    """One page. Only how it includes a file, and an admonition, differs between generators."""
    rng = Random(number)

    def some(items):
        return items[int(rng.random() * len(items))]

    def text(words):
        out = [some(WORDS) for _ in range(words)]
        for place in range(0, words - 12, 12):
            out[place + 11] += "."
        return " ".join(out).capitalize() + "."

    def link():
        return f"[{some(WORDS)} {some(WORDS)}](../../{address(int(rng.random() * count))})"

    def aside(kind, words):
        quoted = f"> [!{kind.upper()}]\n> {words}\n"
        return quoted if flavour in ("hugo", "mdbook") else f"!!! {kind}\n\n    {words}\n"

    included = {
        "material": '--8<-- "part.py"',
        "mdbook": "{{#include ../../../snippets/part.py}}",
        "hugo": CODE.format("it", "Part", 9).strip(),
    }[flavour]
    extra = {
        1: aside("note", text(20)),
        3: f"```python\n{included}\n```\n",
        4: "$$\nE = \\sum_{i=1}^{n} \\frac{x_i^2}{n + 1}\n$$\n",
        6: aside("warning", text(20)),
        8: "| node | sent | received |\n|---|---|---|\n"
        + "".join(
            f"| {some(WORDS)} | {int(rng.random() * 99)} | {some(WORDS)} |\n" for _ in range(5)
        ),
    }
    parts = [f"# Page {number}: {some(WORDS)} {some(WORDS)}\n\n{text(40)} {link()}\n"]
    for section in range(10):
        words = text(88)
        parts.append(
            f"## {section + 1} {some(WORDS)} {some(WORDS)}\n\n{words[:240]} *{some(WORDS)}* `x = {section}` {link()} {words[240:]}\n"
        )
        if section in (0, 2, 5, 7):
            parts.append(
                f"```python\n{CODE.format(some(WORDS), some(WORDS).title(), section)}```\n"
            )
        parts.append(extra.get(section, ""))
    return "\n".join(parts)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def pages(folder: Path, count: int, flavour: str) -> None:
    for number in range(count):
        write(folder / address(number), page(number, count, flavour))


# -------------------------------------------------------------------------- the generators


def material(home: Path, count: int, programs: Path) -> tuple[list, Path]:
    """Plain Material: a folder of it, the command that builds it, and where the pages are."""
    write(home / "mkdocs.yml", f"site_name: Plain\nsite_url: http://127.0.0.1/\n{PLAIN}")
    write(home / "snippets" / "part.py", CODE.format("it", "Part", 9))
    write(home / "docs" / "index.md", "# Home\n")
    pages(home / "docs", count, "material")
    return [sys.executable, "-m", "mkdocs", "build", "-q"], home / "docs"


def ours(home: Path, count: int, programs: Path) -> tuple[list, Path]:
    """The whole of ``make build``, with our machinery and settings, on the same pages.

    Without the notebook, which the others have not; with admonitions, which we do not use.
    """
    for name in ("tools", "docs/assets", "overrides"):
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (
        *("snippets/__init__.py", "snippets/simnet.py", "pyproject.toml", "requirements-test.txt"),
        *("docs/reference/papers.bib", "docs/reference/source-map/article.toml"),
    ):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, home / name)
    for name in ("npm", "runtime"):  # what came over the network
        if (ROOT / ".build" / name).is_dir():
            shutil.copytree(ROOT / ".build" / name, home / ".build" / name)
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    text = re.sub(r"^nav:\n(?:  .*\n)+", "", text, flags=re.M)
    text = re.sub(r"^plugins:\n(?:  .*\n)+", "plugins: []\n", text, flags=re.M)
    text = text.replace("  - attr_list\n", "  - admonition\n  - attr_list\n", 1)
    write(home / "mkdocs.yml", text)
    write(home / "snippets" / "part.py", '"""A part."""\n\n' + CODE.format("it", "Part", 9))
    write(home / "docs" / "index.md", "# Home\n")
    pages(home / "docs", count, "material")
    return [sys.executable, "-m", "tools.build", "site"], home / "docs"


def zensical(home: Path, count: int, programs: Path) -> tuple[list, Path]:
    """The successor of the theme, on the sources and settings of plain Material."""
    _, folder = material(home, count, programs)
    return [programs / "zensical", "build"], folder


def hugo(home: Path, count: int, programs: Path) -> tuple[list, Path]:
    write(
        home / "hugo.toml",
        'baseURL = "http://127.0.0.1/"\ntitle = "Hugo"\ndisableKinds = ["taxonomy", "term", "RSS"]\n'
        "[markup.highlight]\nnoClasses = false\n[markup.goldmark.renderHooks.link]\nenableFallback = true\n",
    )
    layout = (
        "<!doctype html><html><head><title>{{ .Title }}</title></head><body><nav>{{ range site.Sections }}"
        "<a href={{ .RelPermalink }}>{{ .Title }}</a>{{ end }}{{ range .CurrentSection.RegularPages }}"
        "<a href={{ .RelPermalink }}>{{ .Title }}</a>{{ end }}</nav>"
        "<main>{{ .Content }}</main><aside>{{ .TableOfContents }}</aside></body></html>\n"
    )
    for name in ("single", "list", "home"):
        write(home / "layouts" / "_default" / f"{name}.html", layout)
    for number in range(count):
        text = page(number, count, "hugo")
        title = text.splitlines()[0].removeprefix("# ")
        write(home / "content" / address(number), f'---\ntitle: "{title}"\n---\n{text}')
    return [programs / "hugo", "--quiet"], home / "content"


def mdbook(home: Path, count: int, programs: Path) -> tuple[list, Path]:
    write(home / "book.toml", '[book]\ntitle = "Book"\n')
    write(home / "snippets" / "part.py", CODE.format("it", "Part", 9))
    listed = "".join(f"- [Page {number}]({address(number)})\n" for number in range(count))
    write(home / "src" / "SUMMARY.md", f"# Summary\n\n{listed}")
    pages(home / "src", count, "mdbook")
    return [programs / "mdbook", "build"], home / "src"


GENERATORS = (material, ours, zensical, hugo, mdbook)
OUTPUT = (
    "site",
    ".build/kept",
    ".cache",
    "public",
    "resources",
    "book",
)  # what "from nothing" is without


# ------------------------------------------------------------------------------ the timing


def run(command: list, home: Path) -> tuple[float, float]:
    """Seconds from start to end, and the megabytes of the largest of its processes."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    with tempfile.TemporaryFile() as said:
        began = perf_counter()
        process = subprocess.Popen(command, cwd=home, env=environment, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        taken = perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{command}: {said.read().decode()[-2000:]}")
    return taken, usage.ru_maxrss / 1024 / (1024 if sys.platform == "darwin" else 1)


def weight(home: Path) -> float:
    """Kilobytes of the HTML of a page as brotli packs it: the median of some twenty."""
    pages = sorted(path for name in ("site", "public", "book") for path in (home / name).rglob("*.html"))
    return median(len(brotli.compress(path.read_bytes())) for path in pages[:: len(pages) // 20 + 1]) / 1000


def measure(size: int, rounds: int, programs: Path, scratch: Path) -> dict:
    """name: [(cold, edited, megabytes, kilobytes), ...], for each round."""
    prepared = {}
    for make in GENERATORS:
        home = scratch / f"{make.__name__}-{size}"
        prepared[make.__name__] = home, *make(home, size, programs)
    found = defaultdict(list)
    for number in range(rounds):
        for name, (home, command, folder) in prepared.items():
            for each in OUTPUT:
                shutil.rmtree(home / each, ignore_errors=True)
            cold, peak = run(command, home)
            path = folder / address(size // 2)
            text = path.read_text("utf-8")
            write(path, f"{text}\nEdited in round {number}.\n")
            # MkDocs keeps nothing from one build to the next: the second would be the first again.
            edited = cold if name == "material" else run(command, home)[0]
            found[name].append((cold, edited, peak, weight(home)))
    return found


def main(arguments: list[str]) -> int:
    numbers = [int(each) for each in arguments]
    sizes, rounds = (numbers[:2], numbers[2]) if len(numbers) == 3 else (SIZES, ROUNDS)
    programs = install(PINS, HOME)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        results = {size: measure(size, rounds, programs, Path(scratch)) for size in sizes}
    small, large = (results[size] for size in sizes)
    print(f"Builds of generated pages, as ratios to plain Material; medians of {rounds} rounds.")
    print("cold: from nothing; edited: again, after one page changed; MB: the largest process; KB: a page's HTML, brotli.")
    print(
        f"{'':10}"
        + "".join(f"{f'{size} pages: cold':>18}{'edited':>8}{'MB':>6}{'KB':>6}" for size in sizes)
        + f"{'growth':>9}"
    )
    for name in small:
        row = f"{name:10}"
        for found in (small, large):
            pairs = list(zip(found[name], found["material"]))
            cold = median(own[0] / base[0] for own, base in pairs)
            edited = median(own[1] / base[1] for own, base in pairs)
            row += f"{cold:18.2f}{edited:8.2f}{median(own[2] for own, _ in pairs):6.0f}{found[name][-1][3]:6.1f}"
        growth = median(many[0] / few[0] for few, many in zip(small[name], large[name]))
        print(f"{row}{growth:9.1f}")
    base = median(cold for cold, *_ in large["material"])
    print(
        f"growth: cold time of {sizes[1]} pages over {sizes[0]}. Plain Material took {base:.1f} s for {sizes[1]}."
    )
    print(UNLIKE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
