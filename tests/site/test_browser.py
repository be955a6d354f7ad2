"""The built site in a real Chromium: widths, themes, copies, keys; and each check can fail."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.site import axe
from tools.pages import DOCS, survey
from tools.programs import SNIPPETS, name_of, outputs, read, sections, standalone, uses_simnet

WIDTHS = (390, 768, 1280, 1600)
PROGRAMS = [page for page in survey()[0] if page.program]
WHOLE = "details.whole .program"


def addresses():
    """The address of every page, from the sources, below the site's own."""
    found = {"404.html"}
    for path in [*DOCS.rglob("*.md"), *DOCS.glob("labs/*.py")]:
        name = path.relative_to(DOCS)
        if name.parts[0] != "_generated":
            found.add("".join(f"{part}/" for part in name.with_suffix("").parts if part != "index"))
    return sorted(found)


ADDRESSES = addresses()


def name(address):
    return address or "home"


def go(tab, base_url, address=""):
    """Open a page, and wait until the buttons are in it."""
    tab.goto(base_url + address)
    tab.wait_for_function(
        "!document.querySelector('.highlight code') || document.querySelector('.md-code__button')"
    )


def test_no_page_is_forgotten(site):
    built = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert built == {address if "." in address else address + "index.html" for address in ADDRESSES}


# ------------------------------------------------------------------- what every page must keep
# Each check returns a list of sentences, empty when all is well.

OVERFLOW = """() => {
  for (const moving of document.getAnimations()) try { moving.finish() } catch {}
  const wide = document.documentElement.scrollWidth - innerWidth
  if (wide <= 0) return []
  const held = element => {
    for (let up = element.parentElement; up && up !== document.body; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible") return true
  }
  const out = [...document.querySelectorAll("body *")]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !held(e)).slice(0, 3)
    .map(e => `${e.tagName.toLowerCase()}.${e.getAttribute("class") ?? ""}#${e.id}`)
  return [`${wide} px wider than ${innerWidth}: ${out.join(", ")}`]
}"""

FIGURES = """() => [...document.querySelectorAll("figure.run")].flatMap(figure => {
  const pictures = [...figure.querySelectorAll(":is(.st, .chart):is(.wide, .tall)")]
  const bad = pictures.filter(svg => {
    const names = (svg.getAttribute("aria-labelledby") ?? "").split(" ")
      .map(id => svg.querySelector(`#${CSS.escape(id)}`))
    return svg.getAttribute("role") !== "img" || names.length < 2
      || !["title", "desc"].every(tag =>
        names.some(part => part?.tagName === tag && part.textContent.trim()))
  })
  const seen = pictures.filter(svg => svg.getClientRects().length)
  return [
    ...bad.map(svg => `${figure.id}: a picture without role=img, title and desc`),
    ...seen.length === 1 ? [] : [`${figure.id}: ${seen.length} pictures shown at ${innerWidth}`],
  ]
})"""

TWICE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map(element => element.id)
  return [...new Set(ids.filter((id, i) => ids.indexOf(id) < i))].map(id => `id twice: ${id}`)
}"""

SHOWN = """selectors => selectors.filter(selector =>
  [...document.querySelectorAll(selector)].some(element => element.getClientRects().length))"""

FRAME = [".md-header", ".md-tabs", ".md-sidebar", ".md-footer", ".md-code__button", ".headerlink"]


def in_print(tab):
    """What a printed page must not show."""
    tab.emulate_media(media="print")
    shown = [f"printed: {selector}" for selector in tab.evaluate(SHOWN, FRAME)]
    if not tab.evaluate(SHOWN, [".md-content h1"]):
        shown.append("not printed: the heading")
    tab.emulate_media(media="screen")
    return shown


@pytest.mark.parametrize("address", ADDRESSES, ids=name)
def test_a_page(address, tab, base_url):
    """No overflow at any width, named pictures, ids once, a clean print, no finding of axe."""
    go(tab, base_url, address)
    tab.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    problems = [*tab.evaluate(TWICE), *in_print(tab)]
    for theme, widths in (("light", WIDTHS), ("dark", axe.WIDTHS)):
        axe.wear(tab, theme)
        for width in widths:
            axe.resize(tab, width)
            problems += [f"{theme}: {problem}" for problem in tab.evaluate(OVERFLOW)]
            if theme == "light":
                problems += tab.evaluate(FIGURES)
    problems += axe.everywhere(tab, address)
    assert not problems, "\n".join(problems)


def test_the_checks_of_a_page_can_fail(tab, base_url):
    go(tab, base_url, "optimizations/caching/")
    assert [*tab.evaluate(OVERFLOW), *tab.evaluate(FIGURES), *tab.evaluate(TWICE)] == []
    tab.evaluate("""() => {
      const wide = document.createElement("div")
      wide.id = "planted"
      wide.style.width = "3000px"
      wide.append("wide")
      document.querySelector("article").prepend(wide, wide.cloneNode(true))
    }""")
    assert "div.#planted" in tab.evaluate(OVERFLOW)[0]
    assert tab.evaluate(TWICE) == ["id twice: planted"]
    for spoil in (
        "svg.removeAttribute('role')",
        "svg.querySelector('title').remove()",
        "svg.querySelector('desc').textContent = ' '",
        "svg.style.display = 'none'",
        "svg.after(svg.cloneNode(true))",
    ):
        go(tab, base_url, "optimizations/caching/")
        tab.evaluate(f"() => {{ const svg = document.querySelector('figure.run > svg'); {spoil} }}")
        assert len(tab.evaluate(FIGURES)) >= 1, spoil
    assert in_print(tab) == []
    tab.add_style_tag(content=".md-header{display:block!important}.md-content h1{display:none}")
    assert in_print(tab) == ["printed: .md-header", "not printed: the heading"]


def test_a_script_error_and_a_foreign_request_are_noticed(shared, base_url):
    tab, problems = shared
    go(tab, base_url)
    problems.clear()
    tab.evaluate("setTimeout(() => { throw new Error('planted') })")
    tab.evaluate("fetch('http://localhost:9/planted').catch(() => 0)")
    tab.evaluate("fetch('planted.json').then(answer => answer.text())")
    tab.wait_for_timeout(100)
    said = "\n".join(problems)
    problems.clear()
    assert "script error: planted" in said
    assert "another host: http://localhost:9/planted" in said
    assert "404" in said


# --------------------------------------------------------------------------- copy and download


def clipboard(tab, block):
    """What the copy button of a block puts into the clipboard."""
    tab.evaluate("navigator.clipboard.writeText('nothing was copied')")
    block.scroll_into_view_if_needed()
    block.hover()
    block.locator(".md-code__button").click()
    for _ in range(100):  # the button fetches first; wait for what it writes
        if (text := tab.evaluate("navigator.clipboard.readText()")) != "nothing was copied":
            return text
        tab.wait_for_timeout(100)
    return text


def downloaded(tab, block_number=0):
    """Name and bytes that the link below a whole program saves, by a click."""
    link = tab.locator("a[download][href*='downloads/']").nth(block_number)
    with tab.expect_download() as event:
        link.click()
    return event.value.suggested_filename, Path(event.value.path()).read_bytes()


def open_program(tab, number=0):
    """Open the fold of a whole program with the keyboard; return its block."""
    summary = tab.locator("details.whole > summary").nth(number)
    summary.focus()
    tab.keyboard.press("Enter")
    block = tab.locator(WHOLE).nth(number)
    block.wait_for(state="visible")
    return block


def run_alone(text, folder):
    """What a copied text prints, run by itself in an empty folder."""
    folder.mkdir()
    (folder / "copied.py").write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "copied.py"],
        cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=60,
    )  # fmt: skip
    return done.stdout if done.returncode == 0 else done.stderr


@pytest.mark.parametrize("entry", PROGRAMS, ids=lambda entry: entry.id)
def test_copy_and_download_of_a_whole_program_give_the_file_that_runs_alone(
    entry, tab, base_url, site
):
    go(tab, base_url, f"{entry.id}/")
    assert tab.locator(WHOLE).count() >= len(entry.programs)
    for number, program in enumerate(entry.programs):
        served = (site / "downloads" / f"{program}.py").read_bytes()
        assert served.decode() == standalone(SNIPPETS / f"{program}.py")
        block = open_program(tab, number)
        assert clipboard(tab, block) == served.decode()
        block.locator("[role=status]", has_text="Copied").wait_for()
        assert downloaded(tab, number) == (f"{program.split('/')[1]}.py", served)


def representative(simnet):
    """A page whose program has, or has not, the simulator inside."""
    return next(page for page in PROGRAMS if uses_simnet(SNIPPETS / f"{page.program}.py") == simnet)


@pytest.mark.parametrize("simnet", [True, False], ids=["simulator inside", "standard library"])
def test_what_was_copied_runs_alone_after_coming_from_another_page(simnet, tab, base_url, tmp_path):
    """The page is reached by a click, which exchanges its content without loading it anew."""
    entry = representative(simnet)
    go(tab, base_url, "challenges/map/")
    tab.evaluate("window.kept = true")
    tab.evaluate(
        """address => {
          const link = document.createElement("a")
          link.href = address
          document.querySelector("article").append(link)
          link.click()
        }""",
        base_url + f"{entry.id}/",
    )
    tab.wait_for_url(f"**/{entry.id}/")
    tab.locator(f"{WHOLE} .md-code__button").first.wait_for(state="attached")
    text = clipboard(tab, open_program(tab))
    assert tab.evaluate("window.kept"), "the page was loaded anew instead of exchanged"
    path = SNIPPETS / f"{entry.program}.py"
    assert run_alone(text, tmp_path / "empty").splitlines() == outputs(read(path)), name_of(path)


def test_what_the_page_shows_would_not_run_alone(page, base_url, tmp_path):
    """The check of copies can fail: the button gives more than the page shows."""
    entry = representative(True)
    go(page, base_url, f"{entry.id}/")
    open_program(page)
    text = page.locator(f"{WHOLE} code").first.inner_text()
    assert text.rstrip() != standalone(SNIPPETS / f"{entry.program}.py").rstrip()
    assert "No module named 'snippets'" in run_alone(text, tmp_path / "empty")


def test_a_failed_copy_says_so(page, base_url):
    entry = representative(True)
    go(page, base_url, f"{entry.id}/")
    block = open_program(page)
    page.evaluate("() => { navigator.clipboard.write = () => Promise.reject(new Error('no')) }")
    block.hover()
    block.locator(".md-code__button").click()
    page.locator("[role=status]", has_text="Could not copy").wait_for()


@pytest.mark.parametrize("entry", [representative(True), representative(False)], ids=lambda e: e.id)
def test_the_copy_button_of_a_part_copies_what_it_shows(entry, tab, base_url):
    go(tab, base_url, f"{entry.id}/")
    block = tab.locator(".highlight:not(.program):has(.md-code__button)").first
    text = clipboard(tab, block)
    assert text == block.locator("code").inner_text().rstrip()
    parts = sections(SNIPPETS / f"{entry.program}.py").values()
    assert text in [part.rstrip() for part in parts], "the first block is no part of the program"


# ------------------------------------------------------------------------------ keys and themes


def test_the_whole_program_opens_and_closes_with_enter(tab, base_url):
    go(tab, base_url, "concepts/components/")
    assert not tab.locator(WHOLE).first.is_visible()
    open_program(tab)
    tab.keyboard.press("Enter")
    tab.locator(WHOLE).first.wait_for(state="hidden")


def test_the_way_into_the_text_is_the_first_stop_of_the_tab_key(tab, base_url):
    go(tab, base_url, "concepts/components/")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.matches('.md-skip')")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/concepts/components/#*")


LOOK = """() => {
  const { mdColorMedia: media, mdColorScheme: scheme } = document.body.dataset
  const picture = [...document.querySelectorAll("figure.run > svg")].find(svg =>
    svg.getClientRects().length)
  const colour = (element, name) => getComputedStyle(element)[name]
  return [media, scheme, colour(picture.querySelector("text"), "fill"),
    colour(document.body, "backgroundColor"), colour(document.querySelector("article p"), "color")]
}"""


def test_the_theme_goes_round_and_the_pictures_follow(page, base_url):
    go(page, base_url, "optimizations/caching/")
    rounds = [page.evaluate(LOOK)]
    for _ in range(3):
        page.locator("[data-md-component=palette] label:visible").click()
        page.wait_for_function(
            "old => document.body.dataset.mdColorMedia !== old", arg=rounds[-1][0]
        )
        rounds.append(page.evaluate(LOOK))
    auto, light, dark, again = rounds
    assert [look[:2] for look in rounds] == [
        ["(prefers-color-scheme)", "default"],
        ["(prefers-color-scheme: light)", "default"],
        ["(prefers-color-scheme: dark)", "slate"],
        ["(prefers-color-scheme)", "default"],
    ]
    assert again == auto
    assert light[2:] == auto[2:]
    assert all(one != other for one, other in zip(light[2:], dark[2:], strict=True))
    # Automatic follows the system, at once.
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.body.dataset.mdColorScheme === 'slate'")
    assert page.evaluate(LOOK)[2:] == dark[2:]
    page.emulate_media(color_scheme="light")
    # A choice is kept.
    for _ in range(2):
        page.locator("[data-md-component=palette] label:visible").click()
    page.wait_for_function("document.body.dataset.mdColorScheme === 'slate'")
    go(page, base_url, "concepts/history/")
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"
