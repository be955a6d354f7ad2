"""What the browser's Python prints is what the pages say: every program, every block, every exercise.

All of them run in one Pyodide under node, by the same ``host.py`` as in a page's worker.
"""

import json

import pytest

from tests.site.test_pages import INLINE, where
from tools import runner, runtime
from tools.exercises import exercises
from tools.programs import SNIPPETS, name_of, outputs, programs, read, standalone

HERE = [path for path in programs() if not path.is_relative_to(SNIPPETS / "production")]
EXERCISES = exercises()


def page_of(program):
    return program.replace("_", "-")


def run_in_node(orders, folder):
    """What each order printed and gave, in one process."""
    python, why = runtime.ensure()
    if not python:
        pytest.fail(f"no Python for browsers, so nothing can be compared: {why}", pytrace=False)
    library = folder / "lib.zip"
    library.write_bytes(runner.zipped(runner.library()))
    done = runtime.run_node(runner.HERE / "parity.mjs", python, library, input=json.dumps(orders))
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def differences(wanted, answers):
    """A sentence for each answer that is not what its text says it prints."""
    return [
        f"{name}: {answer['error'] or answer['err'][-3:] or answer['out']} and not {lines}"
        for (name, lines), answer in zip(wanted, answers, strict=True)
        if answer["out"] != lines or answer["error"] or answer["err"]
    ]


@pytest.mark.timeout(900)  # for a machine that is busy with other things
def test_the_browsers_python_prints_what_the_pages_say(tmp_path):
    blocks = [(where(item), item[1].text) for item in INLINE if "#>" in item[1].text]
    orders = [
        {"text": standalone(path), "file": path.name, "program": name, "page": page_of(name)}
        for path in HERE
        for name in [name_of(path)]
    ]
    orders += [{"text": text, "file": "example.py"} for _, text in blocks]
    broken = ["print('one')\n#> two\n", "1 / 0\n"]
    orders += [{"text": text, "file": "broken.py"} for text in broken]
    orders += [
        {"text": read(folder / f"{answer}.py"), "tests": read(folder / "tests.py")}
        for folder in EXERCISES
        for answer in ("solution", "starter")
    ]
    answers = run_in_node(orders, tmp_path)
    wanted = [(name_of(path), outputs(read(path))) for path in HERE]
    # An empty "#>" may end a block, where pytest-examples closes the output of a loop.
    wanted += [(name, "\n".join(outputs(text)).rstrip().split("\n")) for name, text in blocks]
    assert differences(wanted, answers[: len(wanted)]) == []
    rooms = runner.library()
    drawn = [bool(answer["pictures"]) for answer in answers[: len(HERE)]]
    assert drawn == [f"rooms/{page_of(name_of(path))}/figures.py" in rooms for path in HERE]
    assert any(drawn)
    # The comparison can fail.
    planted = answers[len(wanted) : len(wanted) + 2]
    assert len(differences([(text, outputs(text)) for text in broken], planted)) == 2
    for folder, solution, starter in zip(
        EXERCISES, answers[len(wanted) + 2 :: 2], answers[len(wanted) + 3 :: 2], strict=True
    ):
        assert solution["results"] and not solution["error"], f"{folder}: {solution}"
        assert all(result["passed"] for result in solution["results"]), f"{folder}: {solution}"
        failed = [result for result in starter["results"] if not result["passed"]]
        assert failed and all(result["hint"] and result["detail"] for result in failed), folder


def test_the_buttons_find_every_block_that_can_be_run():
    """boot.js puts Run beside a block that says what it prints, and no part of a program does."""
    from tools.programs import sections

    parts = [text for path in programs() for text in sections(path).values()]
    assert not [text for text in parts if "#>" in text], "a part of a program holds '#>' lines"
    starters = [read(folder / "starter.py") for folder in EXERCISES]
    tests = [read(folder / "tests.py") for folder in EXERCISES]
    assert not [text for text in [*starters, *tests] if "#>" in text]
