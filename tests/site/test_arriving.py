"""What a reader has begun to read stays where it is while the rest of the page arrives."""

import json

import pytest

from tests.site.test_frame import RESTED

PAGES = (
    "",
    "challenges/data-consistency/",
    "optimizations/consistent-hashing/",
    "reference/glossary/",
    "labs/before-and-after/",
)
WIDTHS = (390, 1280)
# What comes late, and how far things may move for it: the share of the window that moves, times how far, as
# https://web.dev/articles/cls has it, which calls a sum of 0.1 good. Lines in another face never break at all the same places.
LATE = {"player.js": 0.02, "*.woff2": 0.1}
# What a page would be without the mend: no room kept for the player, no face as wide as ours.
BROKEN = {
    "player.js": ".run>.wide{margin-bottom:0!important}",
    "*.woff2": "body{--md-text-font:Text,monospace!important}",
}
WATCH = """
window.moved = 0
new PerformanceObserver(list => { for (const each of list.getEntries()) moved += each.value })
  .observe({ type: "layout-shift", buffered: true })
const broken = new CSSStyleSheet()
broken.replaceSync(%s)
document.adoptedStyleSheets.push(broken)
"""
# All of it was read, and something shown: what comes now comes late.
SHOWN = "document.readyState !== 'loading' && performance.getEntriesByName('first-contentful-paint').length"
AFTER_MS = 300  # a frame is measured after it was shown


def settle(page):
    page.evaluate(RESTED)
    page.wait_for_timeout(AFTER_MS)


def moved(page, address, late, width, style=""):
    """How far things moved on a page whose files of this name came when all else had been shown."""
    held, shown = [], False
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(WATCH % json.dumps(style))
    page.route(f"**/{late}", lambda route: route.continue_() if shown else held.append(route))
    with page.expect_request(f"**/{late}"):
        page.goto(address, wait_until="commit")
    page.wait_for_function(SHOWN)
    settle(page)
    shown = True
    for route in held:
        route.continue_()
    page.wait_for_load_state("networkidle")
    settle(page)
    return page.evaluate("moved")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("late", "path"),
    [(late, path) for path in PAGES for late in LATE if late == "*.woff2" or path in PAGES[:2]],
)
def test_nothing_moves_when_the_rest_comes(page, base_url, late, path, width):
    assert moved(page, base_url + path, late, width) < LATE[late]


@pytest.mark.parametrize(("late", "path"), [("player.js", ""), ("*.woff2", "reference/glossary/")])
def test_what_moves_is_seen(page, base_url, late, path):
    assert moved(page, base_url + path, late, 1280, BROKEN[late]) > LATE[late]
