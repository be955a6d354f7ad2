"""Run every program and inline block and rewrite the outputs recorded in them."""

import subprocess
import sys

from tools.programs import ROOT

TESTS = ["tests/test_programs.py", "tests/site/test_pages.py"]


def main() -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "--update-examples"]
    # Only the tests that rewrite; the others judge, and would judge the old text.
    done = subprocess.run([*command, *TESTS, "-k", "prints_what"], cwd=ROOT)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
