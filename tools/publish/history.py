"""When a file was made and changed, from git: the same on every machine that has the commit."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Span:
    """The first and the last commit of a file, or of several."""

    made: datetime
    changed: datetime

    def __or__(self, other: "Span") -> "Span":
        return Span(min(self.made, other.made), max(self.changed, other.changed))


def history(root: Path) -> dict[str, Span]:
    """Path below the root: its span. Empty where there is no repository of its own."""

    def git(*words):
        done = subprocess.run(["git", "-C", root, *words], capture_output=True)
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""

    try:
        top = git("rev-parse", "--show-toplevel").strip()
        # A shallow clone knows one commit, and would call every page new.
        if not top or Path(top) != root.resolve() or "true" in git("rev-parse", "--is-shallow-repository"):
            return {}
        log = git("log", "-z", "--no-renames", "--name-only", "--format=%x01%ct", "--", "docs", "snippets")
    except FileNotFoundError:
        return {}
    spans: dict[str, Span] = {}
    for commit in log.split("\x01")[1:]:
        seconds, *names = commit.replace("\n", "\0").split("\0")
        at = datetime.fromtimestamp(int(seconds), UTC)
        for name in filter(None, names):
            spans[name] = spans[name] | Span(at, at) if name in spans else Span(at, at)
    return spans
