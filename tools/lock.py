"""Pin every version with hashes, for Python 3.11 and all newer ones: python -m tools.lock.

What runs in a browser's Python is pinned for that one.
"""

import subprocess
import sys
from pathlib import Path

from tools.programs import ROOT

FILES = {
    "site": "requirements.txt",
    "test": "requirements-test.txt",
    "zensical": "requirements-zensical.txt",
    "bench": "requirements-bench.txt",
    "peer": "requirements-peer.txt",
    "audit": "requirements-audit.txt",
}
PYTHON = {"peer": "3.14"}


def pin(group: str, target: str | Path) -> int:
    """Write the newest versions that fit a group of pyproject.toml; what uv returns."""
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--upgrade"),
        *("--universal", "--python-version", PYTHON.get(group, "3.11"), "--generate-hashes"),
        # No addresses of a package index and no comments: the file says what, not where.
        *("--no-header", "--no-annotate", "--group", group, "--output-file", target),
    ]
    return subprocess.run(command, cwd=ROOT).returncode


def main() -> int:
    for group, name in FILES.items():
        if failed := pin(group, name):
            print(f"lock: {name} was left as it was", file=sys.stderr)
            return failed
        print(f"lock: wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
