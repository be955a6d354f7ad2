"""The pages of a built site as texts: read once and written once, whatever is done to them between."""

from functools import wraps
from pathlib import Path


def read(site: Path) -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in sorted(site.rglob("*.html"))}


def write(pages: dict[Path, str]) -> None:
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def step(function):
    """A step of publishing. It changes the texts in ``pages``; called without, it changes the files."""

    @wraps(function)
    def whole(site: Path, *rest, pages: dict[Path, str] | None = None):
        if pages is not None:
            return function(site, *rest, pages=pages)
        pages = read(site)
        result = function(site, *rest, pages=pages)
        write(pages)
        return result

    return whole
