"""JupyterLite with one of our programs as its notebook, built to be served by ourselves.

The Run button is timed against it: tools/bench_runner.py. It is no part of the site or of its
tests. What builds it and what its kernel loads is pinned with hashes; the Python is our own
runtime. Where it could be put together in several ways, this is the one that starts fastest: the
standard library is compiled as ours is, and the kernel's packages are fetched at once and not one
after the other.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tools import npm, runtime
from tools.programs import ROOT

PINS = ROOT / "requirements-peer.txt"
KEPT = ROOT / ".build" / "peer"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
LOADED = ("micropip", "packaging", "piplite", "pyodide-kernel", "ipykernel", "comm", "ipython", "jedi")
NOTEBOOK = "program.ipynb"
DAY = "2026-01-01T00:00:00Z"


def pip(python: Path | str, *words) -> None:
    subprocess.run([python, "-m", "pip", *map(str, words)], check=True, stderr=subprocess.PIPE)


def wheels_of(folder: Path) -> dict[str, Path]:
    """The wheels of a folder by the names of their packages."""
    return {path.name.split("-")[0].lower().replace("_", "-"): path for path in folder.glob("*.whl")}


def packages(listed: dict, wheels: dict[str, Path], into: Path) -> dict:
    """What Pyodide's list says of each package, with the wheel that PyPI has of that version."""
    found, left = {}, list(LOADED)
    while left:
        name = left.pop().replace("_", "-")
        if name in found:
            continue
        wheel = wheels[name]
        entry = dict(listed.get(name) or {"depends": [], "imports": [name.replace("-", "_")]})
        if entry.get("file_name", wheel.name) != wheel.name:
            raise RuntimeError(f"peer: Pyodide wants {entry['file_name']}; pin that, not {wheel.name}")
        found[name] = entry | {
            "name": name,
            "version": wheel.name.split("-")[1],
            "file_name": wheel.name,
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
            "install_dir": "site",
            "package_type": "package",
            "unvendored_tests": False,
        }
        shutil.copyfile(wheel, into / wheel.name)
        left += entry["depends"]
    return found


def listing(**what) -> dict:
    """An entry of the list of files, which JupyterLite would have a Jupyter server make."""
    empty = dict.fromkeys(("mimetype", "content", "size", "hash", "hash_algorithm"))
    return {**empty, "writable": True, "created": DAY, "last_modified": DAY, **what}


def add_notebook(site: Path, text: str) -> None:
    cell = {"cell_type": "code", "id": "program", "metadata": {}, "outputs": []}
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    notebook = {
        "cells": [{**cell, "execution_count": None, "source": text}],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    entry = listing(name=NOTEBOOK, path=NOTEBOOK, type="notebook", format=None)
    every = listing(name="", path="", type="directory", format="json") | {"content": [entry]}
    for name, data in {f"files/{NOTEBOOK}": notebook, "api/contents/all.json": every}.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data), "utf-8")


def make(folder: Path, python: Path, text: str) -> None:
    """Build the site of the peer into a new folder."""
    wheels, home, lite = folder / "wheels", folder / "venv", folder / "lite"
    pip(sys.executable, "download", "-q", "--no-deps", "--only-binary", ":all:", "--require-hashes",
        "--python-version", "3.14", "-d", wheels, "-r", PINS)  # fmt: skip
    venv.create(home, with_pip=True)
    # Those of the browser are installed here too, and not used.
    pip(home / "bin" / "python", "install", "-q", "--no-index", "--no-deps",
        "--ignore-requires-python", *wheels.glob("*.whl"))  # fmt: skip
    shutil.copytree(python, lite / "static" / "pyodide")
    subprocess.run(
        [home / "bin" / "jupyter", "lite", "build", "--lite-dir", lite, "--apps", "notebooks",
         "--output-dir", folder / "site", "--no-sourcemaps"],
        check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    site = folder / "site"
    pyodide = site / "static" / "pyodide"
    own = site / "extensions" / KERNEL / "static" / "pypi"
    lock = json.loads((npm.fetch("pyodide", runtime.VERSION, runtime.INTEGRITY) / runtime.LOCK).read_text("utf-8"))
    lock["packages"] = packages(lock["packages"], wheels_of(own) | wheels_of(wheels), pyodide)
    (pyodide / runtime.LOCK).write_text(json.dumps(lock), "utf-8")
    settings = site / "jupyter-lite.json"
    config = json.loads(settings.read_text("utf-8"))
    data = config["jupyter-config-data"]
    data["contentsAllJsonFile"] = "all.json"
    data["litePluginSettings"][f"{KERNEL}:kernel"] |= {
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"packages": list(LOADED)},
    }
    settings.write_text(json.dumps(config), "utf-8")
    add_notebook(site, text)


def ensure(python: Path, text: str) -> Path:
    """The built site of the peer, made anew when anything in it changes."""
    made_by = Path(__file__).read_bytes() + PINS.read_bytes() + python.name.encode() + text.encode()
    folder = KEPT / hashlib.sha256(made_by).hexdigest()[:8]
    if not folder.is_dir():
        shutil.rmtree(KEPT, ignore_errors=True)
        KEPT.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=KEPT) as temporary:
            make(Path(temporary), python, text)
            (Path(temporary) / "site").rename(folder)
    return folder
