"""Build the same sources with Zensical and say what differs: python -m tools.zensical.

Zensical is what follows Material for MkDocs. It is no part of the site or of its tests: this
installs it, pinned with hashes, into .build/zensical/, builds into .build/zensical-site/ and
compares that with a build by MkDocs.
"""

import hashlib
import shutil
import subprocess
import sys
import venv
from collections import Counter
from pathlib import Path
from urllib.parse import urljoin

from bs4 import BeautifulSoup

from tools.build import build
from tools.generate import generate
from tools.programs import ROOT

PINS = ROOT / "requirements-zensical.txt"
HOME = ROOT / ".build" / "zensical"


def words(element) -> str:
    return " ".join(element.get_text(" ").split())


def address(link, page: Path) -> str:
    """Where a link of a page leads, seen from the root."""
    return urljoin(f"/{page.as_posix()}", link["href"]).rstrip("/")


# What a page consists of, each by a selector and what tells two of a kind apart.
PARTS = {
    "heading": (":is(h1, h2, h3)", lambda each, _: each.get("id") or words(each)),
    "code block": ("pre > code", lambda each, _: each.get_text().strip()[:80]),
    "figure": ("figure", lambda each, _: each.get("id") or words(each)[:60]),
    "drawing": ("figure svg", lambda each, _: each.get("aria-labelledby", "")),
    "table": ("table", lambda each, _: words(each)[:80]),
    "formula": ("math", lambda each, _: words(each)),
    "tooltip": ("abbr", lambda each, _: each.get_text()),
    "link": ("a[href]", address),
}


def install(pins: Path = PINS, home: Path = HOME) -> Path:
    """An environment of its own, made again when the pins change; the folder of its programs."""
    stamp, key = home / "pins.sha256", hashlib.sha256(pins.read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text("utf-8") != key:
        venv.create(home, clear=True, with_pip=True)
        pip = [home / "bin" / "python", "-m", "pip", "install", "-q"]
        subprocess.run([*pip, "--require-hashes", "-r", pins], check=True)
        stamp.write_text(key, "utf-8")
    return home / "bin"


def parts(html: str, page: Path) -> Counter:
    """How often each part occurs in the text of a page."""
    article = BeautifulSoup(html, "html.parser").find("article")
    found = Counter()
    for last in article.select(".changed") if article else ():
        last.decompose()  # by tools.publish, whoever built the page
    for kind, (selector, name) in PARTS.items() if article else ():
        for each in article.select(selector):
            if not each.find_parent("nav") and "headerlink" not in each.get("class", []):
                found[kind, name(each, page)] += 1
    return found


def differences(old: Path, new: Path) -> list[str]:
    """What pages and parts one of two built sites has and the other has not, a line each."""
    pages = [{path.relative_to(site) for path in site.rglob("*.html")} for site in (old, new)]
    said = [f"{page}: missing" for page in sorted(pages[0] - pages[1])]
    said += [f"{page}: more than before" for page in sorted(pages[1] - pages[0])]
    for page in sorted(pages[0] & pages[1]):
        before, after = (parts((site / page).read_text("utf-8"), page) for site in (old, new))
        said += [f"{page}: {kind} missing: {name}" for kind, name in sorted(before - after)]
        said += [f"{page}: {kind} added: {name}" for kind, name in sorted(after - before)]
    return said


def main() -> int:
    program = install() / "zensical"
    generate()
    old, new = ROOT / ".build" / "mkdocs-site", ROOT / ".build" / "zensical-site"
    build(old)
    # It has no option for the target, and finds everything else from where the file lies.
    config = ROOT / "mkdocs.zensical.yml"
    config.write_text(f"INHERIT: mkdocs.yml\nsite_dir: {new.relative_to(ROOT)}\n", "utf-8")
    try:
        shutil.rmtree(new, ignore_errors=True)
        subprocess.run([program, "build", "--config-file", config], cwd=ROOT, check=True)
    finally:
        config.unlink()
    said = differences(old, new)
    print("\n".join(said) or "no page and no part of a page differs")
    print(f"zensical: {len(said)} differences; the site is in {new.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
