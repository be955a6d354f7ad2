"""The strict build: python -m tools.build FOLDER.

The site is built beside the folder and moved there when it is complete, so that a failed
build leaves the last good one, or nothing, and never half a site.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.programs import ROOT


def build(target: Path, root: Path = ROOT, site_url: str | None = None) -> str:
    """Build ``root`` into ``target``; return what MkDocs printed.

    Raises RuntimeError with that text when the build fails.
    """
    half = target.parent / f".{target.name}.half"
    shutil.rmtree(half, ignore_errors=True)
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    if site_url:
        environment["SITE_URL"] = site_url
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", half]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    printed = done.stdout + done.stderr
    if done.returncode:
        shutil.rmtree(half, ignore_errors=True)
        raise RuntimeError(printed.strip())
    shutil.rmtree(target, ignore_errors=True)
    half.rename(target)
    return printed


def main(arguments: list[str]) -> int:
    target = Path(arguments[0] if arguments else "site").resolve()
    try:
        print(build(target), end="")
    except RuntimeError as error:
        print(f"build: nothing was written to {target.name}/\n{error}", file=sys.stderr)
        return 1
    pages = sum(1 for _ in target.rglob("*.html"))
    print(f"build: {pages} pages in {target.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
