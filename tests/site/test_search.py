"""The search of the built site, in a real Chromium: what it finds, how it is used, how it fails."""

import gzip
import json
import re
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.site.conftest import opened
from tests.site.test_browser import ADDRESSES
from tools.pages import survey

QUERIES = Path(__file__).with_name("queries.tsv")
PAGES = [page for page in survey()[0] if page.aliases]
# The goal, and for "tuned" what is reached, less one query: see decision 0006. The ranking and the
# phrases of the pages were chosen with "tuned" in sight; nobody who chose them has read "held out".
RATES = {"tuned": (0.965, 0.995), "held out": (0.95, 0.99)}
ALIAS_FIRST, ALIAS_FIRST_THREE = 0.9, 0.98
SMALL = re.compile(r"\b(an?|and|as|by|does|for|how|in|is|it|of|on|or|the|to|what|when)\b ?", re.I)
TITLES_LIMIT = 50_000  # bytes, compressed, at 150 pages

DIALOG = "dialog.search"
FIELD = f"{DIALOG} [role=combobox]"
OPTION = f"{DIALOG} [role=option]"
GROUP = f"{DIALOG} [role=group]"
READY = f"document.querySelector('{DIALOG}[open]')?.dataset.ready === 'texts'"


def lines() -> list[tuple[str, str, list[str]]]:
    """Query, part and right answers of each line of the file."""
    head, *rows = QUERIES.read_text("utf-8").splitlines()
    assert head.split("\t") == ["query", "part", "right"]
    return [(query, part, right.split()) for query, part, right in (row.split("\t") for row in rows)]


def plain(address: str) -> str:
    return address.replace("/#", "#").rstrip("/")


@pytest.fixture(scope="module")
def titles(site):
    return json.loads((site / "assets/search/titles.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def texts(site):
    return json.loads((site / "assets/search/texts.json").read_text("utf-8"))


# --------------------------------------------------------------------------------- the queries


def bag(text: str) -> frozenset:
    """The words of a text that say something, in no order."""
    found = re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]+", SMALL.sub("", text.casefold()))
    return frozenset(word.rstrip("s") for word in found)


def listed(queries, phrases) -> list[str]:
    """Queries that have the very words of a phrase under "Also asked as"."""
    known = {bag(phrase) for phrase in phrases}
    return [query for query in queries if bag(query) in known]


def copied(queries, entries) -> list[str]:
    """Queries that are a title, another name or a heading, letter by letter."""
    known = {
        text.casefold()
        for entry in entries
        for text in (entry["title"], *entry["names"], *(head for _, head in entry["headings"]))
    }
    return [query for query in queries if query.casefold() in known]


def test_the_queries_are_many_various_and_nobodys_copy(titles, texts):
    queries = [query for query, _, _ in lines()]
    parts = Counter(part for _, part, _ in lines())
    assert len(queries) >= 150
    assert len({query.casefold() for query in queries}) == len(queries)
    assert set(parts) == set(RATES)
    assert parts["held out"] >= len(queries) / 3 - 1
    assert sum(bool(re.search(r"[\u4e00-\u9fff]", query)) for query in queries) >= 30
    assert copied(queries, titles["entries"]) == []
    assert copied(["Cache Stampede", "the problem", "cache stampedes"], titles["entries"]) == [
        "Cache Stampede",
        "the problem",
    ]
    phrases = [phrase for asked in texts["asked"] for phrase in asked]
    assert listed(queries, phrases) == []
    assert listed(["two locks", "lock", "What lock, the two?"], ["a lock of two"]) == ["two locks", "What lock, the two?"]
    there = {plain(entry["address"]) for entry in titles["entries"]}
    lost = {answer for _, _, right in lines() for answer in right} - there
    assert not lost, f"right answers that do not exist: {lost}"


# ----------------------------------------------------------------------------------- the index


def test_the_index_has_every_page_once_and_only_addresses_that_exist(site, titles, texts):
    """Its addresses are relative, so that they hold below any sub-path."""
    addresses = [entry["address"] for entry in titles["entries"]]
    assert len(addresses) == len(set(addresses))
    pages = {address for address in addresses if "#" not in address}
    assert pages == set(ADDRESSES) - {"", "404.html"}
    built = {}
    for entry in titles["entries"]:
        page, _, own = entry["address"].partition("#")
        if page not in built:
            html = (site / page / "index.html").read_text("utf-8")
            built[page] = set(re.findall(r'\bid="([^"]+)"', html))
        wanted = {anchor for anchor, _ in entry["headings"]} | ({own} if own else set())
        assert wanted <= built[page], entry["address"]
    assert len(texts["texts"]) == len(texts["asked"]) == len(titles["entries"])
    assert {page for page, asked in zip(addresses, texts["asked"]) if asked} >= {f"{page.id}/" for page in PAGES}
    for entry, sections in zip(titles["entries"], texts["texts"], strict=True):
        assert len(sections) == len(entry["headings"]) + 1, entry["address"]


def test_the_index_has_names_of_functions_but_no_code(titles, texts):
    at = [entry["address"] for entry in titles["entries"]].index("optimizations/caching/")
    said = " ".join(text for text, _ in texts["texts"][at])
    defined = " ".join(names for _, names in texts["texts"][at]).split()
    assert {"replay", "stampede", "LRU"} <= set(defined)
    assert len(defined) == len(set(defined)), "a name is indexed twice"
    assert "move_to_end" in said, "code in running text is text"
    for code in ("from snippets", "#>", "return ", "Also searched as", "¶"):
        assert code not in said
    assert "缓存击穿" in titles["entries"][at]["names"]


def test_the_first_file_is_small(site, titles):
    """The limit is for 150 pages; a page may have its part of it."""
    size = len(gzip.compress((site / "assets/search/titles.json").read_bytes(), mtime=0))
    listed = [entry for entry in titles["entries"] if "#" in entry["address"]]
    pages = len(titles["entries"]) - len(listed)
    own = json.dumps([entry for entry in titles["entries"] if "#" not in entry["address"]])
    per_page = len(gzip.compress(own.encode(), mtime=0)) / pages
    assert size <= TITLES_LIMIT
    assert per_page * 150 + (size - per_page * pages) <= 2 * TITLES_LIMIT


# ------------------------------------------------------------------------------- what it finds

ASK = """async queries => {
  const field = document.querySelector("dialog.search [role=combobox]")
  const list = document.querySelector("dialog.search [role=listbox]")
  const root = document.querySelector(".md-logo").href
  const answers = []
  for (const query of queries) {
    field.value = query
    field.dispatchEvent(new Event("input", { bubbles: true }))
    while (list.ariaBusy === "true") await new Promise(done => setTimeout(done))
    answers.push([...list.querySelectorAll("[role=group]")].map(group =>
      [...group.querySelectorAll("a")].map(link => link.href.slice(root.length))))
  }
  return answers
}"""


def open_search(tab, base_url, address=""):
    tab.goto(base_url + address)
    tab.keyboard.press("/")
    tab.wait_for_function(READY)


@pytest.fixture(scope="module")
def found(shared, base_url):
    """Answers the queries typed into the dialog of one open page: lists of addresses."""
    tab = shared[0]
    open_search(tab, base_url)
    kept = {}

    def answers(queries):
        fresh = [query for query in dict.fromkeys(queries) if query not in kept]
        kept.update(zip(fresh, tab.evaluate(ASK, fresh), strict=True))
        return [kept[query] for query in queries]

    return answers


def rates(ranked) -> tuple[float, float]:
    """The shares of (answer, right addresses) with a right one first, and among three."""
    ranks = []
    for groups, right in ranked:
        heads = [plain(group[0]) for group in groups]
        ranks.append(next((n for n, head in enumerate(heads) if head in right), 99))
    return sum(rank == 0 for rank in ranks) / len(ranks), sum(rank < 3 for rank in ranks) / len(ranks)


def test_what_people_type_finds_what_they_mean(found, capsys):
    for part, least in RATES.items():
        asked = [(query, right) for query, of, right in lines() if of == part]
        ranked = list(zip(found([query for query, _ in asked]), [right for _, right in asked]))
        first, three = rates(ranked)
        with capsys.disabled():
            print(
                f"\nsearch, {part}: {len(asked)} queries, {first:.1%} right first, "
                f"{three:.1%} among the first three"
            )
        assert first >= least[0], part
        assert three >= least[1], part


def test_the_rates_can_fall():
    answer = [["a/", "a/#x"], ["b/"], ["c/"], ["d/#y"]]
    assert rates([(answer, ["a"]), (answer, ["b", "z"])]) == (0.5, 1)
    assert rates([(answer, ["d#y"]), ([], ["a"])]) == (0, 0)


def test_the_page_of_an_alias_is_mostly_first_and_always_there(found, capsys):
    asked = [(alias, page.id) for page in PAGES for alias in page.aliases]
    ranked = list(zip(found([alias for alias, _ in asked]), [[right] for _, right in asked]))
    missing = [
        alias
        for (alias, right), (groups, _) in zip(asked, ranked, strict=True)
        if right not in [plain(group[0]) for group in groups]
    ]
    assert not missing
    # A term of the glossary with the same name may stand before the page.
    pages = [([g for g in groups if "#" not in g[0]], right) for groups, right in ranked]
    first, three = rates(pages)
    with capsys.disabled():
        print(f"\nsearch: {len(asked)} aliases, {first:.1%} first of the pages, {three:.1%} in three")
    assert first >= ALIAS_FIRST
    assert three >= ALIAS_FIRST_THREE


def test_a_section_is_found_by_the_words_of_its_heading(found, titles):
    owners = {}
    for entry in titles["entries"]:
        if entry["kind"] in ("concept", "challenge", "optimization"):
            for anchor, heading in entry["headings"]:
                owners.setdefault(heading, []).append(f"{entry['address']}#{anchor}")
    own = {SMALL.sub("", words): places[0] for words, places in owners.items() if len(places) == 1}
    assert len(own) > 20
    answers = dict(zip(own, found(list(own)), strict=True))
    missing = {
        typed: place
        for typed, place in own.items()
        if not any(place in group for group in answers[typed])
    }
    assert not missing


HARD = [
    "zyzzyvaquux", "ti+tle:cache^2 AND NOT -\"x~1*", "a:b:c \\ / ( [ {", "\"cache", "😀 cache 🚀", "🚀",
    "<img src=x onerror=alert(1)>", "<script>throw 1</script>", "&lt;b&gt;", "   ", "的", "a", "R + W > N",
    "__proto__ constructor toString", "cache " * 1700, "x" * 10_000, "缓" * 5000, "\u200b\u0000\ud7ff",
]  # fmt: skip


def test_no_query_is_too_strange(found, tab):
    answers = dict(zip(HARD, found(HARD), strict=True))
    assert answers["zyzzyvaquux"] == answers["   "] == answers["🚀"] == []
    for query in ("😀 cache 🚀", '"cache', "cache " * 1700):
        assert answers[query][0][0] == "optimizations/caching/"
    assert tab.locator(f"{DIALOG} :is(img, script)").count() == 0


# ------------------------------------------------------------------------------- how it is used


def listen(tab) -> list[str]:
    """The addresses that the tab asks for from now on."""
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    return asked


def type_in(tab, query):
    tab.fill(FIELD, "")
    tab.keyboard.insert_text(query)
    tab.wait_for_function(
        f"document.querySelector('{DIALOG} [role=listbox]').ariaBusy === 'false' && {READY}"
    )


def here(tab, selector) -> bool:
    return tab.evaluate(f"document.activeElement === document.querySelector('{selector}')")


def chosen(tab) -> int:
    """The number of the option that the field names as active, checked against its look."""
    name = tab.get_attribute(FIELD, "aria-activedescendant")
    selected = tab.locator(f"{OPTION}[aria-selected=true]")
    assert selected.count() == 1
    assert selected.get_attribute("id") == name
    return tab.locator(OPTION).evaluate_all("(all, id) => all.findIndex(e => e.id === id)", name)


def test_nothing_is_fetched_before_somebody_wants_it(page, base_url):
    asked = listen(page)
    page.goto(base_url)
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "search" in url]
    page.locator(".ask").click()
    page.wait_for_function(READY)
    fetched = [url.split("/")[-1] for url in asked if "assets/search/" in url]
    assert sorted(fetched) == sorted(
        ["dialog.js", "dialog.css", "worker.js", "engine.js", "minisearch.js", "titles.json", "texts.json"]
    )


def test_it_is_used_with_the_keyboard_alone(page, base_url):
    page.goto(base_url + "concepts/history/")
    page.evaluate("window.kept = true")
    page.locator(".md-skip").focus()
    for key in ("/", "s", "Control+k", "Meta+k"):
        page.keyboard.press(key)
        page.wait_for_function(READY)
        assert here(page, FIELD), key
        page.keyboard.press("Escape")
        assert not page.locator(DIALOG).is_visible()
        assert here(page, ".md-skip"), "the focus is not where it was"
    page.keyboard.press("/")
    assert page.get_attribute(FIELD, "aria-expanded") == "false"
    type_in(page, "cache stampede")
    assert page.get_attribute(FIELD, "aria-expanded") == "true"
    last = page.locator(OPTION).count() - 1
    assert last >= 3
    walked = [chosen(page)]
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
        walked.append(chosen(page))
    assert walked == [0, 1, 2, 1, 0, last, 0]
    first = page.locator(GROUP).first
    assert page.locator(f"#{first.get_attribute('aria-labelledby')}").inner_text() == "Caching"
    assert first.locator("small").inner_text() == "optimization"
    assert "stampede" in first.locator("mark").all_inner_texts()
    # An input method is asked first: its Enter takes a word, not a result.
    page.locator(FIELD).dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    assert page.locator(DIALOG).is_visible()
    page.keyboard.press("ArrowDown")
    section = page.locator(f"{OPTION}[aria-selected=true]").get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(section)
    assert "/optimizations/caching/#" in section
    page.locator(".md-content h1", has_text="Caching").wait_for()
    assert page.evaluate("window.kept"), "the page was loaded anew instead of exchanged"
    assert not page.locator(DIALOG).is_visible()
    # After the exchange all is there still, and Enter may come before the answer.
    page.keyboard.press("/")
    page.fill(FIELD, "history")
    page.keyboard.press("Enter")
    page.locator(".md-content h1", has_text="History").wait_for()
    assert page.evaluate("window.kept")
    assert page.locator(".ask").count() == page.locator(DIALOG).count() == 1
    # Letters that are typed into something else stay there.
    page.evaluate("document.querySelector('article').append(document.createElement('input'))")
    page.locator("article input").focus()
    page.keyboard.type("s/")
    assert page.input_value("article input") == "s/"
    assert not page.locator(DIALOG).is_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_field_of_the_home_page_opens_it_and_a_click_goes_there(page, base_url, width):
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(base_url)
    page.evaluate("window.kept = true")
    page.click(".hero-search")
    page.wait_for_function(READY)
    type_in(page, "cache")
    box = page.locator(DIALOG).bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= 700
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.mouse.click(2, 690)  # beside the box
    assert not page.locator(DIALOG).is_visible()
    page.locator(".ask").click()
    assert page.input_value(FIELD) == "cache", "the last query is kept"
    page.locator(f"{OPTION}[href$='optimizations/caching/']").click()
    page.locator(".md-content h1", has_text="Caching").wait_for()
    assert page.evaluate("window.kept"), "the page was loaded anew instead of exchanged"
    assert page.url == base_url + "optimizations/caching/"


def test_a_search_can_be_sent_to_a_colleague(page, base_url):
    page.goto(base_url + "concepts/history/#the-idea")
    page.keyboard.press("/")
    page.wait_for_function(READY)
    type_in(page, "R + W > N & 缓存")
    page.wait_for_url("**/concepts/history/?q=*#the-idea")
    sent = page.url
    page.keyboard.press("Escape")
    page.wait_for_url(base_url + "concepts/history/#the-idea")
    page.goto("about:blank")
    page.goto(sent)
    page.wait_for_function(READY)
    assert page.input_value(FIELD) == "R + W > N & 缓存"
    page.locator(OPTION).first.wait_for()
    type_in(page, "x" * 10_000)
    page.wait_for_url("**/concepts/history/?q=xxx*")
    assert len(page.url) < 600


def test_it_says_what_it_did_with_a_misspelling_and_what_is_near(page, base_url):
    open_search(page, base_url)
    said = page.locator(f"{DIALOG} [role=status]:not(.search-fault)")
    for query, line in {
        "consistant hashing": "Showing results for consistent hashing",
        "load balencer": "Showing results for load balancer",
        "consistent hashing": "",
        "consis": "",
        "缓存击穿": "",
        "zyzzyvaquux": "Nothing is found for “zyzzyvaquux”.",
    }.items():
        type_in(page, query)
        assert said.inner_text() == line, query
    assert page.get_attribute(FIELD, "aria-expanded") == "false"
    type_in(page, "cnsnss")
    assert said.inner_text() == "Nothing is found for “cnsnss”."
    assert "consensus" in page.locator(f"{DIALOG} .search-near a").all_inner_texts()
    page.locator(f"{DIALOG} .search-foot a").click()
    page.locator(".md-content h1", has_text="Catalogue").wait_for()
    assert page.locator("article").get_by_text("dogpile").count() == 1


# --------------------------------------------------------------------------------- how it fails


@contextmanager
def broken(browser, base_url, file, change):
    """A page whose search gets a changed file: ``change`` of its text, or None for none."""
    with opened(browser, base_url) as (tab, problems):

        def serve(route):
            if change is None:
                return route.fulfill(status=404, body="")
            return route.fulfill(response=(got := route.fetch()), body=change(got.text()))

        tab.route(f"**/assets/search/{file}", serve)
        tab.goto(base_url)
        tab.keyboard.press("/")
        yield tab
        bad = [line for line in problems if "script error" in line or "another host" in line]
        assert not bad


OTHER = {"format": '"format":9999', "made": '"made":"of another build"'}
FAULTS = {
    "no titles": ("titles.json", None, "titles"),
    "half of the titles": ("titles.json", lambda text: text[: len(text) // 2], "titles"),
    "titles of another format": (
        "titles.json", lambda text: re.sub(r'"format":\d+', OTHER["format"], text), "titles"),
    "no engine": ("minisearch.js", None, "titles"),
    "no texts": ("texts.json", None, "texts"),
    "half of the texts": ("texts.json", lambda text: text[: len(text) // 2], "texts"),
    "texts of another build": (
        "texts.json", lambda text: re.sub(r'"made":"\w+"', OTHER["made"], text), "texts"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_missing_is_said_in_one_sentence(name, browser, base_url):
    file, change, what = FAULTS[name]
    with broken(browser, base_url, file, change) as tab:
        tab.wait_for_selector(f"{DIALOG}[data-fault={what}]")
        said = tab.locator(f"{DIALOG} .search-fault").inner_text()
        tab.fill(FIELD, "caching")
        if what == "titles":
            assert said == "Search could not be loaded. The catalogue lists every page."
            assert tab.locator(OPTION).count() == 0
        else:
            assert said == "Only names are searched: the texts could not be loaded."
            tab.locator(f"{OPTION}[href$='optimizations/caching/']").wait_for()
        tab.locator(f"{DIALOG} .search-foot a").click()
        tab.locator(".md-content h1", has_text="Catalogue").wait_for()


def test_without_its_script_the_catalogue_stands_in(browser, base_url):
    with broken(browser, base_url, "dialog.js", None) as tab:
        tab.locator(".md-content h1", has_text="Catalogue").wait_for()
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    tab = context.new_page()
    tab.goto(base_url)
    tab.click(".hero-search")
    assert tab.locator("article h1").inner_text().startswith("Catalogue")
    said = tab.locator("article").inner_text()
    context.close()
    missing = [alias for page in PAGES for alias in page.aliases if alias not in said]
    assert not missing


EVIL = "<img src=x onerror=window.caught=1><script>window.caught=1</script>"


def test_what_the_index_says_is_shown_and_never_run(browser, base_url):
    """Were a title HTML, this would run it."""

    def plant(text):
        data = json.loads(text)
        entry = next(e for e in data["entries"] if e["address"] == "optimizations/caching/")
        entry.update(title=f"Caching {EVIL}", question=EVIL, names=["cache"])
        return json.dumps(data)

    with broken(browser, base_url, "titles.json", plant) as tab:
        tab.wait_for_function(READY)
        type_in(tab, "caching")
        assert EVIL in tab.locator(f"{OPTION} strong").first.inner_text()
        type_in(tab, EVIL)
        assert tab.locator(f"{DIALOG} :is(img, script)").count() == 0
        assert tab.evaluate("window.caught") is None
        # The check can fail.
        tab.locator(f"{DIALOG} .search-near").evaluate("(e, html) => e.innerHTML = html", EVIL)
        tab.wait_for_function("window.caught")
