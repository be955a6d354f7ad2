"""What the Run button is timed against: its pins, its packages, the server that weighs."""

import gzip
import itertools
import json
import urllib.request

import pytest

from tools import bench_runner, peer


def test_every_pin_has_a_hash():
    lines = [line for line in peer.PINS.read_text("utf-8").splitlines() if line.strip()]
    pins = [line for line in lines if not line.startswith(" ")]
    assert any(pin.startswith("jupyterlite-core==") for pin in pins)
    for pin, after in itertools.pairwise(lines):
        assert pin not in pins or after.strip().startswith("--hash=sha256:")


def test_the_packages_are_those_that_pyodide_lists_and_what_they_need(tmp_path, monkeypatch):
    for name in ("ipython-9.0", "six-1.0", "comm-0.2", "unused-1.0"):
        (tmp_path / f"{name}-py3-none-any.whl").write_text(name)
    wheels = peer.wheels_of(tmp_path)
    listed = {
        "ipython": {"depends": ["six"], "file_name": "ipython-9.0-py3-none-any.whl"},
        "six": {"depends": [], "file_name": "six-1.0-py3-none-any.whl"},
    }
    monkeypatch.setattr(peer, "LOADED", ("ipython", "comm"))
    into = tmp_path / "site"
    into.mkdir()
    found = peer.packages(listed, wheels, into)
    assert found.keys() == {"ipython", "six", "comm"}
    assert found["comm"]["imports"] == ["comm"] and found["six"]["version"] == "1.0"
    assert {path.name for path in into.iterdir()} == {each["file_name"] for each in found.values()}
    listed["six"]["file_name"] = "six-2.0-py3-none-any.whl"
    with pytest.raises(RuntimeError, match=r"wants six-2\.0-py3-none-any\.whl; pin that, not six-1"):
        peer.packages(listed, wheels, into)


def test_the_server_compresses_what_hosts_do_and_counts_it(tmp_path):
    program = "print(1)\n" * 99
    peer.add_notebook(tmp_path, program)
    (tmp_path / "a.whl").write_bytes(bytes(5000))
    server = bench_runner.Server({"peer": tmp_path})
    try:
        with urllib.request.urlopen(f"{server.address}peer/files/{peer.NOTEBOOK}?x=1") as answer:
            data = answer.read()
        assert json.loads(gzip.decompress(data))["cells"][0]["source"] == program
        with urllib.request.urlopen(f"{server.address}peer/a.whl") as answer:
            assert answer.read() == bytes(5000)
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{server.address}peer/none")
        assert server.sent == len(data) + 5000
    finally:
        server.shutdown()
        server.server_close()
