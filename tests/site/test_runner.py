"""Run, edit, stop and check in a real Chromium, under the policy that the site is served with."""

import gzip
import json
import re
from random import Random

import pytest

from tests.site.axe import violations
from tests.site.conftest import opened
from tests.site.test_browser import OVERFLOW, TWICE
from tests.site.test_frame import RESTED
from tools.pages import DOCS
from tools.programs import SNIPPETS, outputs, read, standalone

pytestmark = pytest.mark.timeout(900)  # for a machine that is busy with other things

PAGE, PROGRAM = "concepts/components", "concepts/components"  # two pictures, the simulator inside
SHORT = "challenges/system-security"  # a short block of its own
EXERCISE = "optimizations/data-sharding"
WHOLE, BLOCK = ".program-links .run-bar", ".run-bar:not(.program-links *, .exercise *)"
LONG_MS = 240_000  # the first run on a loaded machine; no test is judged by its time


@pytest.fixture(scope="module")
def reader(browser, base_url):
    with opened(browser, base_url, strict=True) as (tab, problems):
        tab.set_default_timeout(LONG_MS)
        tab.asked = []
        tab.on("request", lambda request: tab.asked.append(request.url))
        yield tab, problems


@pytest.fixture
def tab(reader):
    tab, problems = reader
    problems.clear()
    tab.asked.clear()
    yield tab
    assert not problems, "\n".join(problems)


class Bar:
    """The buttons of one program, and what stands below them."""

    def __init__(self, tab, where=WHOLE):
        self.tab = tab
        self.bar = tab.locator(where).first
        self.bar.wait_for()
        after = "xpath=following::div[contains(@class, 'run-panel')][1]"
        self.panel = self.bar.locator(after)
        self.status = self.bar.get_by_role("status")

    def wipe(self):
        """Forget what an earlier run said, so that only the next one is waited for."""
        self.status.evaluate("each => { each.textContent = '' }")

    def press(self, word):
        self.wipe()
        self.bar.get_by_role("button", name=re.compile(f"^{word} ")).click()

    def until(self, words):
        self.status.filter(has_text=re.compile(words)).wait_for()

    def run(self, words="Finished"):
        self.press("Run")
        self.until(words)
        return self.text()

    def text(self):
        return self.panel.locator(".run-text").text_content()

    def edit(self):
        area = self.panel.locator("textarea")
        if not area.is_visible():
            self.press("Edit")
            area.wait_for()
        return area

    def write(self, text):
        self.edit().fill(text)


def go(tab, base_url, address):
    tab.goto(f"{base_url}{address}/")
    return Bar(tab) if "/" in address else None


def click_to(tab, address):
    """Reach another page by a link, which exchanges the content without loading anew."""
    if not tab.url.startswith("http"):  # a new tab has no page to come from
        tab.goto(address)
        return
    tab.evaluate(
        """address => {
          const link = document.createElement("a")
          link.href = address
          document.querySelector("article").append(link)
          link.click()
        }""",
        address,
    )
    tab.wait_for_url(address)


def test_nothing_is_loaded_before_the_first_press_and_little_is_on_the_page(tab, base_url, site):
    go(tab, base_url, PAGE)
    tab.wait_for_load_state("networkidle")
    assert not [url for url in tab.asked if "/run/" in url]
    [script] = site.glob("assets/ours.*.js")  # of which only a part is for running
    assert len(gzip.compress(script.read_bytes(), 9)) <= 6000
    boot = read(DOCS / "run" / "boot.js")
    assert len(gzip.compress(boot.encode(), 9)) <= 2500


def test_a_run_streams_its_output_and_redraws_the_pictures(tab, base_url):
    """Cold; then edited, by another seed, copied and put back: all on one page, kept on the next."""
    bar = go(tab, base_url, PAGE)
    assert bar.status.inner_text().startswith("In your browser: Python, 7 MB")
    path = SNIPPETS / f"{PROGRAM}.py"
    bar.status.evaluate(
        """each => {
          each.told = []
          new MutationObserver(() => each.told.push(each.textContent)).observe(each, { childList: true })
        }"""
    )
    printed = bar.run()
    told = bar.status.evaluate("each => each.told")
    assert [words for words in told if re.fullmatch(r"Loading Python: \d+ %\.", words)], told
    assert printed.splitlines() == outputs(read(path))
    drawn = bar.panel.locator("figure.run")
    original = tab.locator("article > figure.run")
    assert drawn.count() == original.count() == 2
    # The same run gives the same picture, under ids of its own.
    for number in range(2):
        paths = "each => [...each.querySelectorAll('path')].map(path => path.getAttribute('d'))"
        assert drawn.nth(number).evaluate(paths) == original.nth(number).evaluate(paths)
    assert not tab.evaluate(TWICE)
    assert "Recorded from your run" in drawn.first.inner_text()
    # Both themes and a phone: nothing sticks out, everything can be used by everyone.
    bar.edit()
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        theme = {"light": "default", "dark": "slate"}[scheme]
        tab.locator(f"body[data-md-color-scheme={theme}]").wait_for()
        for width in (1280, 390):
            tab.set_viewport_size({"width": width, "height": 900})
            assert tab.evaluate(OVERFLOW) == [], f"{scheme}, {width}"
        assert not [line for line in violations(tab) if "run-" in line]
    tab.emulate_media(color_scheme="light")
    tab.set_viewport_size({"width": 1280, "height": 900})
    # The editor holds the whole program; what is changed is what runs and what is copied.
    text = standalone(path)
    assert bar.edit().input_value() == text
    changed = text + 'print("changed by the reader")\n'
    address = tab.url
    tab.asked.clear()
    bar.write(changed)
    assert bar.run().splitlines()[-1] == "changed by the reader"
    assert (tab.url, tab.asked) == (address, []), "an edit stays in the page"
    bar.press("Copy")
    bar.until("Copied")
    assert tab.evaluate("navigator.clipboard.readText()") == changed
    bar.press("Reset")
    bar.until("as it was")
    assert bar.edit().input_value() == text
    # Python is kept on the way to another page, and nothing is fetched again.
    tab.asked.clear()
    click_to(tab, f"{base_url}{SHORT}/")
    short = Bar(tab, BLOCK)
    assert short.run().splitlines() == ["True", "False"]
    assert not [url for url in tab.asked if "pyodide" in url or "lib.zip" in url]
    assert not tab.locator("figure figure").count()


def test_the_seed_is_one_field_away(tab, base_url):
    click_to(tab, f"{base_url}challenges/system-performance/")
    short = Bar(tab, BLOCK)
    assert short.run() == "[86, 430, 5461]\n"
    field = short.bar.get_by_label("Seed of example 1")
    assert field.input_value() == "7"
    field.fill("8")
    field.press("Enter")
    short.until("Finished")
    assert "Random(8)" in short.edit().input_value()
    assert short.text() != "[86, 430, 5461]\n"


def test_a_traceback_shows_the_readers_lines_and_no_others(tab, base_url):
    click_to(tab, f"{base_url}{SHORT}/")
    short = Bar(tab, BLOCK)
    short.write("def f(x):\n    return 1 / x\n\n\nprint('before')\nf(0)\n")
    text = short.run("Ended after .* ZeroDivisionError: division by zero")
    assert text.startswith("before\nTraceback (most recent call last):\n")
    assert 'File "example.py", line 6, in <module>\n    f(0)' in text
    assert 'File "example.py", line 2, in f\n    return 1 / x' in text
    assert text.count("File ") == 2


def test_the_output_is_followed_once_a_frame_however_much_is_printed(tab, base_url):
    """Each look at its height lays out all that was printed: a look a line would make long outputs take minutes."""
    click_to(tab, f"{base_url}{SHORT}/")
    short = Bar(tab, BLOCK)
    short.run()
    short.panel.locator(".run-text").evaluate(
        """out => {
          const { set } = Object.getOwnPropertyDescriptor(Element.prototype, "scrollTop")
          window.looks = window.frames_ = 0
          Object.defineProperty(out, "scrollTop", { set(to) { looks += 1; set.call(this, to) }, configurable: true })
          const count = () => { frames_ += 1; requestAnimationFrame(count) }
          count()
        }"""
    )
    short.write("for number in range(1500):\n    print(number)\n")
    assert short.run().splitlines() == [str(number) for number in range(1500)]
    tab.evaluate(RESTED)
    looks, frames = tab.evaluate("[looks, frames_]")
    assert 1 <= looks <= min(frames, 1000)
    out = short.panel.locator(".run-text")
    below = out.evaluate("out => { delete out.scrollTop; return out.scrollHeight - out.clientHeight - out.scrollTop }")
    assert abs(below) <= 1


def test_a_text_of_many_lines_is_coloured_once_when_it_is_put_in(tab, base_url):
    """The browser says "input" for each of them."""
    click_to(tab, f"{base_url}{SHORT}/")
    short = Bar(tab, BLOCK)
    short.edit().focus()
    lines = "".join(f"number = {number}\n" for number in range(200))
    said, times = tab.evaluate(
        """async text => {
          let said = 0
          const painted = []
          const area = document.activeElement, code = area.parentElement.querySelector("code")
          area.addEventListener("input", () => said += 1)
          new MutationObserver(records => painted.push(...records)).observe(code, { childList: true })
          document.execCommand("selectAll")
          document.execCommand("insertText", false, text)
          for (let n = 0; n < 3; n++) await new Promise(done => requestAnimationFrame(done))
          return [said, painted.filter(({ addedNodes }) => addedNodes.length).length]
        }""",
        lines,
    )
    assert said >= 200
    assert times == 1
    assert short.panel.locator(".run-editor code").text_content() == lines + "\n"


def test_a_key_colours_the_lines_that_changed_and_all_look_as_if_coloured_anew(tab, base_url, site):
    """A hundred random changes, quotes and line ends among them, which change the colours of all that follows."""
    [paint] = site.glob("run/*/paint.js")
    tab.goto(f"{base_url}{SHORT}/")
    wrong, kept = tab.evaluate(
        """async ([address, text, changes]) => {
          const { paint } = await import(address)
          const code = document.createElement("code"), wrong = []
          paint(code, text)
          const middle = text.indexOf("\\n", text.length / 2) + 1, lines = new Set(code.childNodes)
          paint(code, text.slice(0, middle) + "#" + text.slice(middle))
          const kept = [...code.childNodes].filter(line => lines.has(line)).length / lines.size
          for (const [from, gone, put] of changes) {
            text = text.slice(0, from) + put + text.slice(from + gone)
            paint(code, text)
            const anew = document.createElement("code")
            paint(anew, text)
            if (code.innerHTML !== anew.innerHTML || code.textContent !== text + "\\n") wrong.push([from, gone, put])
          }
          return [wrong, kept]
        }""",
        [f"{base_url}{paint.relative_to(site).as_posix()}", read(SNIPPETS / f"{PROGRAM}.py"), changes(Random(1))],
    )
    assert wrong == []
    assert kept > 0.99


def changes(rng):
    """Where, how many characters go, and what comes instead."""
    pieces = ["\n", "\n\n", '"', "'", '"""', "#", "x", "def f():\n    pass\n", ",k,b", "é中"]
    return [[rng.randrange(5000), rng.choice([0, 1, 3, 300]), rng.choice(["", *pieces])] for _ in range(100)]


def test_stop_the_time_limit_and_a_flood_give_the_page_back(browser, base_url):
    with opened(browser, base_url, strict=True) as (tab, problems):
        tab.set_default_timeout(LONG_MS)
        tab.clock.install()  # the page's clock alone: the worker goes on
        go(tab, base_url, SHORT)
        short = Bar(tab, BLOCK)
        short.write("print('first')\nprint('last')\nwhile True:\n    pass\n")
        short.press("Run")
        short.panel.locator(".run-text", has_text="last").wait_for()
        assert short.status.inner_text() == "Running."
        short.press("Stop")
        short.until("Stopped.")
        assert tab.evaluate("document.activeElement.textContent") == "Run", "the focus is kept"
        short.press("Run")
        short.until("Running")
        tab.clock.fast_forward(40_000)
        assert short.status.inner_text() == "Running."
        tab.clock.fast_forward(20_000)
        short.until("Stopped after 60 s, the time limit")
        short.write("while True:\n    print('flood')\n")
        text = short.run("Stopped: it printed more than 100,000 characters")
        assert len(text) == 100_000
        short.write("big = []\nwhile True:\n    big.append(bytes(10_000_000))\n")
        assert "MemoryError" in short.run("Ended after .* MemoryError")
        short.write("print(6 * 7)\n")
        assert short.run() == "42\n"
        # A run whose page is left is ended: the next page's program gets Python.
        short.write("while True:\n    pass\n")
        short.press("Run")
        short.until("Running")
        click_to(tab, f"{base_url}challenges/system-performance/")
        assert Bar(tab, BLOCK).run() == "[86, 430, 5461]\n"
        assert not problems, "\n".join(problems)


def test_all_of_it_works_from_the_keyboard(tab, base_url):
    tab.goto(f"{base_url}{SHORT}/")
    short = Bar(tab, BLOCK)
    short.bar.get_by_role("button", name="Edit example 1").focus()
    tab.keyboard.press("Enter")
    area = short.panel.get_by_role("textbox", name="Program text of example 1")
    area.wait_for()
    assert area.evaluate("each => each === document.activeElement")
    hint = area.evaluate(
        "each => document.getElementById(each.getAttribute('aria-describedby')).textContent"
    )
    assert "Escape, then Tab, leaves the editor" in hint
    tab.keyboard.press("Control+A")
    tab.keyboard.type("for i in range(2):\nprint(i)")
    assert area.input_value() == "for i in range(2):\n    print(i)"
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    assert area.input_value().endswith("print(i)\n        ")
    tab.keyboard.press("Shift+Tab")
    assert area.input_value().endswith("print(i)\n    ")
    tab.keyboard.press("Control+Enter")
    short.until("Finished")
    assert short.text() == "0\n1\n"
    assert area.evaluate("each => each === document.activeElement")
    tab.keyboard.press("Escape")
    tab.keyboard.press("Tab")
    assert not area.evaluate("each => each === document.activeElement")
    short.write("print(2)")
    short.wipe()
    short.bar.get_by_role("button", name="Run example 1").focus()
    tab.keyboard.press("Space")
    short.until("Finished")
    assert short.text() == "2\n"
    # What a screen reader is told of it.
    names = [each.get_attribute("aria-label") for each in short.bar.get_by_role("button").all()]
    assert names == [f"{word} example 1" for word in ("Run", "Edit", "Reset", "Copy")]
    log = short.panel.get_by_role("log", name="Output of example 1")
    assert log.is_visible() and log.get_attribute("tabindex") == "0"


def test_an_exercise_is_checked_kept_exported_and_cleared(tab, base_url):
    room = DOCS / EXERCISE / "exercise"
    go(tab, base_url, EXERCISE)
    bar = Bar(tab, ".exercise .run-bar")
    bar.press("Check")
    bar.until("tests failed")
    failed = bar.panel.locator(".run-failed").first
    assert "expected  " in failed.inner_text() and "is false" in failed.inner_text()
    assert failed.locator(".run-hint").inner_text() in read(room / "tests.py")
    bar.write("def owners(key, machines, copies)\n")
    bar.press("Check")
    bar.until("The answer does not run: SyntaxError")
    answer = read(room / "solution.py")
    bar.edit().fill(answer)
    tab.keyboard.press("Control+Enter")
    bar.until("Solved: all 3 tests passed")
    assert bar.panel.locator(".run-passed").count() == 3
    with tab.expect_download() as event:
        bar.panel.get_by_role("button", name="Export progress").click()
    progress = json.loads(event.value.path().read_text("utf-8"))
    assert progress[EXERCISE]["draft"] == answer and progress[EXERCISE]["solved"]
    # It survives a reload, which forgets everything else.
    tab.reload()
    bar = Bar(tab, ".exercise .run-bar")
    bar.until("Solved on this device")
    bar.press("Check")
    bar.until("Solved: all 3 tests passed")
    assert bar.edit().input_value() == answer
    bar.panel.get_by_role("button", name="Clear progress").click()
    assert tab.evaluate("localStorage.length") == tab.evaluate(
        "Object.keys(localStorage).filter(key => key.includes('__palette') || key.startsWith('/')).length"
    )
    tab.reload()
    bar = Bar(tab, ".exercise .run-bar")
    bar.until("In your browser")
    assert bar.edit().input_value() != answer


def test_a_program_that_needs_processes_has_no_button_and_says_so(tab, base_url):
    tab.goto(f"{base_url}concepts/application-scenarios/")
    Bar(tab)
    links = tab.locator(".program-links", has_text="it does not run in a browser")
    assert links.count() == 1 and not links.locator(".run-bar").count()
