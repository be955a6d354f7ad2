"""How long a reader waits after pressing Run: this site, plain Pyodide, and JupyterLite.

    python -m tools.build .build/site && python -m tools.bench_runner .build/site [ROUNDS]

All show the same program, come from one server that compresses what hosts compress, and are
visited in turn, each time by a browser that was just started with an empty profile. Run is
pressed as soon as it can be. The time is the page's own, from the press to the change of the
document that shows the first line of output. JupyterLite is without its service worker, that
is without its drive of files, which makes it faster.
"""

import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from tools import npm, peer, runtime
from tools.chromium import ADVICE, ensure
from tools.programs import SNIPPETS, outputs, read, standalone
from tools.server import Server

PAGE = "concepts/components"  # two pictures, the simulator inside
ROUNDS, WARM = 3, 9
LONG_MS = 120_000

PRESS = """([button, output, words, limit]) => new Promise((done, fail) => {
  setTimeout(() => fail(new Error(`no output in ${limit} ms`)), limit)
  for (const each of document.querySelectorAll(output)) each.textContent = ""
  const began = performance.now()
  new MutationObserver((_, me) => {
    if (![...document.querySelectorAll(output)].some(each => each.textContent.includes(words))) return
    me.disconnect()
    done(performance.now() - began)
  }).observe(document.body, { childList: true, subtree: true, characterData: true })
  const pressed = document.querySelector(button)
  pressed.dispatchEvent(new MouseEvent("mousedown", { bubbles: true })) // JupyterLab acts on this
  pressed.click()
})"""
PLAIN = {
    "index.html": '<!doctype html><meta charset="utf-8"><title>Plain</title>'
    '<pre></pre><script type="module" src="page.js"></script>',
    "page.js": """let worker
const button = document.createElement("button")
button.onclick = () => {
  if (!worker) {
    worker = new Worker("worker.js", { type: "module" })
    worker.onmessage = ({ data }) => document.querySelector("pre").append(data, "\\n")
  }
  worker.postMessage(PROGRAM)
}
document.body.prepend(button) // it is there when it can be pressed
""",
    "worker.js": """import { loadPyodide } from "./python/pyodide.mjs"
const python = loadPyodide({
  indexURL: new URL("python/", import.meta.url).href,
  stdout: line => postMessage(line),
})
onmessage = async ({ data }) => { // runPython would be slower: it looks for a last expression
  const { globals, toPy } = await python
  globals.get("exec")(data, toPy({ __name__: "__main__" }))
}
""",
}
# name: (address, the button, where the output stands, what is clicked before the button, what is
# there when the run has ended)
SIDES = {
    "this site": (f"ours/{PAGE}/", ".program-links .run-run", ".run-text", "", ".program-links .run-bar:not(.run-busy)"),
    "bare worker": ("bare/", "button", "pre", "", "pre"),
    "bare worker, core as npm has it": ("stock/", "button", "pre", "", "pre"),
    "JupyterLite": (
        f"peer/notebooks/index.html?path={peer.NOTEBOOK}",
        '[data-command="notebook:run-cell-and-select-next"]',
        ".jp-OutputArea-output",
        ".jp-CodeCell .cm-content",
        ".jp-CodeCell",
    ),
}


def plain(folder: Path, python: Path, text: str) -> Path:
    """The least page that can run the program: a button, a worker, the runtime."""
    shutil.copytree(python, folder / "python")
    for name, words in PLAIN.items():
        (folder / name).write_text(words.replace("PROGRAM", json.dumps(text)), "utf-8")
    return folder


class Visit:
    """One candidate in a browser of its own, opened until its button can be pressed."""

    def __init__(self, playwright, path, server, side, lines):
        address, *self.words, self.before, self.after = SIDES[side]
        self.lines = lines
        self.browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        self.tab = self.browser.new_context(service_workers="block").new_page()
        self.tab.set_default_timeout(LONG_MS)
        self.tab.goto(server.address + address, wait_until="commit")
        self.tab.locator(self.words[0]).first.wait_for()

    def press(self) -> float:
        """Milliseconds to the first line of output; returns when the last line is there."""
        if self.before:
            self.tab.locator(self.before).first.click()
        took = self.tab.evaluate(PRESS, [*self.words, self.lines[0], LONG_MS])
        self.tab.locator(self.words[1], has_text=self.lines[-1]).first.wait_for()
        self.tab.locator(self.after).first.wait_for()
        self.tab.wait_for_timeout(300)
        return took


def main(arguments: list[str]) -> int:
    from playwright.sync_api import sync_playwright

    site = Path(arguments[0] if arguments else ".build/site")
    rounds = int(arguments[1]) if arguments[1:] else ROUNDS
    python, why = runtime.ensure()
    if not python or not next(site.glob("run/python-*"), None):
        print(f"bench: no built site with Run buttons in {site}; run make build first. {why}")
        return 2
    if not (path := ensure()):
        print(ADVICE)
        return 2
    source = SNIPPETS / f"{PAGE}.py"
    text, lines = standalone(source), outputs(read(source))
    try:
        notebook = peer.ensure(python, text)
    except subprocess.CalledProcessError as error:
        print(f"bench: JupyterLite could not be built: {(error.stderr or b'').decode().strip()[-300:]}")
        return 1
    figures = {side: {"cold": [], "warm": []} for side in SIDES}
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        server = Server(
            {
                "ours": site,
                "bare": plain(Path(temporary, "bare"), python, text),
                "stock": plain(
                    Path(temporary, "stock"),
                    npm.fetch("pyodide", runtime.VERSION, runtime.INTEGRITY),
                    text,
                ),
                "peer": notebook,
            }
        )
        for side in SIDES:  # not timed: weighs, and lets the server compress each file once
            before = server.sent
            visit = Visit(playwright, path, server, side, lines)
            visit.press()
            visit.tab.wait_for_load_state("networkidle")
            figures[side]["sent"] = server.sent - before
            version = visit.browser.version
            visit.browser.close()
        for _ in range(rounds):
            for side in SIDES:
                visit = Visit(playwright, path, server, side, lines)
                figures[side]["cold"].append(visit.press())
                figures[side]["warm"].append(median(visit.press() for _ in range(WARM)))
                visit.browser.close()
        server.shutdown()
    print(
        f"Run, pressed on {datetime.date.today()}: {os.cpu_count()} cores, Chromium {version}, medians of "
        f"{rounds} visits in turn.\nIn JupyterLite's favour: it has our compiled core, asks for its packages "
        "at once, has no service worker,\nand starts its kernel when it is opened, which the time from the press leaves out.\n"
        f"{'':32}  cold s  warm ms  MB compressed, page and all"
    )
    for side, found in figures.items():
        print(
            f"{side:32}  {median(found['cold']) / 1000:6.2f}  {median(found['warm']):7.0f}  "
            f"{found['sent'] / 1e6:28.2f}"
        )
    ours, bare, other = (figures[side] for side in ("this site", "bare worker", "JupyterLite"))
    ratio = median(b / a for a, b in zip(ours["cold"], other["cold"], strict=True))
    more = median(a - b for a, b in zip(ours["warm"], bare["warm"], strict=True))
    print(f"cold, JupyterLite / this site, by turn: {ratio:.1f} (wanted: 2 or more)")
    print(f"warm, this site - bare worker, by turn: {more:.0f} ms (wanted: 50 or less)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
