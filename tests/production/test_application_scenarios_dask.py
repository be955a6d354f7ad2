"""A word count on a real Dask cluster survives the death of a worker process."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import dask
import distributed  # noqa: F401, reads its own configuration
import pytest

from tools.programs import ROOT, outputs, read

PROGRAM = ROOT / "snippets" / "production" / "application_scenarios_dask.py"
SECONDS = 90  # a run takes five to ten; this only ends one that hangs
pytestmark = pytest.mark.timeout(200)


def run(*command):
    """The finished process, and the numbers of the processes of its group that are left."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        [sys.executable, *map(str, command)],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a group of its own, so that whatever is left can be ended
    )
    try:
        out, err = process.communicate(timeout=SECONDS)
        end = time.monotonic() + 10  # Python's resource tracker ends a moment after its parent
        while (left := members(process.pid)) and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert process.returncode == 0, err
    return out, err, left


def members(group):
    """Processes of a group that still run (Linux; elsewhere whether there is any)."""
    if not Path("/proc/self/stat").exists():
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return []
        return [group]
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state != "Z":
            found.append(int(path.parent.name))
    return found


def exists(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def finished():
    return run(PROGRAM)


def test_it_prints_what_its_comments_say(finished):
    out, _, _ = finished
    assert out.splitlines() == outputs(read(PROGRAM))
    assert "the same counts: True" in out
    assert "workers lost: 1" in out and "workers started instead: 1" in out
    assert "no second try: KilledWorker, counts None" in out


def test_the_workers_that_were_killed_are_gone(finished):
    _, err, _ = finished
    killed = [int(pid) for pid in re.findall(r"^killed process (\d+)$", err, re.M)]
    assert len(killed) == 2 and len(set(killed)) == 2 and 0 not in killed
    assert not any(exists(pid) for pid in killed)


def test_no_process_is_left_behind(finished):
    _, _, left = finished
    assert left == []


UNHARMED = """
from snippets.production import application_scenarios_dask as program

if __name__ == "__main__":
    calm = program.run(kill=False)
    print(calm.counts == program.count(program.LINES), calm.killed, calm.before == calm.after)
"""


def test_without_a_kill_the_same_program_replaces_no_worker(tmp_path):
    """So what the program prints about lost workers is what the kill did."""
    driver = tmp_path / "unharmed.py"
    driver.write_text(UNHARMED, "utf-8")
    out, _, left = run(driver)
    assert out == "True 0 True\n"
    assert left == []


def test_the_default_is_what_the_program_says():
    assert dask.config.get("distributed.scheduler.allowed-failures") == 3
