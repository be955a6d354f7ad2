"""Every program runs, prints what it says, imports what it may, and runs alone when copied."""

import os
import subprocess
import sys
from shutil import which

import pytest

from tests.examples import LINE, check, program
from tools.programs import (
    ROOT,
    SNIPPETS,
    check_imports,
    name_of,
    outputs,
    programs,
    read,
    sections,
    standalone,
)

PLAIN = [path for path in programs() if not path.is_relative_to(SNIPPETS / "production")]
SECONDS = 60  # a program takes one or two; this only ends one that loops for ever


def run(*command, cwd, seed="random"):
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stderr}"
    return done.stdout


def pythons():
    """The interpreters to compare: this one, and the others of 3.11 and 3.14 that are here."""
    found = [sys.executable]
    for minor in (11, 14):
        other = which(f"python3.{minor}")
        if minor != sys.version_info.minor and other:
            probe = subprocess.run([other, "-c", "pass"], capture_output=True)
            if probe.returncode == 0:
                found.append(other)
    return found


@pytest.mark.parametrize("path", PLAIN, ids=name_of)
def test_a_program_prints_what_its_comments_say(path, eval_example):
    check(program(path), eval_example)


@pytest.mark.parametrize("path", PLAIN, ids=name_of)
def test_a_copied_program_runs_alone_and_prints_the_same(path, tmp_path):
    """Also: the same bytes under two hash seeds and on every Python that is installed."""
    copy = tmp_path / path.name
    copy.write_text(standalone(path), "utf-8")
    expected = "".join(line + "\n" for line in outputs(read(path)))
    module = "snippets." + name_of(path).replace("/", ".")
    # pytest-examples ran it under the seed of this process; here it runs under two others, since
    # -I ignores PYTHONHASHSEED and draws one.
    assert run(sys.executable, "-m", module, cwd=ROOT, seed="4242") == expected, f"{path}: -m {module}"
    for python in pythons():
        assert run(python, "-I", copy, cwd=tmp_path) == expected, f"{path}: {python} -I, copied"


@pytest.mark.parametrize("path", programs(), ids=name_of)
def test_a_program_keeps_the_rules_of_the_house(path):
    text = read(path)
    check_imports(path)
    assert sections(path), f"{path}:1: no named section, so no page can show a part of it"
    assert outputs(text), f"{path}:1: prints nothing; end with a demo whose output is checked"
    for number, line in enumerate(text.splitlines(), 1):
        assert len(line) <= 79, f"{path}:{number}: {len(line)} columns; the page shows 79"
    assert "\r" not in text and text.endswith("\n"), f"{path}: one newline at the end of each line"
    assert LINE > 79
