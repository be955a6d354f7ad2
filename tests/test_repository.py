"""What git holds: everything the tests and the site are made of, and nothing of one machine."""

import re
import subprocess

from tools.programs import ROOT


def git(*arguments):
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_no_source_is_ignored():
    """A pattern that was meant for the built site once hid tests/site from git."""
    ignored = git("ls-files", "--others", "--ignored", "--exclude-standard", "--", "tests", "tools", "snippets")
    lost = [name for name in ignored if not re.search(r"__pycache__|\.hypothesis|\.cache/", name)]
    assert not lost, f"ignored by .gitignore, so lost in a clone: {lost}"
    assert "tests/site/test_pages.py" in git("ls-files")


def test_nothing_that_is_made_is_kept():
    kept = [name for name in git("ls-files") if re.match(r"(site|\.venv|docs/_generated|docs/downloads|docs/run|docs/runs)/", name)]
    assert not kept, f"generated, yet in git: {kept}"


def test_no_file_names_a_machine_or_an_index():
    words = re.compile(r"(?:^|[\s\"'=(])/(?:root|home|farm)/|p[y]pi\.org|p[y]thonhosted|n[p]mjs\.", re.M)
    for name in git("ls-files"):
        path = ROOT / name
        if path.suffix in (".woff2", ".png") or not path.is_file():
            continue
        match = words.search(path.read_text("utf-8"))
        assert not match, f"{name}: holds {match[0].strip()!r}"
