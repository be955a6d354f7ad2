"""Build the newest commit with another Python, and compare every byte: python -m tools.reproduce PYTHON.

Each of the two builds has a clone and an environment of its own, as on two machines.
"""

import filecmp
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.programs import ROOT


def different(one: Path, two: Path) -> list[str]:
    """The files that only one of two folders has, or that differ in a byte."""
    here, there = ({path.relative_to(top) for path in top.rglob("*") if path.is_file()} for top in (one, two))
    _, unequal, unread = filecmp.cmpfiles(one, two, [str(name) for name in sorted(here & there)], shallow=False)
    return sorted({str(name) for name in here ^ there} | {*unequal, *unread})


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not (other := shutil.which(arguments[0])):
        print("reproduce: name another Python: make reproduce WITH=python3.13", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="reproduce-") as folder:
        sites = []
        for number, python in enumerate((sys.executable, other)):
            home = Path(folder, str(number))
            subprocess.run(["git", "clone", "-q", ROOT, home], check=True)
            for name in ("npm", "runtime"):  # what came over the network, each file checked by its hash
                if (ROOT / ".build" / name).is_dir():
                    shutil.copytree(ROOT / ".build" / name, home / ".build" / name)
            subprocess.run(["make", "--silent", "build", f"PYTHON={python}"], cwd=home, check=True)
            sites.append(home / "site")
        files = sum(path.is_file() for path in sites[0].rglob("*"))
        found = different(*sites)
    print("\n".join(found) or f"reproduce: {files} files, the same to the byte")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
