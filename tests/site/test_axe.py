"""axe-core finds no serious violation on any page, in either theme."""

from pathlib import Path

import axe_playwright_python
import pytest

from tests.site.test_browser import ADDRESSES, go, name

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
GRAVE = ("serious", "critical")

# The colours of code and pictures are checked in test_look.py, and axe would look at each of
# thousands of words: all pages but one are read with plain code and empty pictures, and contrast,
# the slow part, without pictures and formulas, on the first rows of each list.
WHOLE = "optimizations/caching/"
COLOURS = ["color-contrast", "link-in-text-block"]
PLAIN = """() => {
  for (const code of document.querySelectorAll("pre code, .highlight-ipynb pre"))
    code.textContent = code.textContent
  for (const part of document.querySelectorAll("figure.run > svg > :not(title, desc)"))
    part.remove()
}"""
SHORT = """() => {
  for (const each of document.querySelectorAll(
    "figure.run > svg, math > *, article :is(tr, li):nth-child(n+7)")) each.remove()
}"""
RUN = """async options => {
  for (const moving of document.getAnimations()) try { moving.finish() } catch {}
  const { violations } = await axe.run(document,
    { resultTypes: ["violations"], preload: false, ...options })
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, failureSummary }) => [id, impact, target.join(" "), failureSummary]))
}"""
ALL, FORM, COLOUR = (
    {},
    {"rules": {rule: {"enabled": False} for rule in COLOURS}},
    {"runOnly": COLOURS},
)


def violations(tab, rules=ALL):
    """What axe says of the open page, a line each, if it is serious or critical."""
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE)
    return [
        f"{rule} at {place}: {summary}"
        for rule, impact, place, summary in tab.evaluate(RUN, rules)
        if impact in GRAVE
    ]


@pytest.mark.parametrize("address", ADDRESSES, ids=name)
def test_a_page_can_be_used_by_everyone(address, tab, base_url):
    go(tab, base_url, address)
    tab.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    if address != WHOLE:
        tab.evaluate(PLAIN)
    problems = violations(tab, FORM)
    if address != WHOLE:
        tab.evaluate(SHORT)
    for theme, scheme in (("light", "default"), ("dark", "slate")):
        tab.emulate_media(color_scheme=theme)
        tab.wait_for_function("name => document.body.dataset.mdColorScheme === name", arg=scheme)
        problems += [f"{theme}: {problem}" for problem in violations(tab, COLOUR)]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("address", ["", "optimizations/data-sharding/"], ids=name)
def test_a_page_on_a_phone_can_be_used_by_everyone(address, tab, base_url):
    tab.set_viewport_size({"width": 390, "height": 844})
    go(tab, base_url, address)
    tab.evaluate(PLAIN)
    assert not violations(tab)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_open_search_can_be_used_by_everyone(width, tab, base_url):
    tab.set_viewport_size({"width": width, "height": 844})
    go(tab, base_url)
    tab.keyboard.press("/")
    problems = []
    for query in ("consistant hashing", "cnsnss", ""):
        tab.wait_for_function("document.querySelector('dialog.search[open]')?.dataset.ready")
        tab.fill("dialog.search input", query)
        tab.wait_for_function(
            "document.querySelector('dialog.search [role=listbox]').ariaBusy !== 'true'"
        )
        for theme, scheme in (("light", "default"), ("dark", "slate")):
            tab.emulate_media(color_scheme=theme)
            tab.wait_for_function(
                "name => document.body.dataset.mdColorScheme === name", arg=scheme
            )
            problems += [f"{theme}: {query}: {line}" for line in violations(tab)]
    assert not problems, "\n".join(problems)


def test_axe_finds_what_is_planted(tab, base_url):
    go(tab, base_url, "contributing/style/")
    assert not violations(tab)
    tab.evaluate("""() => document.querySelector("article").insertAdjacentHTML("beforeend",
      `<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="9" height="9">
       <p style="color:#ccc;background:#fff">hardly to be read</p><button></button>
       <div role="dialog"><p>without a name</p></div>`)""")
    found = {line.split(" at ")[0] for line in violations(tab)}
    assert found == {"image-alt", "color-contrast", "button-name", "aria-dialog-name"}
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_function("document.body.dataset.mdColorScheme === 'slate'")
    assert len(violations(tab, COLOUR)) == 1
    tab.add_style_tag(content="article{--ink:#2b2f33}article p{color:var(--ink)}")
    assert len(violations(tab, COLOUR)) > 1
