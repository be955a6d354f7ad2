"""What axe-core says of an open page."""

from pathlib import Path

import axe_playwright_python

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")

# The colours of code and pictures are checked in test_look.py, and axe would look at each of
# thousands of words: all pages but one are read with plain code and empty pictures, and contrast,
# the slow part, on two elements of each kind: a kind is a tag, its classes and those above it.
WIDTHS = (390, 1280)
WHOLE = "optimizations/caching/"
COLOURS = ["color-contrast", "link-in-text-block"]
PLAIN = """() => {
  for (const code of document.querySelectorAll("pre code, .highlight-ipynb pre"))
    code.textContent = code.textContent
  for (const part of document.querySelectorAll("figure.run > svg > :not(title, desc)"))
    part.remove()
}"""
TWO_OF_A_KIND = """() => {
  const seen = {}
  for (const each of document.querySelectorAll("figure.run > svg, math > *")) each.remove()
  for (const each of document.querySelectorAll(".md-container *")) {
    let kind = each.getAttribute("style") ?? ""
    for (let up = each, n = 0; up && n < 4; up = up.parentElement, n++)
      kind += ` ${up.tagName}.${up.getAttribute("class")}`
    seen[kind] = (seen[kind] ?? 0) + 1
    if (seen[kind] > 2) each.remove()
  }
}"""
RUN = """async options => {
  for (const moving of document.getAnimations()) try { moving.finish() } catch {}
  const { violations } = await axe.run(document,
    { resultTypes: ["violations"], preload: false, ...options })
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => [id, target.join(" "), failureSummary]))
}"""
ALL, FORM, COLOUR = (
    {},
    {"rules": {rule: {"enabled": False} for rule in COLOURS}},
    {"runOnly": COLOURS},
)


def wear(tab, theme):
    """Ask for the light or the dark theme, and wait until the page has it."""
    tab.emulate_media(color_scheme=theme)
    tab.wait_for_function(
        "name => document.body.dataset.mdColorScheme === name",
        arg={"light": "default", "dark": "slate"}[theme],
    )


def resize(tab, width, height=900):
    """Make the page this wide, in pixels, and let its scripts see it: three frames."""
    tab.set_viewport_size({"width": width, "height": height})
    tab.evaluate("""async () => { for (let n = 0; n < 3; n++)
      await new Promise(done => requestAnimationFrame(done)) }""")


def violations(tab, rules=ALL):
    """What axe says of the open page, a line each."""
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE)
    return [
        f"{rule} at {place}: {summary}" for rule, place, summary in tab.evaluate(RUN, rules)
    ]


def everywhere(tab, address):
    """What axe says of the open page on a phone and on a desk, in both themes. Empties the page."""
    if address != WHOLE:
        tab.evaluate(PLAIN)
    found = []
    for width in WIDTHS:
        resize(tab, width)
        found += [f"{width} px: {line}" for line in violations(tab, FORM)]
    if address != WHOLE:
        tab.evaluate(TWO_OF_A_KIND)
    for theme, widths in (("light", WIDTHS[::-1]), ("dark", WIDTHS)):
        wear(tab, theme)
        for width in widths:
            resize(tab, width)
            found += [f"{theme}, {width} px: {line}" for line in violations(tab, COLOUR)]
    return found
