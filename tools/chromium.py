"""Find a Chromium for the tests, or install one: python -m tools.chromium prints its path."""

import os
import subprocess
import sys
from shutil import which

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = (
    "chromium: none found and none could be installed; install Debian's package 'chromium' "
    "or set CHROMIUM to the path of one"
)


def playwrights_own() -> str | None:
    """The browser that ``playwright install chromium`` has put on this machine, if any."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.access(path, os.X_OK) else None


def find() -> str | None:
    """The path of a Chromium: $CHROMIUM, one on the PATH, or Playwright's own."""
    if given := os.environ.get("CHROMIUM"):
        return which(given)
    return next(filter(None, map(which, NAMES)), None) or playwrights_own()


def attempts() -> list[list[list[str]]]:
    """Ways to install one, each a list of commands, in the order they are tried."""
    ways = [[[sys.executable, "-m", "playwright", "install", "chromium"]]]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and which("apt-get"):
        ways.insert(
            0,
            [
                ["apt-get", "update", "-qq"],
                ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
            ],
        )
    return ways


def ensure() -> str | None:
    """The path of a Chromium, installed if need be; None if that is not possible."""
    if os.environ.get("CHROMIUM"):
        return find()
    if path := find():
        return path
    for way in attempts():
        for command in way:
            done = subprocess.run(
                command, capture_output=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            )
            if done.returncode:
                break
        if path := find():
            return path
    return None


def main() -> int:
    path = ensure()
    print(path or ADVICE, file=sys.stdout if path else sys.stderr)
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
