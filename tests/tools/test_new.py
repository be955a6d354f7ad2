"""make new: what it lays out passes at once, and what it refuses leaves nothing behind."""

import os
import shutil
import subprocess
import sys

import pytest
import yaml

from tools.new import files, in_nav, main
from tools.programs import ROOT

PAGE = "optimizations/zebra-crossing"
COPIED = ("docs", "snippets", "tests", "tools")
LEFT_OUT = shutil.ignore_patterns("_generated", "downloads", "runs", "__pycache__", "golden")


@pytest.fixture
def copy(tmp_path):
    """The repository, without what is generated."""
    root = tmp_path / "copy"
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=LEFT_OUT)
    for name in ("mkdocs.yml", "pyproject.toml", "requirements-test.txt"):
        shutil.copy(ROOT / name, root / name)
    return root


def contents(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def python(root, *arguments):
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    env = {name: value for name, value in env.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def nav_of(text):
    """The nav of mkdocs.yml, by section; the tags of the rest are not YAML's own."""
    nav = text[text.index("\nnav:") : text.index("\ntheme:")]
    return {name: pages for item in yaml.safe_load(nav)["nav"] for name, pages in item.items()}


def test_a_new_page_passes_at_once(copy, capsys):
    before = contents(copy)
    assert main([PAGE], copy) == 0
    printed = capsys.readouterr().out
    made = set(contents(copy)) - set(before)
    assert made == {copy / name for name in files(PAGE)}
    assert all(name in printed for name in files(PAGE)) and "Next:" in printed
    changed = {path for path, data in before.items() if path.read_bytes() != data}
    assert changed == {copy / "mkdocs.yml"}

    assert "1 pages rendered" in python(copy, "-m", "tools.generate", PAGE)
    room = copy / "docs" / "_generated" / PAGE
    names = {"facts.md", "program.md", "paper.md", "end.md", "receipts.html"}
    assert names <= {path.name for path in room.iterdir()}
    page = (copy / "docs" / PAGE / "index.md").read_text("utf-8")
    assert all(f'"{PAGE}/{name}"' in page for name in names)

    tests = ("tests/test_programs.py", "tests/optimizations/test_zebra_crossing.py")
    assert "5 passed" in python(copy, "-m", "pytest", "-q", "-n0", "-k", "zebra_crossing", *tests)
    python(copy, "-m", "ruff", "check", *files(PAGE).keys() - {f"docs/{PAGE}/index.md"})


@pytest.mark.parametrize("section", ["concepts", "challenges", "optimizations"])
def test_the_page_is_the_last_of_its_section_in_nav_and_nothing_else_moves(section):
    before = (ROOT / "mkdocs.yml").read_text("utf-8")
    after = in_nav(before, f"{section}/zebra-crossing")
    old, new = nav_of(before), nav_of(after)
    old[section.capitalize()].append({"Zebra crossing": f"{section}/zebra-crossing/index.md"})
    assert new == old
    assert len(after.splitlines()) == len(before.splitlines()) + 1
    assert in_nav(after, f"{section}/zebra-crossing") == after


def test_a_title_that_yaml_would_read_as_a_truth_value_is_quoted():
    nav = nav_of(in_nav((ROOT / "mkdocs.yml").read_text("utf-8"), "concepts/no"))
    assert nav["Concepts"][-1] == {"No": "concepts/no/index.md"}


@pytest.mark.parametrize(
    "name",
    [
        "",
        "hedged-requests",
        "recipes/hedged-requests",
        "optimizations/",
        "optimizations/Hedged-requests",
        "optimizations/hedged requests",
        "optimizations/hedged_requests",
        "optimizations/hedged--requests",
        "optimizations/hedged/requests",
        "optimizations/../escaped",
        "optimizations/hedged\n",
        "optimizations/lambda",
        "optimizations/caching",  # the page exists
        "concepts/caching",  # an alias of the page above
    ],
)
def test_a_refused_name_writes_nothing(name, tmp_path, capsys):
    taken = tmp_path / "docs/optimizations/caching/index.md"
    taken.parent.mkdir(parents=True)
    taken.write_text("---\ntitle: Caching\naliases: [caching]\n---\n")
    (tmp_path / "mkdocs.yml").write_bytes((ROOT / "mkdocs.yml").read_bytes())
    before = contents(tmp_path)
    assert main([name], tmp_path) == 2
    assert contents(tmp_path) == before
    out, err = capsys.readouterr()
    assert not out and err.startswith("new: ") and err.count("\n") == 1


@pytest.mark.parametrize("name", files(PAGE))
def test_a_file_that_exists_is_never_overwritten(name, tmp_path, capsys):
    (tmp_path / "mkdocs.yml").write_bytes((ROOT / "mkdocs.yml").read_bytes())
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text("mine")
    before = contents(tmp_path)
    assert main([PAGE], tmp_path) == 2
    assert contents(tmp_path) == before
    assert "exists already" in capsys.readouterr().err


def test_no_name_or_two_names_are_refused(tmp_path, capsys):
    assert main([], tmp_path) == main(["concepts/a", "concepts/b"], tmp_path) == 2
    assert "name one page" in capsys.readouterr().err
