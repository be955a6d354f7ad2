"""The programs of ``snippets/``: what they are, their named sections, their copies.

A *program* is every file below ``snippets/`` except ``simnet.py`` and packages' own
``__init__.py``. A program imports the standard library and ``snippets.simnet``; the
ones in ``snippets/production/`` may import the client libraries they are about.
"""

import ast
import re
import sys
from functools import cache
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parent.parent
SNIPPETS = ROOT / "snippets"
SIMNET = SNIPPETS / "simnet.py"
MARKER = re.compile(r"^[ \t]*#[ \t]*--8<--[ \t]*\[(start|end):[ \t]*([\w-]+)\][ \t]*$")


class ProgramError(Exception):
    """A program that breaks a rule; the message names the file, the line and the mend."""


def programs(root: Path = SNIPPETS) -> list[Path]:
    """Every program, sorted by path."""
    return sorted(
        path
        for path in root.rglob("*.py")
        if path.name != "__init__.py" and path != root / "simnet.py"
    )


def name_of(path: Path, root: Path = SNIPPETS) -> str:
    """The name pages use for a program: ``optimizations/data_sharding``."""
    return path.relative_to(root).with_suffix("").as_posix()


def read(path: Path, problem: type[Exception] = ProgramError) -> str:
    """The text of a file. Raises ``problem``, naming the line, when it is not UTF-8."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise problem(f"{path}:{line}: not valid UTF-8; save the file as UTF-8") from None


def shown(text: str) -> str:
    """The text as a page shows it whole: without the section markers."""
    return "".join(line for line in text.splitlines(True) if not MARKER.match(line.rstrip("\n")))


def sections(path: Path) -> dict[str, str]:
    """Named sections of a program, dedented, without inner markers.

    Raises ProgramError for a section that is opened twice, never closed, or closed
    without being open.
    """
    lines, found, starts = read(path).splitlines(True), {}, {}
    for number, line in enumerate(lines, 1):
        if not (match := MARKER.match(line.rstrip("\n"))):
            continue
        edge, name = match.groups()
        if edge == "start":
            if name in starts or name in found:
                raise ProgramError(f"{path}:{number}: section {name!r} begins twice; rename one")
            starts[name] = number
        elif name not in starts:
            raise ProgramError(f"{path}:{number}: section {name!r} ends but never began")
        else:
            found[name] = dedent(shown("".join(lines[starts.pop(name) : number - 1])))
    for name, number in starts.items():
        raise ProgramError(f"{path}:{number}: section {name!r} is never closed; add its end marker")
    return found


def outputs(text: str) -> list[str]:
    """What the ``#>`` comments of a text say it prints, line by line."""
    return [
        line.split("#>", 1)[1].removeprefix(" ")
        for line in text.splitlines()
        if line.lstrip().startswith("#>")
    ]


def check_imports(path: Path) -> None:
    """Raise ProgramError if a program imports more than it may."""
    if path.is_relative_to(SNIPPETS / "production"):
        return
    for node in ast.walk(parse(path)):
        match node:
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module=module, level=0):
                modules = [module]
            case ast.ImportFrom():
                raise ProgramError(f"{path}:{node.lineno}: relative import; name the module in full")
            case _:
                continue
        for module in modules:
            if module != "snippets.simnet" and module.split(".")[0] not in sys.stdlib_module_names:
                raise ProgramError(
                    f"{path}:{node.lineno}: imports {module!r}; a program uses only the "
                    "standard library and snippets.simnet"
                )


def parse(path: Path) -> ast.Module:
    """The syntax tree of a program; ProgramError with file and line if there is none."""
    try:
        return ast.parse(read(path))
    except SyntaxError as error:
        raise ProgramError(f"{path}:{error.lineno}: {error.msg}") from None


def uses_simnet(path: Path) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and node.module == "snippets.simnet"
        for node in parse(path).body
    )


@cache
def _simnet_body(text: str) -> tuple[str, frozenset[str]]:
    """simnet, as it is now, without its docstring and markers, and the names it defines."""
    tree = parse(SIMNET)
    lines = text.splitlines(True)
    return shown("".join(lines[tree.body[0].end_lineno :])).strip("\n"), frozenset(_defined(tree))


def _defined(tree: ast.Module):
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def standalone(path: Path) -> str:
    """The program as it is copied: one file that runs alone, simnet inlined.

    Raises ProgramError when the inlined file could differ from the program: an import
    of simnet under another name, or a name that simnet defines too.
    """
    text, tree = read(path), parse(path)
    imports = [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("snippets"))
        or (isinstance(node, ast.Import) and node.names[0].name.startswith("snippets"))
    ]
    if not imports:
        return shown(text)
    node = imports[0]
    if (
        len(imports) > 1
        or node not in tree.body
        or not isinstance(node, ast.ImportFrom)
        or any(alias.asname or alias.name == "*" for alias in node.names)
    ):
        raise ProgramError(
            f"{path}:{node.lineno}: import simnet once, at the top, as "
            "'from snippets.simnet import Name, Name'"
        )
    body, defined = _simnet_body(read(SIMNET))
    if clash := sorted(defined & set(_defined(tree))):
        raise ProgramError(f"{path}:1: defines {clash[0]!r}, which simnet defines too; rename it")
    lines = text.splitlines(True)
    before, after = lines[: node.lineno - 1], lines[node.end_lineno :]
    banner = (
        "# " + "-" * 20 + " snippets/simnet.py, copied in so that this file runs alone\n\n"
        f"{body}\n\n\n# " + "-" * 20 + " the program\n"
    )
    return shown("".join(before) + banner + "".join(after))
