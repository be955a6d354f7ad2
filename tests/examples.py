"""Run a program or an inline block and check the ``#>`` lines behind its prints."""

from pathlib import Path
from uuid import uuid4

import pytest
from pytest_examples import CodeExample

# The widest line a print may give; the site shows 79 columns, "#> " takes three.
LINE = 88


class Program(CodeExample):
    """A whole file. pytest-examples would otherwise collapse its blank lines."""

    def in_py_file(self):
        return False


def program(path: Path) -> Program:
    example = Program.create(path.read_text("utf-8"), path=path, start_line=0)
    # Examples are sorted by group when outputs are rewritten; None does not sort.
    example.group = uuid4()
    return example


def check(example: CodeExample, eval_example) -> None:
    """Run the example; fail with file and line when it raises or prints something else."""
    eval_example.set_config(line_length=LINE)
    try:
        if eval_example.update_examples:
            eval_example.run_print_update(example)
        else:
            eval_example.run_print_check(example)
    except Exception as error:
        # Left to pytest, an example that raises ends the whole run on Python 3.11.
        where = f"{example.path}:{_line(error, eval_example.tmp_path, example)}"
        pytest.fail(f"{where}: {type(error).__name__}: {error}", pytrace=False)
    except SystemExit as error:
        pytest.fail(f"{example.path}: the program calls sys.exit({error.code})", pytrace=False)
    except pytest.fail.Exception as failure:
        if example.path.suffix == ".md":
            pytest.fail(f"{example.path}:{example.start_line + 1}: {failure.msg}", pytrace=False)
        pytest.fail(f"{example.path}: {failure.msg}", pytrace=False)


def _line(error: Exception, folder: Path, example: CodeExample) -> int:
    if isinstance(error, SyntaxError) and error.lineno:
        return example.start_line + error.lineno
    line, traceback = example.start_line + 1, error.__traceback__
    while traceback is not None:
        if Path(traceback.tb_frame.f_code.co_filename).is_relative_to(folder):
            line = example.start_line + traceback.tb_lineno
        traceback = traceback.tb_next
    return line
