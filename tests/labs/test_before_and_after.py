"""The lab runs, and what it says of each step holds for several seeds."""

import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import jupytext
import pytest

from tools.programs import ROOT

LAB = ROOT / "docs" / "labs" / "before-and-after.py"
SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def lab():
    """The names of the cells before the first picture: the simulator and its summary."""
    notebook = jupytext.reads(LAB.read_text("utf-8"), fmt="py:percent")
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    lines = [line for cell in cells for line in cell.splitlines()]
    steps = [line for line in lines if re.match(r"[A-Z]+ = (Setup|replace)\(", line)]
    # dataclass looks its module up by name, so the cells need one.
    module = type(sys)("lab_before_and_after")
    sys.modules[module.__name__] = module
    exec(compile("\n".join([*cells[:2], *steps]), str(LAB), "exec"), module.__dict__)
    yield module
    del sys.modules[module.__name__]


def all_steps(lab, seed):
    names = ("fragile", "balanced", "sharded", "cached", "asynchronous")
    setups = (lab.FRAGILE, lab.BALANCED, lab.SHARDED, lab.CACHED, lab.ASYNC)
    return SimpleNamespace(**{n: lab.summary(s, seed) for n, s in zip(names, setups, strict=True)})


def test_the_notebook_runs_from_the_first_cell_to_the_last():
    """As a script, which is what percent format is. The site's build runs it as a notebook."""
    command = [sys.executable, LAB]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("display.HTML object") == 5


def test_it_begins_with_its_title_and_links_to_the_four_optimizations():
    text = LAB.read_text("utf-8")
    assert text.startswith("# %% [markdown]\n# # Before and after\n")
    linked = re.findall(r"\]\(\.\./\.\./([a-z]+/[a-z-]+)/\)", text)
    for page in ("load-balancing", "data-sharding", "caching", "asynchronous-processing"):
        assert f"optimizations/{page}" in linked
    for page in linked:
        assert (ROOT / "docs" / page).is_dir(), page


def test_its_written_prose_holds_no_measured_number():
    """Numbers of a run are computed in cells; in the prose stand only those of the exercises."""
    cells = jupytext.reads(LAB.read_text("utf-8"), fmt="py:percent").cells
    prose = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert re.findall(r"\d+(?:,\d+)*", prose) == ["99", "99", "5,000"]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_step_lowers_the_mean(lab, seed):
    s = all_steps(lab, seed)
    means = [step.mean_ms for step in (s.fragile, s.balanced, s.sharded, s.cached, s.asynchronous)]
    assert all(after < before for before, after in pairwise(means)), means


@pytest.mark.parametrize("seed", SEEDS)
def test_load_balancing_fails_less_and_moves_the_queue_to_the_database(lab, seed):
    s = all_steps(lab, seed)
    assert s.balanced.failed < 0.5 * s.fragile.failed
    assert lab.failed_between(lab.FRAGILE, lab.CRASH_MS, seed) == 1
    assert lab.failed_between(lab.BALANCED, lab.CRASH_MS, seed) < 0.1
    assert s.balanced.wait_ms > 10 * s.fragile.wait_ms


@pytest.mark.parametrize("seed", SEEDS)
def test_sharding_is_faster_but_works_more_and_leaves_the_hot_key_on_one_shard(lab, seed):
    s = all_steps(lab, seed)
    assert s.sharded.p99_ms < 0.5 * s.balanced.p99_ms
    assert s.sharded.work_ms > 1.05 * s.balanced.work_ms
    assert s.sharded.busiest > 1.4 / lab.SHARDED.shards
    sixteen = lab.summary(replace(lab.SHARDED, shards=16), seed)
    assert sixteen.wait_ms > s.cached.wait_ms  # four times the shards do less than a cache


@pytest.mark.parametrize("seed", SEEDS)
def test_before_the_cache_no_read_is_stale_and_after_it_many_are(lab, seed):
    s = all_steps(lab, seed)
    assert s.fragile.stale == s.balanced.stale == s.sharded.stale == 0
    assert s.cached.stale > 0.1
    assert s.cached.work_ms < 0.75 * s.sharded.work_ms
    assert s.cached.wait_ms < s.sharded.wait_ms
    assert s.cached.p99_ms < s.sharded.p99_ms


@pytest.mark.parametrize("seed", SEEDS)
def test_the_queue_makes_writes_faster_and_reads_staler(lab, seed):
    s = all_steps(lab, seed)
    assert s.asynchronous.write_ms < s.cached.write_ms
    assert s.asynchronous.work_ms < s.cached.work_ms
    assert s.asynchronous.stale > s.cached.stale
    assert s.asynchronous.unwritten > 1 > s.cached.unwritten == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_to_change_larger_batches_are_staler_and_a_cache_alone_saves_nobody(lab, seed):
    slow = lab.summary(replace(lab.ASYNC, batch_ms=5_000), seed)
    assert slow.stale > lab.summary(lab.ASYNC, seed).stale
    cache_only = lab.summary(replace(lab.FRAGILE, ttl_ms=2_000), seed).failed
    assert cache_only == pytest.approx(lab.summary(lab.FRAGILE, seed).failed, rel=0.02)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_request_is_answered_once_by_every_setup(lab, seed):
    asked = sorted((when, kind) for when, kind, _ in lab.arrivals(lab.Random(seed)))
    for setup in (lab.FRAGILE, lab.BALANCED, lab.SHARDED, lab.CACHED, lab.ASYNC):
        answers, _ = lab.simulate(setup, seed)
        assert sorted((a.asked_ms, a.kind) for a in answers) == asked
        assert all(0 < a.took_ms <= lab.TIMEOUT_MS for a in answers)
        assert not any(a.failed and a.stale for a in answers)
