"""Write everything that pages include and readers download.

    python -m tools.generate                       all pages, what changed
    python -m tools.generate optimizations/caching one page, and the tables made of all

Fragments go to ``docs/_generated/``, downloads to ``docs/downloads/``, and the runs that a reader
may drag a picture to to ``docs/runs/``; git ignores all three.
A page whose program, room and tools are unchanged is not rendered again: its folder keeps
the hash it was made from.
"""

import hashlib
import json
import multiprocessing
import os
import re
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from importlib.metadata import version
from pathlib import Path

from tools import kept, reference, room, runner, runtime
from tools.pages import DOCS, INCLUDE, Page, survey, written
from tools.papers import BIB, PaperError, sources
from tools.programs import (
    ROOT,
    SIMNET,
    SNIPPETS,
    ProgramError,
    check_imports,
    name_of,
    programs,
    sections,
    standalone,
)
from tools.tested import PINS

GENERATED = DOCS / "_generated"
DOWNLOADS = DOCS / "downloads"
RUNS = DOCS / "runs"
SECONDS = 300  # for one page's figures and tables; a page takes a few, on a busy machine many


class GenerateError(Exception):
    """What stops the build: a line for each problem, with file, line and mend."""


def write(path: Path, text: str) -> None:
    """Write only what differs, so that a serving site does not rebuild for nothing."""
    data = text.encode("utf-8")
    if not path.is_file() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def prune(folder: Path, keep: set[Path]) -> None:
    """Delete the files below a folder that nothing made in this run."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path not in keep:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


@cache
def renderers() -> list[Path]:
    """The tools that a page is rendered by: what room.py imports, and all that draws."""
    found, ahead = set(), [ROOT / "tools" / "room.py", *(ROOT / "tools" / "figures").glob("*.py")]
    while ahead:
        path = ahead.pop()
        found.add(path)
        for name in re.findall(r"^from tools\.(\w+) import", path.read_text("utf-8"), re.M):
            module = ROOT / "tools" / f"{name}.py"
            if module.is_file() and module not in found:
                ahead.append(module)
    return sorted(found)


@cache
def _versions() -> bytes:
    return version("matplotlib").encode() + version("markdown").encode()


def key_of(page: Page) -> str:
    """A hash of everything a page's fragments are made from."""
    made_from = [page.path, *sorted(page.room.rglob("*.py")), SIMNET, BIB]
    if page.more_programs:
        made_from.append(PINS)  # the versions that the page names
    made_from += [SNIPPETS / f"{name}.py" for name in page.programs]
    made_from += renderers()
    digest = hashlib.sha256(_versions())
    for path in made_from:
        digest.update(b"\0" + path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def fresh(page: Page) -> bool:
    """Whether the page's folder is complete and made from what is there now."""
    stamp = GENERATED / page.id / "made_from.json"
    try:
        made = json.loads(stamp.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    files = all((stamp.parent / name).is_file() for name in made["files"])
    return files and made["key"] == key_of(page)


def render(page: Page) -> dict[str, str] | str:
    """Run in a worker: the fragments, or the sentence that says what is wrong."""
    try:
        return room.render(page)
    except (room.RoomError, ProgramError, PaperError) as error:
        return str(error)


def render_all(pages: list[Page]) -> list[str]:
    """Render pages side by side in fresh processes; return the problems."""
    if not pages:
        return []
    problems = []
    # Spawned, not forked: a worker must import the programs as they are now. It inherits
    # this path, from which MkDocs removes what a hook added.
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    context = multiprocessing.get_context("spawn")
    workers = min(len(pages), os.cpu_count() or 1)
    pool = ProcessPoolExecutor(workers, mp_context=context)
    tasks = [(page, pool.submit(render, page)) for page in pages]
    for page, task in tasks:
        try:
            result = task.result(timeout=SECONDS)
        except TimeoutError:
            problems.append(
                f"{page.room / 'figures.py'}: or measured.py did not finish in {SECONDS} s; "
                "look for an endless loop"
            )
            for process in list(pool._processes.values()):
                process.kill()
            break
        except BrokenProcessPool:
            problems.append(f"{page.room}: the process that rendered it died")
            break
        folder = GENERATED / page.id
        if isinstance(result, str):
            problems.append(result)
            shutil.rmtree(folder, ignore_errors=True)  # nothing stale is left
            continue
        for name, text in result.items():
            write(folder / name, text)
        stamp = {"key": key_of(page), "files": sorted(result)}
        write(folder / "made_from.json", json.dumps(stamp, indent=1))
        shared = {folder / "helps.md"}  # written below, from all pages
        prune(folder, {folder / "made_from.json", *shared, *(folder / name for name in result)})
    pool.shutdown(cancel_futures=True)
    return problems


def downloads() -> list[str]:
    """Write each program as a file that runs alone; return the problems."""
    problems, made = [], set()
    simnet, paths = SIMNET.read_bytes(), programs()
    for path, (text, problem) in zip(
        paths, kept.each(_alone, [(str(path), path.read_bytes(), simnet) for path in paths])
    ):
        if problem:
            problems.append(problem)
        else:
            made.add(target := DOWNLOADS / f"{name_of(path)}.py")
            write(target, text)
    prune(DOWNLOADS, made)
    return problems


def _alone(name: str, *made_from: bytes) -> tuple[str, str]:
    """A program as a file that runs alone, or what is wrong with it."""
    path = Path(name)
    try:
        check_imports(path)
        sections(path)
        return standalone(path), ""
    except ProgramError as error:
        return "", str(error)


def publish_runs() -> None:
    """Put the runs behind the pictures, NAME.0.json and so on, where they can be fetched."""
    made = set()
    for path in GENERATED.glob("*/*/*.*.json"):
        made.add(target := RUNS / path.relative_to(GENERATED))
        write(target, path.read_text("utf-8"))
    prune(RUNS, made)


def missing_includes() -> list[str]:
    """Includes of pages that lead nowhere. MkDocs names the page; this names the line too."""
    problems = []
    for path in written():
        if path.is_relative_to(DOCS / "contributing"):
            continue
        text = path.read_text("utf-8")
        for match in INCLUDE.finditer(text):
            name, _, section = match[1].partition(":")
            line = text.count("\n", 0, match.start()) + 1
            if (GENERATED / name).is_file() and not section:
                continue
            if not (SNIPPETS / name).is_file():
                problems.append(f"{path}:{line}: includes {match[1]!r}, which does not exist")
            elif section and section not in sections(SNIPPETS / name):
                problems.append(f"{path}:{line}: snippets/{name} has no section {section!r}")
    return problems


def publish_runner() -> None:
    """Bring what runs programs in browsers up to date; without it the site is whole, and says so."""
    try:
        if why := runner.publish():
            print(f"generate: no Run buttons: {why}")
    except runtime.Absent as error:
        raise GenerateError(f"no Run buttons: {error}") from None


def generate(only: list[str] | None = None) -> int:
    """Bring everything up to date; return how many pages were rendered.

    Raises GenerateError with a line for each problem.
    """
    sources.cache_clear()
    try:
        pages, problems = survey()
    except PaperError as error:
        raise GenerateError(str(error)) from None
    if only:
        # Someone else's unfinished page is not in the way of one's own.
        problems = [line for line in problems if any(f"/{name}/" in line for name in only)]
        unknown = set(only) - {page.id for page in pages}
        if unknown and not problems:
            raise GenerateError(f"there is no page {sorted(unknown)[0]!r}")
        stale = [page for page in pages if page.id in only and not fresh(page)]
        problems += render_all(stale)
    else:
        stale = [page for page in pages if not fresh(page)]
        problems += downloads()
        problems += render_all(stale) if not problems else []
    if problems:
        raise GenerateError("\n".join(dict.fromkeys(problems)))
    data = {}
    for page in pages:
        path = GENERATED / page.id / "data.json"
        if path.is_file():
            data[page.id] = json.loads(path.read_text("utf-8"))
    current = set()
    try:
        shared = reference.fragments(pages, data)
    except (ValueError, PaperError) as error:
        raise GenerateError(str(error)) from None
    for name, text in shared.items():
        write(GENERATED / name, text)
        current.add(GENERATED / name)
    for page in pages:
        current |= set((GENERATED / page.id).glob("*"))
    if not only:
        prune(GENERATED, current)
    publish_runs()
    if not only and (problems := missing_includes()):
        raise GenerateError("\n".join(problems))
    if not only:
        publish_runner()
    return len(stale)


def main(arguments: list[str]) -> int:
    try:
        count = generate(arguments)
    except GenerateError as error:
        print(f"generate: {error}", file=sys.stderr)
        return 1
    print(f"generate: {count} pages rendered, the rest unchanged")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
