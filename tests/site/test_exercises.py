"""Every exercise can be solved, and its tests tell a right answer from a wrong one."""

import pytest

from tools.exercises import ExerciseError, check_form, exercises, failures, fragment, wrong_answers
from tools.pages import DOCS, load

EXERCISES = exercises()
WRONG = [path for folder in EXERCISES for path in (folder / "starter.py", *wrong_answers(folder))]
MODEL = DOCS / "optimizations" / "data-sharding" / "exercise"


def name(path):
    return "/".join(path.relative_to(DOCS).with_suffix("").parts[:2]) + f":{path.stem}"


@pytest.mark.parametrize("folder", EXERCISES, ids=name)
def test_the_solution_passes(folder):
    check_form(folder)
    assert failures(folder / "solution.py", folder / "tests.py") == []


@pytest.mark.parametrize("path", WRONG, ids=name)
def test_the_starter_and_each_wrong_answer_fail(path):
    found = failures(path, path.parent / "tests.py")
    assert found, f"{path}: passes every test of its exercise; add the test that tells it apart"
    assert not any(line.startswith("exercise:") for line in found), f"{path}: must run: {found}"


@pytest.mark.parametrize("folder", EXERCISES, ids=name)
def test_the_page_ships_starter_and_tests_only(folder, site):
    page = site / folder.parent.relative_to(DOCS)
    assert not (page / "exercise").exists(), "the solution is published"
    html = (page / "index.html").read_text("utf-8")
    assert f'data-exercise="{folder.parent.relative_to(DOCS)}"' in html


def test_every_page_with_a_program_has_an_exercise_and_no_other_has():
    rooms = {page.room for page in load() if page.program}
    assert {folder.parent for folder in EXERCISES} == rooms


def test_an_answer_that_cannot_run_or_an_empty_exercise_is_told(tmp_path):
    (tmp_path / "answer.py").write_text("import nothing_of_this_name\n")
    (tmp_path / "tests.py").write_text("def test_x():\n    assert True\n")
    assert failures(tmp_path / "answer.py", tmp_path / "tests.py")[0].startswith("exercise: Module")
    with pytest.raises(ExerciseError, match=r"no starter\.py"):
        check_form(tmp_path)
    for file in ("starter.py", "solution.py", "wrong_a.py", "wrong_b.py"):
        (tmp_path / file).write_text('"""What this is."""\nx = 1\n')
    with pytest.raises(ExerciseError, match=r"tests.py:1: test_x has no docstring"):
        check_form(tmp_path)
    (tmp_path / "wrong_b.py").unlink()
    with pytest.raises(ExerciseError, match="add two wrong_"):
        check_form(tmp_path)


def test_the_task_stands_once_and_the_code_without_it():
    page = next(page for page in load() if page.room == MODEL.parent)
    text = fragment(page)
    assert text.count("Make `owners` return") == 1
    assert "def owners" in text and "class=\"tests\"" in text and "def bid" not in text
