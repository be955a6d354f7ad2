"""Check the links to other sites: python -m tools.links. Needs a network.

A link is *dead* when its server says so (404 or 410). Everything else that keeps us from
reading it, from a refused robot to no network at all, is *unreachable*: reported, and no
reason to fail.
"""

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from tools.pages import DOCS, written
from tools.papers import BIB, sources

TIMEOUT = 10  # seconds
WORKERS = 8
DEAD = (404, 410)
URL = re.compile(r"https?://[^\s<>\"'`|\\{}\[\]]+")
# This machine, and the names kept for examples.
OWN = re.compile(r"localhost|127\..*|0\.0\.0\.0|(.*\.)?(example(\.(com|org|net))?|test|invalid)")
AGENT = "Mozilla/5.0 (compatible; distributed-systems-run link check)"


def urls(text: str) -> list[str]:
    """The http(s) URLs of a text, without the punctuation of the sentence around them."""
    found = []
    for url in URL.findall(text):
        url = re.split(r"\)(?=\[|\()", url)[0]
        while url[-1] in ".,;:!?*_" or (url[-1] == ")" and url.count(")") > url.count("(")):
            url = url[:-1]
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            host = "?"  # kept: the check reports it
        if host and not OWN.fullmatch(host):
            found.append(url)
    return found


def collect(docs: Path = DOCS) -> dict[str, list[str]]:
    """Every URL of the pages, the glossary and the sources, with the places that use it."""
    places = {}
    for path in [*written(docs), *sorted(docs.glob("reference/glossary.toml"))]:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for url in urls(line):
                places.setdefault(url, []).append(f"{path.relative_to(docs.parent)}:{number}")
    for key, source in sources().items():
        if source.url:
            copy = f", as it was: {source.archive}" if source.archive else ""
            places.setdefault(source.url, []).append(f"{BIB.name}: {key}{copy}")
    return dict(sorted(places.items()))


def check(url: str) -> str:
    """ "ok", "dead" or "unreachable": asked with HEAD, and with GET where that fails."""
    verdict = "unreachable"
    for method in ("HEAD", "GET"):
        try:
            address = quote(url, safe="%/:=&?~#+!$,;'@()*[]")
            request = Request(address, method=method, headers={"User-Agent": AGENT})
            with urlopen(request, timeout=TIMEOUT):
                return "ok"
        except HTTPError as error:
            error.close()
            verdict = "dead" if error.code in DEAD else "unreachable"
        except (OSError, HTTPException, ValueError):
            verdict = "unreachable"
    return verdict


def report(places: dict[str, list[str]]) -> tuple[list[str], bool]:
    """The lines to print for these links, and whether one is dead."""
    with ThreadPoolExecutor(WORKERS) as pool:
        verdicts = dict(zip(places, pool.map(check, places), strict=True))
    lines = []
    for verdict in ("unreachable", "dead"):
        for url in [url for url in places if verdicts[url] == verdict]:
            lines.append(f"{verdict}: {url} ({', '.join(dict.fromkeys(places[url]))})")
    count = list(verdicts.values()).count
    lines.append(
        f"links: {len(places)} checked: {count('ok')} ok, {count('dead')} dead, "
        f"{count('unreachable')} unreachable"
    )
    return lines, count("dead") > 0


def main() -> int:
    lines, dead = report(collect())
    print("\n".join(lines))
    return int(dead)


if __name__ == "__main__":
    sys.exit(main())
