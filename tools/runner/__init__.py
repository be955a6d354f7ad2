"""Run, edit and check programs in the reader's browser: what the site ships for it.

``publish()`` writes ``docs/run/``, which git ignores:

    boot.js              on every page: the buttons; without a runtime it does nothing
    python-VERSION-KEY/  the runtime
    KEY/                 the editor, the worker, and the programs and figure modules, zipped

Names carry a key of the content, so all but boot.js may be cached for ever.
"""

import hashlib
import io
import re
import shutil
import zipfile
from pathlib import Path

from tools import runtime
from tools.pages import DOCS
from tools.programs import ROOT

HERE = Path(__file__).resolve().parent
RUN = DOCS / "run"
PARTS = ("ui.js", "exercise.js", "worker.js", "paint.js", "picture.js", "run.css")
MEGABYTES = 7  # what the first run transfers, compressed; a test weighs it
WITHOUT = "// Built without the Python that runs in browsers: there are no Run buttons.\n"
OUR_PICTURES = re.compile(r"^from tools\.figures import .*\b(space_time|ring|log|timeline)\b", re.M)
NO_CHART = '''"""Stands for charts in a browser, which has no Matplotlib: they are not drawn."""


def draw(*_, **__):
    return None


def __getattr__(name):
    return ""
'''


def library(root: Path = ROOT) -> dict[str, str]:
    """The files that programs and pictures need in the browser, by their path there."""
    found = {"host.py": HERE / "host.py"}
    for path in [*root.glob("snippets/**/*.py"), *root.glob("tools/figures/*.py")]:
        name = path.relative_to(root)
        if name.parts[1] != "production" and name.name != "chart.py":
            found[name.as_posix()] = path
    found["tools/__init__.py"] = root / "tools" / "__init__.py"
    for path in root.glob("docs/*/*/figures.py"):
        if OUR_PICTURES.search(path.read_text("utf-8")):
            found[f"rooms/{path.parent.relative_to(root / 'docs').as_posix()}/figures.py"] = path
    texts = {name: path.read_text("utf-8") for name, path in found.items()}
    return dict(sorted({**texts, "tools/figures/chart.py": NO_CHART}.items()))


def zipped(texts: dict[str, str]) -> bytes:
    """The same texts give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in texts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, text.encode(), zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def files(python: Path) -> dict[str, bytes]:
    """All that is ours, by its path below ``run/``; ``python`` is the runtime's folder."""
    loaded = sum((python / name).stat().st_size for name in runtime.FETCHED)
    parts = {name: (HERE / name).read_bytes() for name in PARTS}
    for word, value in ("@RUNTIME@", python.name), ("@BYTES@", str(loaded)):
        parts["ui.js"] = parts["ui.js"].replace(word.encode(), value.encode())
    parts["lib.zip"] = zipped(library())
    digest = hashlib.sha256()
    for name, data in sorted(parts.items()):
        digest.update(name.encode() + b"\0" + data)
    key = digest.hexdigest()[:10]
    boot = (HERE / "boot.js").read_text("utf-8")
    boot = boot.replace("@FOLDER@", key).replace("@MEGABYTES@", str(MEGABYTES))
    return {"boot.js": boot.encode()} | {f"{key}/{name}": data for name, data in parts.items()}


def publish(target: Path = RUN) -> str:
    """Bring ``docs/run/`` up to date; return why there are no Run buttons, or nothing."""
    folder, why = runtime.ensure()
    ours = files(folder) if folder else {"boot.js": WITHOUT.encode()}
    for name, data in ours.items():
        path = target / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    keep = {name.split("/")[0] for name in ours}
    if folder:
        keep.add(folder.name)
        if not (target / folder.name).is_dir():
            half = target / ".half"
            shutil.rmtree(half, ignore_errors=True)
            shutil.copytree(folder, half)
            half.rename(target / folder.name)
    for path in target.iterdir():
        if path.name not in keep:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return why
