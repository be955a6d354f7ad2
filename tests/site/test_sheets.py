"""What was left out of the joined style sheet is missed by no element, in a real Chromium."""

from pathlib import Path

import material
import pytest

from tests.site.test_browser import go
from tools.programs import ROOT
from tools.publish.lean import STYLES

THEME = Path(material.__file__).parent / "templates"
# A hash of all computed properties of each element and of what stands before and after it.
LOOKS = """() => {
  for (const moving of document.getAnimations()) try { moving.finish() } catch {}
  const hash = text => { let h = 0; for (let i = 0; i < text.length; i++) h = h * 31 + text.charCodeAt(i) | 0; return h }
  const names = [...getComputedStyle(document.body)].filter(name => !name.startsWith("--"))
  return [...document.querySelectorAll("body *:not(code *, svg *)")].flatMap(element =>
    [null, "::before", "::after"].flatMap(part => {
      const style = getComputedStyle(element, part)
      if (part && style.content === "none") return []
      return [[element.tagName + "." + element.className + (part ?? ""), hash(names.map(name => style[name]).join(";"))]]
    }))
}"""


@pytest.fixture(scope="module")
def whole():
    """All sheets as they are, nothing left out."""
    found = [path for name in STYLES for root in (THEME, ROOT / "docs") for path in sorted(root.glob(name))]
    assert len(found) == len(STYLES)
    return "".join(path.read_text("utf-8") for path in found)


def looks(tab, base_url, address, sheet=None):
    """How every element of a page looks, with the sheet that the site has or with another one."""
    if sheet is not None:
        tab.route("**/assets/ours.*.css", lambda route: route.fulfill(body=sheet, content_type="text/css"))
    tab.mouse.move(0, 0)  # off what looks otherwise under it
    go(tab, base_url, address)
    tab.wait_for_function("innerWidth > 1000 || document.querySelector('button[for=__drawer]')")  # menu.js
    tab.evaluate("document.fonts.ready")
    found = tab.evaluate(LOOKS)
    tab.unroute_all()
    return found


def different(one, other):
    assert len(one) == len(other) > 100
    return sorted({before[0] for before, after in zip(one, other, strict=True) if before != after})


@pytest.mark.parametrize(
    ("address", "width"), [("", 390), ("concepts/quorum/", 1280), ("labs/before-and-after/", 390)]
)
def test_every_element_looks_as_with_the_whole_sheets(address, width, tab, base_url, whole):
    tab.set_viewport_size({"width": width, "height": 900})
    assert different(looks(tab, base_url, address), looks(tab, base_url, address, whole)) == []


def test_a_rule_too_few_is_noticed(tab, base_url, whole):
    rule = ".md-footer-meta__inner{"
    assert rule in whole
    missing = whole.replace(rule, ".gone{")
    assert different(looks(tab, base_url, "", missing), looks(tab, base_url, "", whole)) != []
