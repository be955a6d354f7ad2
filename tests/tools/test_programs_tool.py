"""tools.programs on planted defects: each message names the file, the line and what is wrong."""

import subprocess
import sys

import pytest

from tools.programs import (
    ProgramError,
    check_imports,
    outputs,
    parse,
    programs,
    sections,
    shown,
    standalone,
)

START, END = "# --8<-- [start:{}]\n", "# --8<-- [end:{}]\n"


@pytest.fixture
def program(tmp_path):
    def write(content):
        path = tmp_path / "planted.py"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def message(function, path):
    with pytest.raises(ProgramError) as error:
        function(path)
    return str(error.value)


def test_sections_are_dedented_and_without_inner_markers(program):
    text = (
        "def f():\n    "
        + START.format("outer")
        + "    a = 1\n    "
        + START.format("inner")
        + "    b = 2\n    "
        + END.format("inner")
        + "    "
        + END.format("outer")
    )
    assert sections(program(text)) == {"inner": "b = 2\n", "outer": "a = 1\nb = 2\n"}
    assert shown(text) == "def f():\n    a = 1\n    b = 2\n"


@pytest.mark.parametrize(
    "text, line, says",
    [
        (START.format("a") + START.format("a") + END.format("a"), 2, "'a' begins twice"),
        ((START.format("a") + "x = 1\n" + END.format("a")) * 2, 4, "'a' begins twice"),
        ("x = 1\n" + START.format("a") + "y = 2\n", 2, "'a' is never closed; add its end marker"),
        ("x = 1\n" + END.format("a"), 2, "'a' ends but never began"),
        (START.format("a") + END.format("b"), 2, "'b' ends but never began"),
        (START.format("a") + END.format("a") * 2, 3, "'a' ends but never began"),
    ],
)
def test_a_planted_defect_in_the_sections(program, text, line, says):
    path = program(text)
    assert message(sections, path).startswith(f"{path}:{line}: section {says}")


@pytest.mark.parametrize("function", [sections, standalone, check_imports, parse])
def test_not_utf8(program, function):
    path = program(b"x = 1\ny = '\xff'\n")
    assert message(function, path) == f"{path}:2: not valid UTF-8; save the file as UTF-8"


@pytest.mark.parametrize("function", [standalone, check_imports])
def test_not_python(program, function):
    path = program("x = 1\ny = = 2\n")
    assert message(function, path).startswith(f"{path}:2: ")


# ---------------------------------------------------------------------- copies


@pytest.mark.parametrize(
    "definition",
    ["class Simulation: pass\n", "def uniform(): pass\n", "uniform = 1\n", "Note: int = 1\n"],
)
def test_a_name_that_simnet_has_too(program, definition):
    path = program("from snippets.simnet import Send\n\n\n" + definition)
    name = next(name for name in ("Simulation", "uniform", "Note") if name in definition)
    expected = f"{path}:1: defines '{name}', which simnet defines too; rename it"
    assert message(standalone, path) == expected


@pytest.mark.parametrize(
    "text, line",
    [
        ("from snippets.simnet import *\n", 1),
        ("x = 1\nfrom snippets.simnet import Simulation as S\n", 2),
        ("import snippets.simnet\n", 1),
        ("import snippets.simnet as net\n", 1),
        ("def f():\n    from snippets.simnet import Send\n", 2),
        ("from snippets.simnet import Send\nfrom snippets.simnet import Note\n", 1),
    ],
)
def test_an_import_of_simnet_that_cannot_be_copied_in(program, text, line):
    path = program(text)
    assert message(standalone, path).startswith(f"{path}:{line}: import simnet once, at the top")


def test_a_copy_runs_alone(program, tmp_path):
    path = program(
        '"""Planted."""\n\nfrom snippets.simnet import Note, Send\n\n'
        + START.format("a")
        + "print(Note.__name__, Send.__name__)\n"
        + END.format("a")
    )
    copy = tmp_path / "copy.py"
    copy.write_text(standalone(path), "utf-8")
    assert "snippets.simnet import" not in copy.read_text("utf-8")
    assert "--8<--" not in copy.read_text("utf-8")
    done = subprocess.run([sys.executable, "-I", copy], capture_output=True, text=True, check=True)
    assert done.stdout == "Note Send\n"


def test_without_simnet_only_the_markers_go(program):
    assert standalone(program(START.format("a") + "x = 1\n" + END.format("a"))) == "x = 1\n"


# ---------------------------------------------------------------------- imports


@pytest.mark.parametrize(
    "text, line, name",
    [
        ("import numpy\n", 1, "numpy"),
        ("import math\nimport math, numpy.linalg\n", 2, "numpy.linalg"),
        ("x = 1\n\nfrom simpy.core import Environment\n", 3, "simpy.core"),
        ("def f():\n    import yaml\n", 2, "yaml"),
        ("from snippets.optimizations.caching import f\n", 1, "snippets.optimizations.caching"),
        ("from tools import pages\n", 1, "tools"),
    ],
)
def test_a_third_party_import(program, text, line, name):
    path = program(text)
    assert message(check_imports, path) == (
        f"{path}:{line}: imports {name!r}; a program uses only the standard library and "
        "snippets.simnet"
    )


def test_a_relative_import(program):
    path = program("x = 1\nfrom . import simnet\n")
    assert message(check_imports, path) == f"{path}:2: relative import; name the module in full"


def test_the_standard_library_and_simnet_are_allowed(program):
    check_imports(program("import os.path\nfrom math import pi\nimport snippets.simnet\n"))


def test_what_counts_as_a_program(tmp_path):
    for name in ("simnet.py", "__init__.py", "a/__init__.py", "a/one.py", "a/simnet.py", "b.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert programs(tmp_path) == [tmp_path / "a/one.py", tmp_path / "a/simnet.py"]


def test_outputs_keep_their_indentation():
    text = "print(1)\n#> 1\n    #>   two\nx = '#> not'\n#>\n"
    assert outputs(text) == ["1", "  two", ""]
