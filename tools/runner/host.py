"""Runs a reader's program inside the page's worker; the worker calls ``run`` and ``check``.

Each run begins as the first one did. A traceback shows the reader's lines and no others.
"""

import ast
import asyncio
import builtins
import inspect
import linecache
import os
import random
import sys
import traceback
import types
from contextlib import suppress
from pathlib import Path

LIB = Path(__file__).resolve().parent  # snippets/, tools/figures/ and rooms/ stand beside us
WIDEST = 500  # characters of a line of a traceback
OWN = ("snippets", "tools", "exercise", "rooms")
NAMES = vars(builtins)
BUILTINS = dict(NAMES)
STREAMS = {name: getattr(sys, name) for name in ("__stdin__", "__stdout__", "__stderr__")}
STDERR = STREAMS["__stderr__"]


def library() -> list[tuple]:
    """What shows that a file of ours was changed."""
    files = [path for path in sorted(LIB.rglob("*.py")) if path.is_file()]
    return [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]


LIBRARY = library()


def restore():
    """Give the builtins back. They are never cleared: the interpreter would die of it."""
    NAMES.update(BUILTINS)
    for name in NAMES.keys() - BUILTINS.keys():
        del NAMES[name]


def fresh():
    """Undo what an earlier run may have done to the interpreter."""
    restore()
    for name, stream in STREAMS.items():
        setattr(sys, name, stream)
        setattr(sys, name.strip("_"), stream)
    sys.settrace(None)
    sys.setprofile(None)
    sys.setrecursionlimit(1000)
    for name in list(sys.modules):
        if name.split(".")[0] in OWN:
            del sys.modules[name]
    random.seed(0)


def remember(name: str, text: str) -> None:
    """Let tracebacks show the lines of a text that is no file."""
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)


def report(error: BaseException, names: set[str]) -> str:
    """The traceback without frames that are neither the reader's nor a program's."""
    whole = traceback.TracebackException.from_exception(error)
    seen, left = set(), [whole]
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        each.stack = traceback.StackSummary.from_list(
            frame
            for frame in each.stack
            if frame.filename in names
            or (frame.filename.startswith(f"{LIB}/") and frame.filename != __file__)
        )
        left += [each.__cause__, each.__context__, *(each.exceptions or ())]
    lines = "".join(whole.format()).replace(f"{LIB}/", "").splitlines()
    return "".join(f"{line[:WIDEST]}\n" for line in lines)


def last_line(error: BaseException) -> str:
    return traceback.format_exception_only(error)[-1].strip()


async def execute(text: str, name: str, namespace: dict) -> None:
    remember(name, text)
    code = compile(text, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    result = eval(code, namespace)
    if inspect.iscoroutine(result):
        await result


async def module(text: str, name: str, file: str) -> types.ModuleType:
    """The module that a text makes, known to the interpreter under its name."""
    made = types.ModuleType(name)
    made.__file__ = file
    sys.modules[name] = made
    try:
        await execute(text, file, made.__dict__)
    finally:  # in this very frame, which no tracer of the text's sees
        sys.settrace(None)
        sys.setprofile(None)
    return made


async def settle() -> dict:
    """End what the program left behind: {worn} if the next one had better get a new Python."""
    restore()
    try:
        me = asyncio.current_task()
        for task in asyncio.all_tasks() - {me}:
            task.cancel()
        await asyncio.sleep(0)
        STREAMS["__stdout__"].flush()
        STDERR.flush()
        for descriptor in (1, 2):
            os.fstat(descriptor)
        whole = sys.modules.get(__name__) is not None and library() == LIBRARY
        whole = whole and all(globals().get(name) is value for name, value in MINE.items())
        return {"worn": not whole or len(asyncio.all_tasks()) > 1}
    except Exception:
        return {"worn": True}


def fault(error: BaseException, names: set[str]) -> str:
    """Print the traceback, as far as that is still possible; return its last line."""
    with suppress(Exception):
        STDERR.write(report(error, names))
    # A list that filled the memory is still held by the error's frames.
    traceback.clear_frames(error.__traceback__)
    return last_line(error)


async def run(text: str, file: str, program: str = "", page: str = "") -> dict:
    """Run a text as ``__main__``; then draw the page's pictures from what it defines.

    ``program`` is the name of the program that the text is a version of, ``page`` the page
    whose pictures are wanted; either may be empty. Gives {error, pictures}.
    """
    fresh()
    error, pictures = "", []
    try:
        made = await module(text, "__main__", file)
        if page:
            pictures = await draw(made, program, page)
    except SystemExit as end:
        error = f"SystemExit: {end.code}" if end.code else ""
    except BaseException as problem:
        error = fault(problem, {file})
    return {"error": error, "pictures": pictures, **await settle()}


async def draw(made, program: str, page: str) -> list[str]:
    """The page's pictures of a run of the reader's module; none where there is no room."""
    room = LIB / "rooms" / page / "figures.py"
    if not room.is_file():
        return []
    sys.modules["snippets." + program.replace("/", ".")] = made
    if hasattr(made, "Simulation"):
        sys.modules["snippets.simnet"] = made  # the text holds the simulator
    try:
        drawn = (await module(room.read_text("utf-8"), "rooms", str(room))).figures()
        # A chart is None here: it would need Matplotlib.
        return [
            figure.fragment(f"run-{name}", "your run") for name, figure in drawn.items() if figure
        ]
    except Exception as problem:
        STDERR.write(f"\nThe page's picture does not fit this run: {last_line(problem)}\n")
        return []


# ------------------------------------------------------------------------- exercises

SIGNS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip


class BothSides(ast.NodeTransformer):
    """``assert a == b`` becomes an assertion that says what a and b were."""

    def __init__(self, text: str):
        self.text = text

    def visit_Assert(self, node):
        compare = node.test
        if not (isinstance(compare, ast.Compare) and len(compare.ops) == 1):
            return node
        # "@" cannot begin a name in the tests, so nothing of theirs is hidden.
        sides = [compare.left, compare.comparators[0]]
        kept = [ast.Assign([ast.Name(f"@{i}", ast.Store())], side) for i, side in enumerate(sides)]
        seen = [ast.Name(f"@{i}", ast.Load()) for i in (0, 1)]
        said = [
            ast.Constant(ast.get_source_segment(self.text, compare)),
            ast.Constant(SIGNS[type(compare.ops[0])]),
        ]
        words = ast.Call(
            ast.Name("@told", ast.Load()), [*said, *seen, *filter(None, [node.msg])], []
        )
        test = ast.Assert(ast.Compare(seen[0], compare.ops, [seen[1]]), words)
        return [ast.fix_missing_locations(ast.copy_location(each, node)) for each in (*kept, test)]


def told(text, sign, left, right, *note):
    lines = [f"expected  {text}", f"but       {left!r} {sign} {right!r} is false"]
    return "\n".join([*lines, *(f"with      {each}" for each in note)])


async def check(text: str, tests: str) -> dict:
    """Run an exercise's tests against the reader's text: {error, results}.

    A result has the name of its test, whether it passed, the hint (the test's docstring) and
    the detail: both sides of the assertion, or the traceback.
    """
    fresh()
    names = {"exercise.py", "tests.py"}
    try:
        await module(text, "exercise", "exercise.py")
        remember("tests.py", tests)
        namespace = {"__name__": "tests", "@told": told}
        tree = BothSides(tests).visit(ast.parse(tests, "tests.py"))
        exec(compile(tree, "tests.py", "exec", dont_inherit=True), namespace)
    except BaseException as problem:
        return {"error": fault(problem, names), "results": [], **await settle()}
    results = []
    for name, function in list(namespace.items()):
        if not (name.startswith("test_") and callable(function)):
            continue
        title = name.removeprefix("test_").replace("_", " ")
        result = {"title": title, "passed": True, "hint": "", "detail": ""}
        try:
            function()
        except BaseException as problem:
            said = isinstance(problem, AssertionError) and str(problem)
            detail = said or report(problem, names)
            result |= {"passed": False, "hint": inspect.getdoc(function) or "", "detail": detail}
        results.append(result)
    return {"error": "", "results": results, **await settle()}


MINE = dict(globals())  # what a program that imports us may have changed
