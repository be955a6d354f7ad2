"""The pages of a built site as texts: read once and written once, whatever is done to them between."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps
from pathlib import Path


def read(site: Path) -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in sorted(site.rglob("*.html"))}


def write(pages: dict[Path, str]) -> None:
    with writing() as put:
        for path, text in pages.items():
            put(path, text.encode())


@contextmanager
def writing():
    """``put(path, data)`` writes a file while the block goes on: making one takes the system longer than us.

    All are written when the block has ended; the first failure is raised then.
    """
    with ThreadPoolExecutor(2) as threads:
        jobs = []
        yield lambda path, data: jobs.append(threads.submit(_put, path, data))
    for job in jobs:
        job.result()


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


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
