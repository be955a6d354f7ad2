"""A page's exercise: a change to a short program, checked by tests.

    docs/<section>/<page>/exercise/starter.py   the task, its docstring, and the code to change
                                   solution.py  passes every test
                                   tests.py     plain functions test_*; a docstring is the hint
                                   wrong_*.py   plausible mistakes, each named by its docstring

The page ships starter and tests only. An answer is the module ``exercise`` to its tests.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from tools.pages import DOCS, Page
from tools.programs import read

FILES = ("starter.py", "solution.py", "tests.py")


class ExerciseError(Exception):
    """An exercise that breaks its form; the message names the file and the mend."""


def folder_of(page: Page) -> Path:
    return page.room / "exercise"


def exercises() -> list[Path]:
    """The folder of every exercise."""
    return sorted(path for path in DOCS.glob("*/*/exercise") if path.is_dir())


def wrong_answers(folder: Path) -> list[Path]:
    return sorted(folder.glob("wrong_*.py"))


def split(path: Path) -> tuple[str, str]:
    """The docstring of a module and the code behind it. Raises ExerciseError without one."""
    text = read(path, ExerciseError)
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ExerciseError(f"{path}:{error.lineno}: {error.msg}") from None
    task = ast.get_docstring(tree)
    if not task:
        raise ExerciseError(f"{path}:1: no docstring; say there what this is")
    return task, "".join(text.splitlines(True)[tree.body[0].end_lineno :]).strip("\n") + "\n"


def check_form(folder: Path) -> None:
    """Raise ExerciseError if a file is missing, or nothing could be learnt from it."""
    for name in FILES:
        if not (folder / name).is_file():
            raise ExerciseError(f"{folder}: no {name}; an exercise has {', '.join(FILES)}")
    if len(wrong_answers(folder)) < 2:
        raise ExerciseError(f"{folder}: add two wrong_*.py or more, so that its tests can fail")
    for path in (folder / "starter.py", *wrong_answers(folder)):
        split(path)
    tests = ast.parse(read(folder / "tests.py", ExerciseError))
    found = [f for f in tests.body if isinstance(f, ast.FunctionDef) and f.name.startswith("test_")]
    if not found:
        raise ExerciseError(f"{folder / 'tests.py'}: no function test_*; nothing is checked")
    for function in found:
        if not ast.get_docstring(function):
            raise ExerciseError(
                f"{folder / 'tests.py'}:{function.lineno}: {function.name} has no docstring; "
                "it is the hint that is shown when the test fails"
            )


def failures(answer: Path, tests: Path) -> list[str]:
    """Run the tests against an answer: "name: error" for each that fails.

    An answer that cannot be imported fails as a whole: one entry, named "exercise".
    """
    try:
        with _known("exercise") as exercise:
            _run(answer, exercise)
            with _known("exercise_tests") as checks:
                _run(tests, checks)
    except Exception as error:
        return [f"exercise: {type(error).__name__}: {error}"]
    functions = [(n, f) for n, f in vars(checks).items() if n.startswith("test_") and callable(f)]
    return [f"{name}: {error}" for name, test in functions if (error := _attempt(test))]


@contextmanager
def _known(name: str) -> Iterator[ModuleType]:
    """A new module that can be imported by its name, until the block ends."""
    module = ModuleType(name)
    # Dataclasses look their module up by name while its body runs.
    before, sys.modules[name] = sys.modules.get(name), module
    try:
        yield module
    finally:
        sys.modules.pop(name, None)
        if before is not None:
            sys.modules[name] = before


def _run(path: Path, module: ModuleType) -> None:
    module.__file__ = str(path)
    exec(compile(read(path, ExerciseError), str(path), "exec"), module.__dict__)


def _attempt(test: Callable[[], None]) -> str:
    try:
        test()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def fragment(page: Page) -> str:
    """What the page shows: the task, the code to change, and the tests, folded."""
    folder = folder_of(page)
    check_form(folder)
    task, starter = split(folder / "starter.py")
    tests = read(folder / "tests.py", ExerciseError)
    return (
        # No id here: a theme's script, as Zensical has one, gives it to each block of code inside.
        f'<div class="exercise" data-exercise="{page.id}" markdown>\n\n'
        f"{task}\n\n"
        f'```` {{ .python .starter title="exercise.py" }}\n{starter}````\n\n'
        f'<details class="tests" markdown>\n<summary>The tests that check it</summary>\n\n'
        f'```` {{ .python title="tests.py" }}\n{tests}````\n\n'
        "</details>\n\n</div>\n"
    )
