"""Bad input stops the build or the test with a sentence that names the file, and leaves nothing."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tools.new import new
from tools.programs import ROOT

PAGE, MODULE = "concepts/tiny", "concepts/tiny.py"
JUPYTER = re.compile(r"  - mkdocs-jupyter:\n(?:      .*\n|        .*\n)+")
NAV = "nav:\n  - Home: index.md\n  - Concepts:\n\n"


@pytest.fixture
def project(tmp_path):
    """A whole small project: the machinery, a home page and one page that is in order."""
    root = tmp_path / "project"
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("tools", "docs/assets", "overrides"):
        shutil.copytree(ROOT / name, root / name, ignore=ignore)
    for name in (
        "snippets/__init__.py",
        "snippets/simnet.py",
        "snippets/concepts/__init__.py",
        "docs/reference/papers.bib",
        "docs/reference/source-map/article.toml",
        "tests/__init__.py",
        "tests/conftest.py",
        "tests/examples.py",
        "tests/test_programs.py",
        "pyproject.toml",
        "requirements-test.txt",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "docs/index.md").write_text("# Home\n", "utf-8")
    (root / "docs/reference/papers.md").write_text('--8<-- "reference/papers.md"\n', "utf-8")
    config = (ROOT / "mkdocs.yml").read_text("utf-8")
    config = re.sub(r"nav:\n(?:  .*\n)+\n", NAV, config)
    config = re.sub(r"omitted_files: warn", "omitted_files: info", config)
    # Without a notebook its plugin would only cost time.
    config = JUPYTER.sub("", config)
    (root / "mkdocs.yml").write_text(config, "utf-8")
    new(PAGE, root)
    return root


OFFLINE = {"npm_config_registry": "http://127.0.0.1:9", "npm_config_fetch_retries": "0"}


def run(project, *arguments):
    env = {**os.environ, **OFFLINE, "PYTHONDONTWRITEBYTECODE": "1", "NO_MKDOCS_2_WARNING": "1"}
    # Offline, and so not as CI, which requires what only a network brings.
    env = {n: value for n, value in env.items() if not n.startswith("PYTEST_") and n != "CI"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=project, env=env, capture_output=True, text=True, timeout=110
    )
    return done.returncode, done.stdout + done.stderr


def change(project, name, old, new):
    path = project / name
    text = path.read_text("utf-8")
    assert old in text, f"{name} holds no {old!r} to change"
    path.write_text(text.replace(old, new, 1), "utf-8")


def append(project, name, text):
    with open(project / name, "a", encoding="utf-8") as file:
        file.write(text)


def twin(project):
    """A second page with the same alias."""
    new("concepts/twin", project)
    change(project, "docs/concepts/twin/index.md", 'aliases: ["twin"]', 'aliases: ["tiny"]')


PROGRAM, TEXT = f"snippets/{MODULE}", f"docs/{PAGE}/index.md"
BUILDS = {
    "an unknown include": (
        lambda p: append(p, TEXT, '\n--8<-- "concepts/gone.md"\n'),
        r"docs/concepts/tiny/index\.md:\d+: includes 'concepts/gone\.md', which does not exist",
    ),
    "an unknown section": (
        lambda p: append(p, TEXT, f'\n```python\n--8<-- "{MODULE}:gone"\n```\n'),
        r"index\.md:\d+: snippets/concepts/tiny\.py has no section 'gone'",
    ),
    "a program that is not UTF-8": (
        lambda p: (p / PROGRAM).write_bytes(b'"""A.\n\xff"""\n'),
        r"snippets/concepts/tiny\.py:2: not valid UTF-8; save the file as UTF-8",
    ),
    "a third-party import": (
        lambda p: append(p, PROGRAM, "import numpy\n"),
        r"snippets/concepts/tiny\.py:\d+: imports 'numpy'; a program uses only the standard library",
    ),
    "an alias of two pages": (twin, r"alias 'tiny' is taken by .*; leave it to one of the two"),
    "a broken link": (
        lambda p: append(p, TEXT, "\n[x](../gone/index.md)\n"),
        r"docs/concepts/tiny/index\.md:\d+: contains a link '\.\./gone/index\.md'",
    ),
    "a figure that fails": (
        lambda p: change(p, f"docs/{PAGE}/figures.py", "def figures():\n", "def figures():\n    1 / 0\n"),
        r"docs/concepts/tiny/figures\.py:\d+: ZeroDivisionError",
    ),
}


def test_the_project_that_is_in_order_builds_without_a_network_but_for_its_search(project):
    code, printed = run(project, "-m", "tools.build", "site")
    assert code == 0, printed
    count, runs, line = printed.splitlines()  # standard output, then errors
    assert re.fullmatch(r"build: no Run buttons: npm: pyodide@.* could not be fetched .*", runs)
    assert re.fullmatch(
        r"build: npm: minisearch@[\d.]+ could not be fetched \(\w+\); is there a network\? "
        r"The site is built without search; its catalogue stands in\.",
        line,
    )
    assert count.startswith("build: ")
    made = {path.name for path in (project / "site" / "assets" / "search").iterdir()}
    assert "titles.json" in made and "minisearch.js" not in made
    assert (project / "site" / "concepts" / "tiny" / "index.html").is_file()
    assert (project / "docs" / "downloads" / MODULE).is_file()


@pytest.mark.parametrize("name", BUILDS)
def test_the_build_stops_and_leaves_the_last_good_site(project, name):
    plant, sentence = BUILDS[name]
    (project / "site").mkdir()
    (project / "site" / "index.html").write_text("the last good site")
    plant(project)
    code, printed = run(project, "-m", "tools.build", "site")
    assert code == 1
    assert re.search(sentence, printed), printed
    assert "Traceback" not in printed
    assert [path.name for path in (project / "site").iterdir()] == ["index.html"]
    assert not list(project.glob(".site*"))


def test_a_page_whose_figure_fails_keeps_no_old_picture(project):
    assert run(project, "-m", "tools.generate")[0] == 0
    made = project / "docs" / "_generated" / PAGE
    assert list(made.glob("*.html"))
    BUILDS["a figure that fails"][0](project)
    assert run(project, "-m", "tools.generate")[0] == 1
    assert not made.exists()


def test_a_notebook_cell_that_raises_stops_the_build(project):
    (project / "docs" / "labs").mkdir()
    (project / "docs" / "labs" / "bad.py").write_text("# %%\nraise ValueError('planted')\n")
    change(project, "mkdocs.yml", "nav:\n", "nav:\n  - Bad: labs/bad.py\n")
    plugin = JUPYTER.search((ROOT / "mkdocs.yml").read_text("utf-8"))[0]
    change(project, "mkdocs.yml", "plugins:\n", "plugins:\n" + plugin)
    code, printed = run(project, "-m", "tools.build", "site")
    assert code == 1
    assert "labs/bad.py" in printed and "ValueError: planted" in printed
    assert not (project / "site").exists()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('if __name__ == "__main__":\n', 'if __name__ == "__main__":\n    1 / 0\n', r"tiny\.py:\d+: Zero"),
        ("#> ", "#> not ", r"tiny\.py: Print output changed code"),
        ('if __name__ == "__main__":\n', 'if __name__ == "__main__":\n    while True: pass\n',
         r"tiny\.py: Timeout"),
    ],
    ids=["raises", "prints something else", "loops for ever"],
)
def test_a_bad_program_fails_its_test(project, old, new, sentence):
    change(project, PROGRAM, old, new)
    code, printed = run(
        project, "-m", "pytest", "-q", "-n0", "--timeout=5", "tests/test_programs.py", "-k", "prints_what"
    )
    assert code == 1 and "1 failed" in printed
    assert re.search(sentence, printed), printed
    assert "INTERNALERROR" not in printed
