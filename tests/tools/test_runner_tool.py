"""What the site ships for running programs: the runtime, the files, the host, the policy."""

import asyncio
import gzip
import io
import re
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib.util import module_from_spec, spec_from_file_location

import pytest

from tools import build, npm, runner, runtime
from tools.generate import GenerateError, publish_runner
from tools.publish import policy


@pytest.fixture
def unavailable(monkeypatch):
    """A machine that cannot reach the packages, and has never fetched them."""

    def fetch(*_):
        raise npm.NpmError("npm: pyodide could not be fetched; is there a network?")

    runtime.ensure.cache_clear()
    monkeypatch.setattr(npm, "fetch", fetch)
    monkeypatch.setattr(runtime, "place", lambda: runtime.ROOT / ".build" / "nowhere")
    yield
    runtime.ensure.cache_clear()


def finished(coroutine):
    """What it returns, from a thread: a browser's tests may keep a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()



def test_without_the_runtime_the_site_has_no_buttons_and_says_so(
    unavailable, monkeypatch, tmp_path
):
    monkeypatch.delenv("CI", raising=False)
    why = runner.publish(tmp_path / "run")
    assert why == "npm: pyodide could not be fetched; is there a network?"
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["boot.js"]
    text = (tmp_path / "run" / "boot.js").read_text("utf-8")
    assert text.startswith("//") and text.count("\n") == 1


def test_on_ci_the_runtime_must_be_there(unavailable, monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(runtime.Absent, match="is there a network"):
        runtime.ensure()
    with pytest.raises(GenerateError, match="no Run buttons: npm: pyodide"):
        publish_runner()


def test_the_build_tells_it_in_one_line(monkeypatch, capsys, tmp_path):
    printed = "INFO - x\ngenerate: no Run buttons: npm: pyodide could not be fetched\nINFO - y\n"
    monkeypatch.setattr(build, "build", lambda target: printed)
    assert build.main([str(tmp_path)]) == 0
    said = capsys.readouterr().err.splitlines()
    assert said == ["build: no Run buttons: npm: pyodide could not be fetched"]


def test_the_first_run_weighs_what_the_button_says():
    folder, why = runtime.ensure()
    assert folder, why
    sizes = [len(gzip.compress(path.read_bytes(), 6)) for path in folder.iterdir()]
    assert round(sum(sizes) / 1e6) == runner.MEGABYTES
    assert not re.search('"numpy"', (folder / runtime.LOCK).read_text("utf-8"))


def test_the_library_is_compiled_where_it_matters_and_made_once(monkeypatch):
    folder, why = runtime.ensure()
    assert folder, why
    with zipfile.ZipFile(folder / "python_stdlib.zip") as archive:
        names = set(archive.namelist())
    assert names >= {"dataclasses.pyc", "asyncio/__init__.pyc", "heapq.pyc", "doctest.py"}
    assert not {"dataclasses.py", "heapq.py", "doctest.pyc"} & names
    runtime.ensure.cache_clear()
    monkeypatch.setattr(runtime, "make", lambda folder: pytest.fail("made again"))
    assert runtime.ensure() == (folder, "")


def test_what_changed_gets_a_new_name_and_what_is_old_goes(tmp_path):
    folder, _ = runtime.ensure()
    first = runner.files(folder)
    assert first == runner.files(folder), "the same sources give the same bytes"
    (tmp_path / "0123456789").mkdir()
    (tmp_path / "0123456789" / "ui.js").write_text("old")
    assert runner.publish(tmp_path) == ""
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"boot.js", folder.name, *(name.split("/")[0] for name in first)}
    assert b"@" not in first["boot.js"], "a place was left open"
    ui = next(data for name, data in first.items() if name.endswith("ui.js"))
    assert not re.search(rb"@[A-Z]+@", ui)


def test_the_library_holds_programs_and_what_draws_without_matplotlib():
    texts = runner.library()
    assert "snippets/simnet.py" in texts and "tools/figures/space_time.py" in texts
    assert not [name for name in texts if "production" in name or "exercise" in name]
    assert not [name for name, text in texts.items() if "import matplotlib" in text]
    with zipfile.ZipFile(io.BytesIO(runner.zipped(texts))) as archive:
        assert archive.read("host.py").decode() == texts["host.py"]


# ------------------------------------------------------------------------------------ the host


@pytest.fixture
def host(monkeypatch):
    """The host as the worker has it, under this Python; what it changes is put back."""
    for name in ("stdin", "stdout", "stderr"):
        stream = io.StringIO()
        monkeypatch.setattr(sys, name, stream)
        monkeypatch.setattr(sys, f"__{name}__", stream)
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    spec = spec_from_file_location("host", runner.HERE / "host.py")
    module = module_from_spec(spec)
    sys.modules["host"] = module
    limit = sys.getrecursionlimit()
    spec.loader.exec_module(module)
    module.OWN = module.MINE["OWN"] = ("exercise",)  # what this test has imported stays
    yield module
    sys.setrecursionlimit(limit)


def test_a_traceback_is_trimmed_to_the_readers_lines(host):
    answer = finished(host.run("def f():\n    1 / 0\n\n\nf()\n", "mine.py"))
    assert answer == {"error": "ZeroDivisionError: division by zero", "pictures": [], "worn": False}
    said = sys.__stderr__.getvalue()
    assert said.count("File ") == 2
    assert 'File "mine.py", line 5' in said and 'File "mine.py", line 2' in said
    assert "host.py" not in said


def test_a_run_may_wait_and_leaves_nothing_behind(host):
    text = (
        "import asyncio, builtins\nkept = asyncio.ensure_future(asyncio.sleep(3600))\n"
        "print(await asyncio.sleep(0, 'done'))\nbuiltins.len = builtins.extra = None\n"
    )
    assert finished(host.run(text, "mine.py"))["worn"] is False
    assert finished(host.run("print(len('four'))", "mine.py"))["error"] == ""
    assert "NameError" in finished(host.run("extra", "mine.py"))["error"]
    assert sys.__stdout__.getvalue() == "done\n4\n"


def test_an_assertion_shows_both_sides_and_the_hint(host):
    tests = (
        "from exercise import double\n\n\ndef test_two():\n    '''Twice two.'''\n"
        "    assert double(2) == 4, 'for two'\n\n\ndef test_zero():\n    assert double(0) == 0\n\n\n"
        "def test_broken():\n    '''It must not raise.'''\n    double()\n"
    )
    answer = finished(host.check("def double(x):\n    return x * 3\n", tests))
    two, zero, broken = answer["results"]
    assert (two["title"], two["passed"], two["hint"]) == ("two", False, "Twice two.")
    assert two["detail"] == "expected  double(2) == 4\nbut       6 == 4 is false\nwith      for two"
    assert zero["passed"] and zero["detail"] == ""
    assert 'File "tests.py", line 15' in broken["detail"] and "host.py" not in broken["detail"]
    solved = finished(host.check("def double(x=0):\n    return x * 2\n", tests))
    assert all(result["passed"] for result in solved["results"])
    assert finished(host.check("def double(:\n", tests))["error"].startswith("SyntaxError")


# ---------------------------------------------------------------------------------- the policy


PAGE = "<html><head><meta charset=utf-8>{}</head><body>{}</body></html>"


def test_the_policy_names_every_script_of_every_page_and_no_data(tmp_path):
    (tmp_path / "a.html").write_text(PAGE.format("<script>one()</script>", ""))
    (tmp_path / "b.html").write_text(
        PAGE.format("<style>p{}</style>", '<script type="application/json">{"x":1}</script>')
    )
    rules = policy.apply(tmp_path)
    assert rules.count("sha256-") == 2
    assert policy.hashed({"one()"}).strip() in rules and policy.hashed({"p{}"}).strip() in rules
    assert "'unsafe-eval'" not in rules.replace("'wasm-unsafe-eval'", "") and "http" not in rules
    for name in ("a.html", "b.html"):
        text = (tmp_path / name).read_text()
        assert text.index("Content-Security-Policy") < text.index("</head>")
        assert "sha256" in text.split("<script")[0].split("<style")[0]
    headers = (tmp_path / "_headers").read_text()
    assert f"{rules}; frame-ancestors 'none'" in headers
    assert all(len(line) < 2000 for line in headers.splitlines()), "a host reads no longer lines"


def test_a_page_that_cannot_hold_the_policy_stops_the_build(tmp_path):
    (tmp_path / "a.html").write_text("<html><title>x</title></html>")
    with pytest.raises(RuntimeError, match=r"a\.html: no <meta charset>"):
        policy.apply(tmp_path)
