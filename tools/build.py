"""The strict build: python -m tools.build FOLDER.

The site is built beside the folder and moved there when it is complete, so that a failed
build leaves the last good one, or nothing, and never half a site.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import kept
from tools.programs import ROOT

DEFAULT = "http://127.0.0.1:8000/"  # as in mkdocs.yml


def with_lines(printed: str, docs: Path) -> str:
    """MkDocs names the page of a broken link; add the line it stands on."""

    def place(match):
        text = (docs / match[1]).read_text("utf-8")
        line = next((n for n, row in enumerate(text.splitlines(), 1) if f"({match[2]})" in row), 1)
        return f"docs/{match[1]}:{line}: contains a link '{match[2]}'"

    return re.sub(r"Doc file '([^']+)' contains a link '([^']+)'", place, printed)


def build(target: Path, root: Path = ROOT, site_url: str | None = None) -> str:
    """Build ``root`` into ``target``; return what MkDocs printed.

    Raises RuntimeError with that text when the build fails.
    """
    half = target.parent / f".{target.name}.half"
    shutil.rmtree(half, ignore_errors=True)
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    if site_url:
        environment["SITE_URL"] = site_url
    # Not --quiet: it silences the warnings before --strict can count them.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", half]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=root, env=environment, stdout=pipe, stderr=pipe, text=True) as mkdocs:
        # Imports take a quarter of a second: MkDocs has begun with its own.
        from tools.publish import around, publish

        with kept.meanwhile(lambda: around.cards(root, around.read(root, {}))):
            printed = "".join(mkdocs.communicate())
    printed = re.sub(r"\x1b\[[\d;]*m", "", printed)
    if mkdocs.returncode:
        shutil.rmtree(half, ignore_errors=True)
        raise RuntimeError(with_lines(printed.strip(), root / "docs"))
    publish(half, root, environment.get("SITE_URL", DEFAULT), environment.get("EDIT_URL", ""))
    shutil.rmtree(target, ignore_errors=True)
    half.rename(target)
    return printed


def main(arguments: list[str]) -> int:
    target = Path(arguments[0] if arguments else "site").resolve()
    try:
        printed = build(target)
    except RuntimeError as error:
        print(f"build: nothing was written to {target.name}/\n{error}", file=sys.stderr)
        return 1
    for line in re.findall(r"no Run buttons: .*|npm: .*", printed):
        print(f"build: {line}", file=sys.stderr)
    pages = sum(1 for _ in target.rglob("*.html"))
    print(f"build: {pages} pages in {target.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
