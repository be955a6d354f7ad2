"""The site for those who enlarge it, print it, want no motion, use keys alone, or hear it.

Each check returns a list of sentences, empty when all is well, and each is shown a planted defect.
"""

import re
import unicodedata
from bisect import bisect

import pypdfium2
import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.site.axe import resize, wear
from tests.site.test_browser import OVERFLOW, go
from tests.site.test_look import contrast

FULL = "concepts/vector-clock/"  # player, runner, exercise, tables, formulas, folds
KINDS = (
    "",
    FULL,
    "reference/catalogue/",
    "reference/glossary/",
    "reference/numbers/",
    "labs/before-and-after/",
)
OPEN = "for (const each of document.querySelectorAll('details')) each.open = true"


@pytest.fixture
def calm(tab):
    """The tab, asked for less motion: nothing has to be waited for."""
    tab.emulate_media(reduced_motion="reduce")
    yield tab
    tab.emulate_media(reduced_motion="null")


def plant(tab, css):
    tab.add_style_tag(content=css)


# -------------------------------------------------------------------------------- enlarged
# A window of 1280 pixels at 200 % is one of 640 with twice the dots. Letters alone grow when the
# root does: the theme's sizes are all told in its em.

WINDOWS = {
    "zoomed": (640, 450, "20px"),
    "letters": (1280, 900, "40px"),  # the theme has 20
}

# Text that an ancestor cuts off where nothing can scroll, and text that lies under something else:
# the page is walked by screens, and each line of text on a screen is asked what is at its place.
UNREADABLE = """() => {
  const lines = [], bad = new Set(), frames = new Map(), range = document.createRange()
  const frame = element => {
    if (!frames.has(element)) {
      const { overflowX: x, overflowY: y } = getComputedStyle(element)
      frames.set(element, [x, y, element.getBoundingClientRect()])
    }
    return frames.get(element)
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  scrollTo(0, 0)
  while (texts.nextNode()) {
    const text = texts.currentNode, parent = text.parentElement
    if (!text.data.trim() || parent.closest("svg, math, script, style, template, .md-skip, pre > code")
      || !parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    range.selectNodeContents(text)
    const box = range.getBoundingClientRect(), said = text.data.trim().slice(0, 40)
    if (!box.width) continue
    const line = [...range.getClientRects()].find(each => each.width > 4) ?? box
    let held = false, away = false // by something that scrolls, and to be scrolled to
    for (let up = parent; up !== document.body; up = up.parentElement) {
      const [x, y, { right, bottom }] = frame(up)
      if (/auto|scroll/.test(x + y)) {
        held = true
        away ||= line.left + 4 > right
      } else if (!held && (x !== "visible" && box.right > right + 2 || y !== "visible" && box.bottom > bottom + 6))
        bad.add(`cut off: ${said}`)
    }
    if (!away && parent.closest("article, .md-header") && !parent.closest(".player")) lines.push([line.left + 2, line, parent, said])
  }
  const top = document.querySelector(".md-header").offsetHeight
  for (let at = 0; at < document.body.scrollHeight; at += innerHeight - top) {
    scrollTo({ top: at, behavior: "instant" })
    for (const [x, box, parent, said] of lines) {
      const y = box.top + box.height / 2 - (box.top > top && scrollY)
      if (y < (box.top > top && top) || y > innerHeight || x < 0 || x > innerWidth) continue
      const over = document.elementFromPoint(x, y)
      if (over && !parent.contains(over) && !over.contains(parent) && !over.closest(".player, .md-top"))
        bad.add(`${said}: covered by ${over.tagName} ${over.className}`)
    }
  }
  scrollTo({ top: 0, behavior: "instant" })
  return [...bad]
}"""


REACHED = """selectors => selectors.filter(selector => {
  const each = document.querySelector(selector), box = each?.getBoundingClientRect()
  return !box?.width || box.left < 0 || box.right > innerWidth
    || !each.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2))
}).map(selector => `cannot be pressed: ${selector}`)"""


def enlarge(tab, how):
    width, height, size = WINDOWS[how]
    tab.set_viewport_size({"width": width, "height": height})
    tab.evaluate("size => document.documentElement.style.fontSize = size", size)
    resize(tab, width, height)


def unread(tab):
    return [*tab.evaluate(OVERFLOW), *tab.evaluate(UNREADABLE)]


@pytest.mark.parametrize("address", KINDS, ids=lambda address: address or "home")
def test_at_twice_the_size_nothing_overflows_is_cut_off_or_covered(address, calm, base_url):
    go(calm, base_url, address)
    calm.evaluate(OPEN)
    problems = []
    for how in WINDOWS:
        enlarge(calm, how)
        problems += [f"{how}: {line}" for line in unread(calm)]
    assert not problems, "\n".join(problems)


def test_at_twice_the_size_search_menu_and_theme_are_at_hand(calm, base_url):
    go(calm, base_url, FULL)
    enlarge(calm, "zoomed")
    assert (
        calm.evaluate(
            REACHED, [".ask", ".md-header [for=__drawer]", ".md-header label.md-icon:not([hidden])"]
        )
        == []
    )
    calm.click(".md-header [for=__drawer]")
    assert calm.evaluate(REACHED, [".md-nav--primary a[href*=quorum]"]) == [
        "cannot be pressed: .md-nav--primary a[href*=quorum]"
    ], "a panel of another group lies over it"
    assert calm.evaluate(REACHED, [".md-nav--primary a[href*=lamport]"]) == []
    calm.keyboard.press("Escape")
    calm.click(".ask")
    calm.wait_for_selector("dialog.search[open] input")
    assert calm.evaluate(REACHED, ["dialog.search input", "dialog.search button"]) == []
    calm.keyboard.press("Escape")
    enlarge(calm, "letters")
    assert (
        calm.evaluate(REACHED, [".ask", ".md-tabs a", ".md-sidebar--primary a[href*=lamport]"])
        == []
    )


def test_what_is_too_wide_cut_off_covered_or_out_of_reach_is_found(calm, base_url):
    go(calm, base_url, "contributing/style/")
    enlarge(calm, "zoomed")
    assert unread(calm) == []
    plant(
        calm,
        """article h2{height:.5em;overflow:hidden} .ask{translate:0 -9em}
      .changed:after{content:"";position:fixed;inset:50% 0 0}""",
    )
    found = "\n".join(unread(calm))
    assert "cut off: Words" in found
    assert "covered by P changed" in found
    assert calm.evaluate(REACHED, [".ask"]) == ["cannot be pressed: .ask"]
    plant(calm, "article h2{width:60em;max-width:none}")
    assert "px wider than 640" in unread(calm)[0]


# ------------------------------------------------------------------------------------ printed
# On paper: the text of every section, programs whole and not cut at the margin, what is folded
# (answers, tests, "also asked as"), pictures, and the addresses of sources. Not: what is pressed.

PAPER = 658  # pixels of A4 between margins of 18 mm
MARGINS = dict.fromkeys(("top", "right", "bottom", "left"), "18mm")

# The text of the article by blocks, with the addresses that print adds. Formulas and Chinese are
# left out: which glyphs they get depends on the fonts of the machine. On a narrow sheet each cell of
# the map names its column, and the head goes.
BLOCKS = """() => {
  const pieces = [], texts = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT)
  let last
  const nodes = []
  while (texts.nextNode()) nodes.push(texts.currentNode)
  nodes.forEach((text, i) => {
    const parent = text.parentElement, picture = parent.closest("figure.run > svg")
    if (picture && !picture.getClientRects().length || parent.closest("title, desc, template, script, style"
      + ", .map thead, .headerlink, .md-code__nav, .run-bar, .program-links, .player, .over, .hero-search, [role=status]")) return
    if (parent.closest("math, [lang=zh]")) return last = undefined
    const block = parent.closest("p, li, dt, dd, td, th, h1, h2, h3, h4, figcaption, summary, pre, text") ?? parent
    if (block !== last) pieces.push("")
    last = block
    const link = parent.closest("[rel=external]")
    pieces[pieces.length - 1] += text.data + (link && !link.contains(nodes[i + 1]) ? link.href : "")
  })
  return pieces
}"""

# What is on no sheet, what the margin cuts off, what only a screen can use.
SHEET = """() => [...document.querySelectorAll("article *")].flatMap(each => {
  const said = () => `${each.tagName} ${each.textContent.trim().slice(0, 40)}`
  if (!each.getClientRects().length || each.closest("svg, math")) return []
  if (!each.checkVisibility()) return each.parentElement.checkVisibility() ? [`folded: ${said()}`] : []
  if (each.matches("button, input, .hero-search, .run-bar, .player")) return [`printed: ${said()}`]
  const { overflowX, overflowY } = getComputedStyle(each)
  return overflowX !== "visible" && each.scrollWidth > each.clientWidth + 1
    || overflowY !== "visible" && each.scrollHeight > each.clientHeight + 1
    || each.getBoundingClientRect().right > innerWidth + 1 ? [`cut off: ${said()}`] : []
})"""
INKS = """() => [...document.querySelectorAll("article p, article td, pre span, figure text")].map(each =>
  getComputedStyle(each)[each.matches("text") ? "fill" : "color"].match(/[0-9]+/g).slice(0, 3).map(Number))"""


def letters(text):
    """Letters and digits in a row: lines break anywhere, and a text with an outline is drawn twice."""
    text = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"(.)\1+", r"\1", text)


def stands(text, paper):
    """Whether a text is on paper, in one piece, or in two: on the next sheet other things are drawn first."""
    first = bisect(range(len(text)), 0, key=lambda end: text[: end + 1] not in paper)
    return text[first:] in paper


def printed(tab):
    """What is wrong with a page on paper."""
    tab.emulate_media(media="print")
    resize(tab, PAPER)
    problems, blocks = tab.evaluate(SHEET), tab.evaluate(BLOCKS)
    tab.emulate_media(media="null")  # or it prints the screen
    pdf = pypdfium2.PdfDocument(tab.pdf(format="A4", margin=MARGINS))
    paper = letters("".join(sheet.get_textpage().get_text_range() for sheet in pdf))
    lines = [line for block in blocks for line in block.split("\n") if letters(line)]
    assert sum(map(len, lines)) > 1000
    return problems + [
        f"lost: {line.strip()[:60]}" for line in lines if not stands(letters(line), paper)
    ]


@pytest.mark.parametrize("address", ["", FULL, "reference/papers/", "labs/before-and-after/"])
def test_nothing_of_a_page_is_lost_on_paper(address, tab, base_url):
    go(tab, base_url, address)
    problems = printed(tab)
    assert not problems, "\n".join(problems)


def faint(tab):
    """How many texts cannot be read on white."""
    inks = ("#" + bytes(ink).hex() for ink in tab.evaluate(INKS))
    return sum(contrast(ink, "#ffffff") < 4.5 for ink in inks)


def test_what_was_read_in_the_dark_is_printed_dark_on_white(calm, base_url):
    go(calm, base_url, FULL)
    wear(calm, "dark")
    assert faint(calm) > 100, "or the check sees nothing"
    calm.emulate_media(media="print")
    assert faint(calm) == 0


def test_what_is_folded_cut_off_lost_or_not_for_paper_is_found(tab, base_url):
    go(tab, base_url, "challenges/cap-theorem/")
    assert printed(tab) == []
    plant(
        tab,
        """@media print{article h2+p,[rel=external]:after{display:none}.md-typeset pre>code{white-space:pre;width:9em}
      .run-bar{display:flex!important}details::details-content{content-visibility:hidden}}""",
    )
    tab.evaluate("for (const each of document.querySelectorAll('details')) each.open = false")
    found = printed(tab)
    assert {line.split(":")[0] for line in found} == {"folded", "cut off", "lost", "printed"}
    assert any(line.startswith("lost: ") and "(20" in line for line in found), (
        "the address of a source"
    )


# --------------------------------------------------------------------------------- without motion

MOVING = """all => {
  const said = each => `${each.tagName} ${each.className}`
  const running = document.getAnimations().map(each => `runs: ${said(each.effect.target)}`)
  const ready = [...document.querySelectorAll(all ? "html, body :not(svg *, pre *, math *)" : "html")].flatMap(each => ["", ":before", ":after"].flatMap(part => {
    const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(each, part || null)
    return /[1-9]/.test(transitionDuration) || animationName !== "none" || scrollBehavior === "smooth"
      ? [`would move: ${said(each)}${part}`] : []
  }))
  return [...running, ...ready, ...glides]
}"""
SPY = """window.glides = []
for (const of of [Element.prototype, window]) for (const name of ["scrollTo", "scrollBy", "scroll"]) {
  const real = of[name]
  of[name] = function (...to) {
    if (to[0]?.behavior === "smooth") glides.push(`glides: ${this.className}`)
    return real.apply(this, to)
  }
}"""


def moving(browser, base_url, motion, script=""):
    """What moves while a reader opens, points, steps, searches and reads on."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 500}, bypass_csp=True, reduced_motion=motion
    )
    context.add_init_script(SPY + script)
    tab, found = context.new_page(), set()

    def look(everywhere=False):
        tab.evaluate("new Promise(requestAnimationFrame)")
        found.update(tab.evaluate(MOVING, everywhere))

    go(tab, base_url, FULL)
    tab.wait_for_selector(".player")
    for act in (
        lambda: tab.hover(".md-tabs a"),
        lambda: tab.click("button[aria-label='Next event']"),
        lambda: tab.click("details.asked > summary"),
        lambda: tab.evaluate("document.querySelector('#sources').scrollIntoView()"),
        lambda: tab.keyboard.press("/"),
    ):
        act()
        look()
    tab.wait_for_selector("dialog.search[open]")
    look(everywhere=True)
    tab.keyboard.press("Escape")
    resize(tab, 390)
    tab.click(".md-header [for=__drawer]")
    look(everywhere=True)
    context.close()
    return found


def test_nothing_moves_for_who_asked_for_less_motion(browser, base_url):
    assert not moving(browser, base_url, "reduce")
    glide = "addEventListener('keydown', () => document.body.scrollTo({ top: 0, behavior: 'smooth' }))"
    kinds = {line.split(":")[0] for line in moving(browser, base_url, "no-preference", glide)}
    assert kinds == {"runs", "would move", "glides"}, "or the check above sees nothing"


# ----------------------------------------------------------------------------------- by keyboard

# What the tab key should reach, in the order of the document, and how each looks before it does.
STOPS = """() => {
  const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter(each =>
    each.tabIndex >= 0 && !each.disabled && !each.closest("[inert]") && !each.matches(".md-top")
    && (each.type !== "radio" || each === (document.querySelector(`[name=${each.name}]:checked`) ?? document.getElementsByName(each.name)[0]))
    && each.checkVisibility({ visibilityProperty: true }))
  window.stops = stops
  window.face = each => [each, each.type === "radio" && each.nextElementSibling].map(one => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow, backgroundColor, borderColor } = one ? getComputedStyle(one) : {}
    return [outlineStyle !== "none" && outlineWidth !== "0px" && outlineColor, boxShadow, backgroundColor, borderColor]
  }).join("|")
  window.faces = new Map(stops.map(each => [each, face(each)]))
  window.called = each => `${each.tagName} ${(each.ariaLabel || each.textContent || each.id).trim().slice(0, 40)}`
  return stops.map(called)
}"""
# Where the focus is, and what is wrong with it.
FOCUS = """() => {
  const each = document.activeElement, bad = []
  if (each === document.body) return [-1, "", bad]
  if (each.matches(".md-top")) return [-2, "", bad] // comes and goes as the reader does
  const shown = each.type === "radio" ? each.nextElementSibling : each
  const box = [...shown.getClientRects()].find(line => line.width) ?? shown.getBoundingClientRect()
  const x = Math.min(box.left + box.width / 2, innerWidth - 2), y = Math.max(box.top, 0) + Math.min(box.height, 40) / 2
  const over = document.elementFromPoint(x, y)
  if (!over?.closest(".md-tooltip") && !shown.contains(over) && !over?.contains(shown)) bad.push(`${called(each)}: not in sight`)
  if (face(each) === faces.get(each)) bad.push(`${called(each)}: looks as before`)
  return [stops.indexOf(each), called(each), bad]
}"""


START = """first => {
  document.activeElement.blur()
  getSelection().collapse(document.body, first ? 0 : document.body.childNodes.length)
}"""


def walk(tab, key="Tab", start=True):
    """What is wrong with the stops of a whole round."""
    if start:
        tab.evaluate(START, key == "Tab")
    expected, seen, problems = tab.evaluate(STOPS), [], []
    for _ in range(len(expected) + 20):
        tab.keyboard.press(key)
        at, name, bad = tab.evaluate(FOCUS)
        if (name == "" and at == -1) or (len(seen) > 1 and at == seen[0][0]):
            break  # at the end, or round
        if at != -2:
            seen.append((at, name))
        problems += bad
    else:
        problems.append(f"no way out after {seen[-1][1]}")
    order = list(range(len(expected)))
    if key != "Tab":
        order.reverse()
    numbers = [at for at, _ in seen]
    problems += [f"never reached: {expected[at]}" for at in order if at not in numbers]
    problems += [f"reached, and not expected: {name}" for at, name in seen if at < 0]
    reached = [at for at in order if at in numbers]
    if [at for at in numbers if at >= 0] != reached:
        problems.append("not in the order of the document, or twice")
    return problems


@pytest.mark.parametrize("width", [1280, 390])
def test_the_tab_key_walks_the_whole_page_and_back(width, calm, base_url):
    calm.set_viewport_size({"width": width, "height": 900})
    go(calm, base_url, FULL)
    calm.wait_for_selector(".player")
    resize(calm, width)
    if width == 390:
        calm.wait_for_selector("button[for=__drawer]")
    problems = walk(calm)
    if width == 1280:
        problems += walk(calm, "Shift+Tab")
    assert not problems, "\n".join(problems)


def test_the_menu_of_a_phone_is_opened_walked_and_closed_by_keys(calm, base_url):
    calm.set_viewport_size({"width": 390, "height": 844})
    go(calm, base_url, FULL)
    calm.wait_for_selector("button[for=__drawer]")
    focused = "document.activeElement.ariaLabel ?? document.activeElement.innerText.trim()"
    calm.keyboard.press("Tab")
    calm.keyboard.press("Tab")
    assert calm.evaluate(focused) == "Menu"
    calm.keyboard.press("Enter")
    assert calm.evaluate(focused) == "Back from Time and order"
    for _ in range(3):  # to the last, and out
        calm.keyboard.press("Tab")
    assert walk(calm, start=False) == []
    stops = calm.evaluate(STOPS)
    assert [name.split(" ", 1)[1] for name in stops] == [
        "Back from Time and order",
        "Lamport clock",
        "Vector clock",
    ]
    calm.keyboard.press("Tab")
    calm.keyboard.press("Enter")
    assert calm.evaluate(focused) == "Time and order"
    assert calm.evaluate("document.activeElement.ariaExpanded") == "false"
    calm.keyboard.press("Space")
    assert calm.evaluate(focused) == "Back from Time and order"
    calm.keyboard.press("Escape")
    assert calm.evaluate(focused) == "Menu"
    assert calm.evaluate("document.activeElement.ariaExpanded") == "false"
    assert not calm.evaluate("document.querySelector('.md-content').inert")


def test_what_scrolls_sideways_can_be_focused(calm, base_url):
    calm.set_viewport_size({"width": 390, "height": 844})
    go(calm, base_url, "concepts/quorum/")
    calm.evaluate(OPEN)
    resize(calm, 390)
    scrolls = """() => [...document.querySelectorAll("article *")].filter(each =>
      /auto|scroll/.test(getComputedStyle(each).overflowX) && each.scrollWidth > each.clientWidth + 1)
      .map(each => [each.tagName, each.tabIndex >= 0 || !!each.querySelector("a, button, [tabindex='0']")])"""
    found = calm.evaluate(scrolls)
    assert len(found) > 3
    assert all(held for _, held in found)
    calm.evaluate(
        "for (const each of document.querySelectorAll('article [tabindex]')) each.removeAttribute('tabindex')"
    )
    assert not all(held for _, held in calm.evaluate(scrolls))


def test_a_stop_that_is_hidden_skipped_unmarked_or_a_trap_is_found(calm, base_url):
    go(calm, base_url, "contributing/style/")
    assert walk(calm) == []
    plant(
        calm,
        ".md-tabs *{outline:none!important;color:inherit} .ask{opacity:0;position:fixed!important;left:-99px}",
    )
    calm.evaluate("document.querySelector('article a').tabIndex = 5")
    found = "\n".join(walk(calm))
    for part in ("looks as before", "Search: not in sight", "not in the order"):
        assert part in found, found
    calm.evaluate("""document.addEventListener("keydown", event => event.key === "Tab"
      && document.activeElement.closest(".md-tabs") && event.preventDefault())""")
    assert any(line.startswith("no way out") for line in walk(calm))
    go(calm, base_url, "contributing/style/")
    resize(calm, 390)
    calm.wait_for_selector("button[for=__drawer]")
    calm.evaluate("for (const each of document.querySelectorAll('[inert]')) each.inert = false")
    assert "A Home: not in sight" in walk(calm), "a link of the closed menu"


# ---------------------------------------------------------------------------- by those who hear it
# A picture's name and description are there on every page: test_browser.py; here is what they say.

LAZY = re.compile(r"(an? |the )?(figure|picture|image|chart|plot|diagram|graph)s? (of|show)", re.I)
SMALL = {"and", "the", "for", "with", "from", "that", "not", "are", "who"}


def words(text):
    """Names and numbers of a text."""
    return {word.strip(".,") for word in re.findall(r"\w[\w.,]*", text.casefold())} - SMALL


def unsaid(page):
    """What is wrong with the descriptions of a page's pictures, and each without the words of its name."""
    problems, said = [], []
    for figure in LexborHTMLParser(page).css("figure.run"):
        svg, key = figure.css_first("svg.wide"), figure.css(".key")
        name, description = (svg.css_first(tag).text() for tag in ("title", "desc"))
        seen = words(" ".join(each.text() for each in [*svg.css("text"), *key]))
        tells = {word for word in words(description) & seen if len(word) > 2 or word.isdigit()}
        if len(description.split()) < 10 or LAZY.match(description) or len(tells) < 2:
            problems.append(f"{figure.id}: {description!r} says nothing that stands in the picture")
        said.append((figure.id, " ".join(sorted(words(description) - words(name)))))
    return problems, said


def test_a_description_says_what_stands_in_its_picture_and_no_two_say_the_same(site):
    problems, owner = [], {}
    for path in sorted(site.rglob("index.html")):
        bad, said = unsaid(path.read_text("utf-8"))
        problems += bad
        for slug, text in said:  # the home page shows another page's
            if owner.setdefault(text, slug) != slug:
                problems.append(f"{slug}: says the same as {owner[text]}")
    assert len(owner) > 60
    assert not problems, "\n".join(problems)


FIGURE = """<figure class="run" id="{}"><svg class="wide"><title>With {}</title><desc>{}</desc>
<text>failed, %</text><text>1,000</text><text>second</text></svg></figure>"""
TELLS = "Requests that failed in each second; with {} the worst has 1,000 of them, late in the run."


@pytest.mark.parametrize(
    "description",
    ["Failed in each second.", "A figure of what failed in each second of this long run, up to 1,000.",
     "Two curves rise, then fall again; one of them is far above the other."],
)  # fmt: skip
def test_a_description_that_tells_nothing_is_found(description):
    assert len(unsaid(FIGURE.format("a", "sharding", description))[0]) == 1


def test_descriptions_that_differ_in_the_name_alone_are_the_same():
    page = "".join(
        FIGURE.format(name, name, TELLS.format(name)) for name in ("sharding", "caching")
    )
    problems, [one, other] = unsaid(page)
    assert not problems
    assert one[1] == other[1]
