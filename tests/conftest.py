"""What every test needs: a clean room, and examples whose errors name their line."""

import os
import re
import sys
from collections import Counter
from itertools import chain

import pytest
import pytest_examples.run_code

from tools.pages import written

# pytest-examples fakes a frame to move an error's line from its temporary file to the
# page; on Python 3.11 that crashes pytest. tests.examples finds the line itself.
pytest_examples.run_code.create_example_traceback = lambda error, path, example: None


def pytest_addoption(parser):
    parser.addoption(
        "--servers",
        choices=("auto", "require", "off"),
        default="require" if os.environ.get("CI") else "auto",
        help="the real servers of tests/production: run where they are installed, "
        "fail where they are not (the default if CI is set), or start none",
    )


def pytest_configure(config):
    if config.getoption("update_examples", False) and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--update-examples rewrites files: run it with -n 0 (make update)")


@pytest.fixture(autouse=True)
def clean_room(tmp_path, monkeypatch):
    """Examples replace ``__main__`` and may write files: put both out of harm's way."""
    main = sys.modules["__main__"]
    monkeypatch.chdir(tmp_path)
    yield
    sys.modules["__main__"] = main


def pytest_terminal_summary(terminalreporter):
    """Print how many blocks of the pages are not run: none is the promise."""
    skipped = sum(
        len(re.findall(r'^[`~]{3,}.*test="skip', path.read_text("utf-8"), re.M)) for path in written()
    )
    terminalreporter.write_line(f"{skipped} blocks on pages are skipped")
    seconds = Counter()
    for report in chain.from_iterable(terminalreporter.stats.values()):
        if isinstance(report, pytest.TestReport) and report.nodeid.startswith("tests/production/"):
            path = report.nodeid.partition("::")[0]
            seconds[path.removeprefix("tests/production/test_")] += report.duration
    for name, taken in seconds.most_common():
        terminalreporter.write_line(f"{taken:6.1f} s  {name}")
    if seconds:
        terminalreporter.write_line(f"{seconds.total():6.1f} s  on real servers, in all workers")
