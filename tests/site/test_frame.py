"""What docs/assets/page.js and move.js do: the frame follows the reader, and pages change without loading."""

import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.site.test_browser import go
from tools.publish.sheets import NEVER

PAGE = "concepts/vector-clock/"
ACTIVE = "[...document.querySelectorAll('.md-sidebar--secondary .md-nav__link--active')].map(each => each.textContent.trim())"
ANY = re.compile(r"[+~] ?\*")  # chooses by what stands before, whatever the kind
RESTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture
def reader(tab, base_url):
    """A tab on a page, which remembers that it was not loaded anew."""
    tab.set_viewport_size({"width": 1280, "height": 900})
    go(tab, base_url, PAGE)
    tab.evaluate("window.kept = true")
    return tab


def scroll(tab, to):
    tab.evaluate("y => scrollTo({ top: y, behavior: 'instant' })", to)
    tab.evaluate(RESTED)


def follow(tab, address):
    """Click a link of the page."""
    tab.evaluate("address => document.querySelector(`article a[href*='${address}']`).click()", address)
    tab.wait_for_url(f"**/{address}/**")
    tab.wait_for_function("address => document.querySelector('link[rel=canonical]').href.includes(address)", arg=address)


def test_the_list_of_contents_follows(reader):
    headings = reader.evaluate("[...document.querySelectorAll('article h2')].map(each => each.firstChild.textContent)")
    assert len(headings) > 5
    assert reader.evaluate(ACTIVE) == []
    for number, heading in enumerate(headings[:-2]):
        reader.evaluate("n => document.querySelectorAll('article h2')[n].scrollIntoView()", number)
        reader.evaluate(RESTED)
        assert reader.evaluate(ACTIVE) == [heading]
    scroll(reader, 10**6)
    assert reader.evaluate(ACTIVE) == headings[-1:]


def test_a_broken_escape_in_the_address_names_nothing(tab, base_url):
    go(tab, base_url, f"{PAGE}#100%")
    tab.evaluate("document.querySelectorAll('article h2')[1].scrollIntoView()")
    tab.evaluate(RESTED)
    assert len(tab.evaluate(ACTIVE)) == 1


def test_the_header_names_the_page_and_the_way_up_shows_while_going_up(reader):
    title, way = reader.locator(".md-header__title"), reader.locator(".md-top")
    active = re.compile("md-header__title--active")
    assert not active.search(title.get_attribute("class"))
    scroll(reader, 2000)
    assert active.search(title.get_attribute("class"))
    assert not way.is_visible()
    scroll(reader, 1900)
    way.click()
    reader.wait_for_function("scrollY === 0")
    assert not way.is_visible()


def test_scripts_do_not_have_the_whole_page_styled_again(site):
    """What a browser computes anew for an element that a script adds, it computes for few others."""
    (sheet,) = site.glob("assets/ours.*.css")
    assert ANY.findall(sheet.read_text("utf-8")) == []
    assert ANY.search(next(iter(NEVER)))
    for path in site.rglob("*.html"):
        tree = LexborHTMLParser(path.read_text("utf-8"))
        assert "class" not in tree.root.attributes, f"{path}: a script would change it"
        bare = tree.css("article table:not([class], .md-typeset__scrollwrap > .md-typeset__table > *)")
        assert not bare, f"{path}: {bare[0].html[:80]}"


def test_back_leads_to_where_the_reader_was(reader):
    scroll(reader, 1500)
    follow(reader, "lamport-clock")
    assert reader.evaluate("scrollY") == 0
    assert reader.evaluate("document.activeElement.tagName") == "H1"
    assert "Lamport clock" in reader.title()
    assert reader.locator(".md-header__topic").nth(1).text_content().strip() == "Lamport clock"
    reader.go_back()
    reader.wait_for_function("scrollY === 1500")
    assert "Vector clock" in reader.title()
    reader.wait_for_timeout(200)  # the place is kept when the reader rests
    reader.evaluate("location.hash = 'sources'")
    reader.wait_for_function("scrollY > 4000")
    reader.go_back()
    reader.wait_for_function("scrollY === 1500")
    assert reader.evaluate("kept"), "a page was loaded anew"


def test_the_next_page_comes_by_a_key_and_not_while_typing(reader):
    reader.keyboard.press("/")
    reader.wait_for_selector("dialog.search[open] input")
    reader.keyboard.press("n")
    for _ in range(2):  # one for what was typed, one for the dialog
        reader.keyboard.press("Escape")
    reader.wait_for_selector("dialog.search[open]", state="detached")
    reader.wait_for_function("!document.activeElement.closest('dialog')")  # a frame after it is closed
    assert f"/{PAGE}" in reader.url
    reader.keyboard.press("n")
    reader.wait_for_url("**/concepts/quorum/")
    assert reader.evaluate("kept")


def test_a_page_of_a_newer_site_or_none_at_all_is_loaded_by_the_browser(reader):
    newer = re.compile(r"/concepts/lamport-clock/$")

    def answer(route):
        real = route.fetch()
        route.fulfill(response=real, body=re.sub(r"ours\.\w+\.js", "ours.newer.js", real.text()))

    reader.route(newer, answer, times=1)
    follow(reader, "lamport-clock")
    reader.wait_for_function("window.kept === undefined && document.readyState === 'complete'")
    reader.evaluate("window.kept = true")
    reader.evaluate("document.querySelector('article a[href*=vector-clock]').href = 'nowhere/'")
    reader.route("**/nowhere/", lambda route: route.fulfill(status=200, content_type="text/html", body="<p>other</p>"))
    reader.evaluate("document.querySelector('article a[href*=nowhere]').click()")
    reader.wait_for_function("document.body.textContent === 'other'")
    assert reader.evaluate("window.kept") is None


def test_a_fold_opens_for_an_address_in_it(reader):
    inside = "document.querySelector('details.asked li')"
    reader.evaluate(f"{inside}.id = 'inside'; document.querySelector('details.asked').open = false")
    assert not reader.locator("#inside").is_visible()
    reader.evaluate("location.hash = 'inside'")
    reader.locator("#inside").wait_for(state="visible")


def test_a_short_word_is_explained_by_pointer_and_by_key(reader):
    words = reader.locator("article abbr[tabindex]")
    said = words.first.get_attribute("title")
    assert len(said) > 10
    met = reader.evaluate("[...document.querySelectorAll('article abbr[tabindex]')].map(each => each.textContent)")
    assert len(met) == len(set(met)) > 1
    note = reader.locator("[role=tooltip]")
    words.first.hover()
    assert note.text_content() == said
    assert words.first.get_attribute("title") is None, "or there are two"
    assert words.first.get_attribute("aria-describedby") == note.get_attribute("id")
    reader.mouse.move(1, 1)
    assert note.count() == 0
    assert words.first.get_attribute("title") == said
    words.first.focus()
    assert note.text_content() == said
    box = note.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    reader.keyboard.press("Escape")
    assert note.count() == 0
