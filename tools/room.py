"""What one page includes: rendered from its front matter, its program and its room.

``render(page)`` returns the fragments of a page as {file name: text}. It runs the
page's ``figures.py`` and ``measured.py`` and so, through them, the page's program.
"""

import importlib.util
import json
import re
import traceback
from functools import partial
from html import escape
from pathlib import Path

from markdown import markdown

from tools.exercises import ExerciseError, folder_of, fragment
from tools.figures.glyphs import GLYPHS, glyph
from tools.measure import CHALLENGES, Effect, Paper, Table
from tools.pages import DOCS, Page
from tools.papers import sources
from tools.programs import SNIPPETS, read, shown, uses_simnet

TITLES = {name: name.replace("-", " ").capitalize() for name in CHALLENGES}
NAME = re.compile(r"[a-z][a-z0-9-]*")
RESERVED = {"facts", "end", "program", "paper", "effects", "helps", "exercise"}


class RoomError(Exception):
    """A room that cannot be rendered; the message names file, line and mend."""


def inline(text: str) -> str:
    """One line of Markdown as HTML without the paragraph around it."""
    html = markdown(text, extensions=["attr_list"])
    return html.removeprefix("<p>").removesuffix("</p>").replace("\n", " ")


def chinese(text: str) -> str:
    return f'<span lang="zh" class="zh">{text}</span>'


def in_its_language(text: str) -> str:
    return chinese(text) if re.search(r"[\u4e00-\u9fff]", text) else text


def also_searched(names, kind: str = "also") -> str:
    """The line of what else a page or, of the kind "also term", a term is searched as: tools.search reads it."""
    return f'<p class="{kind}">Also searched as: {", ".join(map(in_its_language, names))}.</p>\n'


def render(page: Page) -> dict[str, str]:
    """Every fragment of the page; ``data.json`` holds what other pages need of it."""
    if not page.program:
        return {"facts.md": facts(page), "end.md": end(page)}
    room = {"facts.md": facts(page), "end.md": end(page), "program.md": program(page)}
    if folder_of(page).is_dir():
        try:
            room["exercise.md"] = fragment(page)
        except ExerciseError as error:
            raise RoomError(str(error)) from None
    drawn = _call(page, "figures")
    for name, figure in drawn.items():
        _check_name(page, "figures.py", name)
        slug = f"{page.room.name}-{name}"
        where = f"../../runs/{page.id}/{name}."
        part = _attempt(page, "figures.py", partial(figure.fragment, slug, runs_at=where))
        room[f"{name}.html"] = part + "\n"
        # Fetched by the player from docs/runs/, where tools.generate puts them.
        room |= {f"{name}.{i}.json": text for i, text in enumerate(figure.files(slug))}
    rows = _call(page, "paper")
    effects = _call(page, "effects")
    for name, item in _call(page, "tables").items():
        _check_name(page, "measured.py", name)
        room[f"{name}.md"] = table(item)
    if rows:
        room["paper.md"] = paper(rows)
    if effects:
        if {effect.challenge for effect in effects} != set(CHALLENGES):
            raise RoomError(
                f"{page.room / 'measured.py'}: effects() must give an Effect for each of "
                f"{', '.join(CHALLENGES)}"
            )
        room["effects.md"] = effects_table(effects)
    room["data.json"] = json.dumps(
        {
            "paper": [_row(row) for row in rows],
            "effects": [_effect(effect) for effect in effects],
            "figures": sorted(drawn),
        },
        ensure_ascii=False,
        indent=1,
    )
    return room


def _check_name(page, file, name):
    if not NAME.fullmatch(name) or name in RESERVED:
        raise RoomError(f"{page.room / file}: {name!r} cannot be a fragment's name; use another")


def _module(path: Path):
    name = "room_" + re.sub(r"\W", "_", str(path.relative_to(DOCS)))
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _attempt(page: Page, file: str, function, *args):
    path = page.room / file
    try:
        return function(*args)
    except Exception as error:
        # The deepest line of the room itself: where its writer has to look.
        frames = traceback.extract_tb(error.__traceback__)
        here = [frame.lineno for frame in frames if Path(frame.filename) == path]
        line = here[-1] if here else 1
        raise RoomError(f"{path}:{line}: {type(error).__name__}: {error}") from error


def _call(page: Page, name: str):
    """The result of a function of the room, or an empty one where there is none."""
    file = "figures.py" if name == "figures" else "measured.py"
    empty = {} if name in ("figures", "tables") else []
    if not (page.room / file).is_file():
        return empty
    module = _attempt(page, file, _module, page.room / file)
    if not hasattr(module, name):
        return empty
    result = _attempt(page, file, getattr(module, name))
    kind = {"paper": Paper, "effects": Effect, "tables": Table}.get(name)
    values = result.values() if isinstance(result, dict) else result
    if kind and not all(isinstance(value, kind) for value in values):
        raise RoomError(f"{page.room / file}: {name}() must hold only {kind.__name__}")
    return result


# ---------------------------------------------------------------- front matter


def facts(page: Page) -> str:
    """The question with the Chinese term, and the row of facts."""
    term = " " + chinese(page.chinese) if page.chinese else ""
    section, _, name = page.id.partition("/")
    mark = glyph(name, named=True) if section == "challenges" and name in GLYPHS else ""
    out = [f'<p class="question">{mark}{inline(page.question)}{term}</p>']
    solves = ", ".join(f'<a href="../../challenges/{c}/">{TITLES[c]}</a>' for c in page.solves)
    promise = inline(page.guarantees) if page.guarantees else ""
    if page.not_guaranteed:
        promise = f"{promise.removesuffix('.')}. " if promise else ""
        promise += f"<em>Not:</em> {inline(page.not_guaranteed)}"
    row = (
        ("Helps with", solves),
        ("Idea", inline(page.idea) if page.idea else ""),
        ("Costs", inline(page.costs) if page.costs else ""),
        ("Guarantees", promise),
    )
    cells = [f"<div><dt>{head}:</dt> <dd>{text}</dd></div>" for head, text in row if text]
    if cells:
        out.append(f'<dl class="facts">{"".join(cells)}</dl>')
    return "\n".join(out) + "\n"


def end(page: Page) -> str:
    """Sources, also searched as, also asked as, what to read next."""
    out = []
    if page.papers:
        out.append("## Sources\n")
        cited = sorted((sources()[key] for key in page.papers), key=lambda s: (s.year, s.key))
        out += [f"- {source.line()}\n  {{ .source }}" for source in cited]
        out.append("")
    if page.aliases:
        out.append(also_searched(page.aliases))
    if page.asked:
        items = "".join(f"<li>{in_its_language(escape(asked))}</li>" for asked in page.asked)
        out.append(f'<details class="asked"><summary>Also asked as</summary><ul>{items}</ul></details>\n')
    if page.next:
        links = ", ".join(f"[{title_of(name)}]({link(name)})" for name in page.next)
        out.append(f"Read next: {links}.\n")
    return "\n".join(out)


def title_of(name: str) -> str:
    return name.split("/")[-1].replace("-", " ").capitalize()


def link(name: str) -> str:
    """The path of another page as a page's Markdown links to it."""
    if name.startswith("labs/"):
        return f"../../{name}.py"
    if (DOCS / f"{name}.md").is_file():
        return f"../../{name}.md"
    return f"../../{name}/index.md"


# -------------------------------------------------------------------- program


def program(page: Page) -> str:
    """Each program of the page, whole, folded, with its download."""
    out = []
    for name in page.programs:
        path = SNIPPETS / f"{name}.py"
        lines = shown(read(path)).count("\n")
        needs, runs = "standard library only", " .runs"
        if name.startswith("production/"):
            needs = "needs the packages it imports and real processes, so it does not run in a browser"
            runs = ""
        elif uses_simnet(path):
            needs = "copied with the simulator in front, so that it runs alone"
        out.append(
            f'<details class="whole" markdown>\n'
            f"<summary>The whole program: <code>{path.name}</code>, {lines} lines</summary>\n\n"
            f'```` {{ .python .program title="snippets/{name}.py" }}\n'
            f'--8<-- "{name}.py"\n'
            f"````\n\n"
            f"</details>\n\n"
            f'[Download {path.name}](../../downloads/{name}.py){{ download="{path.name}" }}: '
            f"{needs}.\n{{ .program-links{runs} }}\n"
        )
    return "\n".join(out)


# --------------------------------------------------------------------- tables


def table(item: Table) -> str:
    """A Markdown table."""
    marks = {"l": ":---", "r": "---:", "c": ":---:"}
    align = item.align or "l" * len(item.head)
    widths = {len(item.head), len(align), *map(len, item.rows)}
    if len(widths) != 1:
        raise RoomError(f"table with {len(item.head)} headings has rows of other lengths: {item}")

    def line(cells):
        return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([line(item.head), line(marks[a] for a in align), *map(line, item.rows)]) + "\n"


def _show(row: Paper, value) -> str:
    if isinstance(value, tuple) and row.show == "{}":
        return ", ".join(str(part) for part in value)
    if isinstance(row.said, tuple) and len(row.said) == 2 and isinstance(value, tuple):
        return " to ".join(row.show.format(part) for part in value)
    return row.show.format(value)


def _row(row: Paper) -> dict:
    source = sources().get(row.key)
    if source is None:
        raise RoomError(f"measured.py: {row.key!r} is not in docs/reference/papers.bib; add it")
    got = row.got
    if isinstance(row.said, tuple) and len(row.said) == 2 and not isinstance(got, tuple):
        got = row.show.format(got)
    else:
        got = _show(row, got)
    return {
        "key": row.key,
        "source": source.short,
        "place": row.place,
        "claim": row.claim,
        "said": _show(row, row.said),
        "got": got,
        "tolerance": _tolerance(row),
        "note": row.note,
        "differs": row.differs,
        "holds": row.holds(),
    }


def _tolerance(row: Paper) -> str:
    if not row.tolerance:
        return "exact"
    shown_as = row.show.format(row.tolerance)
    if float("0" + re.sub(r"[^\d.]", "", shown_as) or 0) == 0:  # too small for that format
        shown_as = f"{row.tolerance:g}"
    return f"± {shown_as}"


def paper(rows: list[Paper]) -> str:
    """The table "the paper says, we get" of one page."""
    return numbers_table([_row(row) for row in rows], "../../reference/papers.md")


def numbers_table(rows: list[dict], papers: str) -> str:
    lines = []
    for row in rows:
        remark = row["differs"] or row["note"]
        lines.append(
            (
                f"{row['claim']} ([{row['source']}]({papers}#{row['key']}), {row['place']})",
                row["said"],
                row["got"] + (" *differs*" if row["differs"] else ""),
                row["tolerance"],
                remark,
            )
        )
    return table(
        Table(("what", "the paper says", "we get", "tolerance", "remark"), tuple(lines), "lrrrl")
    )


def _effect(effect: Effect) -> dict:
    return {
        "challenge": effect.challenge,
        "measure": effect.measure,
        "without": effect.show.format(effect.without),
        "with": effect.show.format(effect.with_it),
        "verdict": effect.verdict,
        "function": effect.function,
    }


SIGNS = {"helps": "+", "hurts": "−", "no change": "="}


def verdict(word: str) -> str:
    """The verdict as the map prints it: a sign, the word, a class for its tone."""
    return f'<span class="verdict {word.split()[-1]}">{SIGNS[word]} {word}</span>'


def effects_table(effects: list[Effect]) -> str:
    rows = []
    for effect in sorted(effects, key=lambda e: CHALLENGES.index(e.challenge)):
        item = _effect(effect)
        rows.append(
            (
                f"[{TITLES[effect.challenge]}](../../challenges/{effect.challenge}/index.md)",
                verdict(effect.verdict),
                effect.measure,
                item["without"],
                item["with"],
                f"`{effect.function}`" if effect.function else "",
            )
        )
    return table(
        Table(
            ("challenge", "verdict", "measured", "without", "with", "by"), tuple(rows), "lllrrl"
        )
    )
