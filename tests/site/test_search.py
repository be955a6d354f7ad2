"""What people type finds the page: every alias, in the real search field of the built site."""

import re

import pytest
from bs4 import BeautifulSoup

from tools.pages import survey

PAGES = [page for page in survey()[0] if page.aliases]
SHOWN = 10  # the articles that the theme lists before the reader scrolls
SMALL = re.compile(r"\b(an?|and|as|by|does|for|how|in|is|it|of|on|or|the|to|what|when)\b ?", re.I)
FIRST, FIRST_THREE = 0.9, 0.97
FIELD = "[data-md-component=search-query]"

ASK = """() => {
  const meta = document.querySelector(".md-search-result__meta")
  meta.textContent = "waiting"
  window.answered = new Promise(done => new MutationObserver((_, watch) => {
    watch.disconnect()
    done([...document.querySelectorAll(".md-search-result__item")].map(item =>
      [...item.querySelectorAll("a")].map(link => link.pathname + link.hash)))
  }).observe(meta, { childList: true }))
}"""


class Search:
    """The search of one open tab. Answers are kept: the theme ignores a repeated query."""

    def __init__(self, tab, base):
        self.tab, self.base, self.answers = tab, base, {}
        tab.goto(base)
        tab.keyboard.press("/")
        assert tab.evaluate(f"document.activeElement === document.querySelector('{FIELD}')")

    def links(self, query: str) -> list[list[str]]:
        """For each article listed, best first, its address and those of its sections."""
        if query not in self.answers:
            self.tab.evaluate(ASK)
            self.tab.fill(FIELD, query)
            self.tab.keyboard.press("End")
            prefix = "/" + self.base.split("/", 3)[3]
            self.answers[query] = [
                [link.removeprefix(prefix) for link in article]
                for article in self.tab.evaluate("window.answered")[:SHOWN]
            ]
        return self.answers[query]

    def rank(self, query: str, page_id: str) -> int | None:
        """1 for the first article of the answer; None for a page that is not shown."""
        found = [links[0].split("#")[0].strip("/") for links in self.links(query)]
        return found.index(page_id) + 1 if page_id in found else None


@pytest.fixture(scope="module")
def search(shared, base_url):
    return Search(shared[0], base_url)


def unfound(search, page_id, queries):
    """The queries whose answer does not show the page, with what it shows."""
    return [
        f"{query!r} lists {[links[0] for links in search.links(query)] or 'nothing'}"
        for query in queries
        if search.rank(query, page_id) is None
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.id)
def test_every_alias_finds_its_page(page, search):
    assert not unfound(search, page.id, page.aliases), f"{page.path}: aliases"


def test_the_page_of_an_alias_is_mostly_first(search, capsys):
    ranks = [search.rank(alias, page.id) for page in PAGES for alias in page.aliases]
    first = sum(rank == 1 for rank in ranks) / len(ranks)
    three = sum(rank is not None and rank <= 3 for rank in ranks) / len(ranks)
    with capsys.disabled():
        print(f"\n{len(ranks)} aliases: {first:.0%} first, {three:.0%} among the first three")
    assert first >= FIRST
    assert three >= FIRST_THREE


def test_an_alias_that_nobody_wrote_is_not_found(search):
    """The check can fail: on a word that no page has, and on the word of another page."""
    assert search.links("zyzzyvaquux") == []
    for query in ("zyzzyvaquux", "ALOHAnet", "向量时钟"):
        assert len(unfound(search, "optimizations/caching", [query])) == 1
    assert not unfound(search, "concepts/history", ["ALOHAnet", "向量时钟"])


def own_headings(site):
    """Headings that exactly one page has, with the page and the anchor."""
    found = {}
    for page in PAGES:
        soup = BeautifulSoup((site / page.id / "index.html").read_text("utf-8"), "html.parser")
        for heading in soup.select("article h2[id], article h3[id]"):
            words = re.sub(r"\s+", " ", heading.get_text().removesuffix("¶")).strip()
            found.setdefault(words, []).append((page.id, heading["id"]))
    return {words: places[0] for words, places in found.items() if len(places) == 1}


def test_a_section_is_found_by_the_words_of_its_heading(site, search):
    headings = own_headings(site)
    assert len(headings) > 20
    missing = {}
    for words, (page_id, anchor) in headings.items():
        typed = SMALL.sub("", words)
        if not any(f"{page_id}/#{anchor}" in article for article in search.links(typed)):
            missing[typed] = f"{page_id}/#{anchor}"
    assert not missing


def test_a_query_may_run_latin_and_chinese_together(search):
    assert search.rank("CAP定理", "challenges/data-consistency")
    assert search.rank("缓存，缓存击穿", "optimizations/caching")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_field_of_the_home_page_opens_the_search(page, base_url, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(base_url)
    page.click(".hero-search")
    assert page.is_checked("#__search")
    assert page.evaluate(f"document.activeElement === document.querySelector('{FIELD}')")
    page.keyboard.type("cache stampede")
    first = page.locator(".md-search-result__item a").first
    first.wait_for()
    page.evaluate("window.kept = true")
    page.locator(".md-search-result__item a[href*='optimizations/caching/']").first.click()
    page.wait_for_url("**/project/optimizations/caching/**")
    page.locator(".md-content h1", has_text="Caching").wait_for()
    assert page.evaluate("window.kept"), "the page was loaded anew instead of exchanged"
    assert not page.is_checked("#__search")
    # And once more, after coming back without a reload.
    page.locator(
        ".md-header a.md-logo, .md-nav--primary > .md-nav__title a.md-logo"
    ).first.evaluate("link => link.click()")
    page.locator(".hero-search").press("Enter")
    assert page.evaluate(f"document.activeElement === document.querySelector('{FIELD}')")
    assert page.evaluate("window.kept")


def test_a_word_that_comes_without_a_key_is_searched_for(page, base_url):
    """Pasted by mouse, dictated, or chosen in the list of an input method."""
    page.goto(base_url)
    page.keyboard.press("/")
    page.locator(".md-search-result__meta", has_text="Type to start").wait_for()
    page.keyboard.insert_text("缓存击穿")
    page.locator(".md-search-result__item a[href*='optimizations/caching/']").first.wait_for()


def test_the_first_result_opens_with_enter(page, base_url):
    page.goto(base_url)
    page.keyboard.press("/")
    page.keyboard.type("cache stampede")
    page.locator(".md-search-result__item").first.wait_for()
    first = page.locator(".md-search-result__item a").first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(first.split("?")[0] + "**")
