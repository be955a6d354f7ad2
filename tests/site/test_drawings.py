"""Rings, logs and histories: true to their data at any size, small, and readable without colour.

What holds for every figure (valid, described, the same bytes) is checked in test_figures.py,
which draws these too.
"""

import re
import subprocess
import sys
from itertools import pairwise
from math import atan2, hypot, pi
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest

from tools import reference, room
from tools.figures import glyphs, log, ring, timeline
from tools.figures.pen import LIMIT, TONES, Labels
from tools.measure import CHALLENGES
from tools.pages import survey

ROOT = Path(__file__).parents[2]
WORDS = {"title": "t", "caption": "c", "seed": "s"}
OWNERS = {"n1": "blue", "n2": "amber", "n3": "green", "n4": "violet"}
TERMS = {1: "blue", 2: "amber", 3: "violet"}
KINDS = {"write": "amber", "read": "blue"}


def a_ring(rng, tokens=12, keys=6):
    """Arguments of a ring whose places are drawn like hashes."""
    places = [(rng.random(), f"n{1 + i % 4}") for i in range(tokens)]
    found = [ring.Key(f"key {i}", rng.random(), 1 + i % 3) for i in range(keys)]
    return {"tokens": places, "owners": OWNERS, "keys": found}


def some_logs(rng, nodes=5, length=6):
    """Rows whose committed prefixes agree, as a replicated log's do."""
    entries = [(1 + (2 * i) // length, f"x={i}") for i in range(length)]
    rows = []
    for i in range(nodes):
        size = 1 + int(rng.random() * length)
        mark = ("leader", "", "crashed", "", "out of sync")[i % 5]
        rows.append(log.Row(f"S{i + 1}", entries[:size], int(rng.random() * (size + 1)), mark))
    return rows


def a_history(rng, clients=3, each=4):
    """Operations of clients that wait for their answers; one of them waits for ever."""
    ops = []
    for client in range(clients):
        now = int(rng.random() * 20)
        for i in range(each):
            end = now + 4 + int(rng.random() * 60)
            point = now + int(rng.random() * (end - now + 1))
            text = f"write {i}" if rng.random() < 0.5 else f"read {i}"
            last = i == each - 1 and client == 0
            ops.append(timeline.Op(f"c{client + 1}", now, None if last else end, text, point))
            now = end + int(rng.random() * 20)
    return ops


def drawings():
    """The three golden pictures of this file."""
    words = {"caption": "As it is.", "seed": "seed 4"}
    history = [
        timeline.Op("Ann", 0, 42, "write red", 30),
        timeline.Op("Bob", 12, 36, "read red", 33),
        timeline.Op("Bob", 48, 60, "read blue"),
        timeline.Op("Cid", 50, None, "write green"),
    ]
    return {
        "ring": ring.draw(**a_ring(Random(4), 9, 3), hops=[], title="Ring", **words),
        "log": log.draw(
            {"before": some_logs(Random(4), 3, 4), "after": some_logs(Random(5), 3, 4)},
            {1: "blue"},
            title="Log",
            **words,
        ),
        "history": timeline.draw(
            history,
            KINDS,
            marks=[timeline.Mark("Ann", 52, "crashed", "crashes")],
            title="History",
            **words,
        ),
    }


def both(figure):
    return [ElementTree.fromstring(svg) for svg in (figure.wide, figure.tall)]


def written(svg):
    return [each.text for each in svg.iter("text")]


def paths(svg, cls):
    """The drawing commands of all paths of a class."""
    found = [each.get("d") for each in svg.iter("path") if cls in each.get("class").split()]
    return "".join(found)


def places(monkeypatch, draw):
    """What ``draw`` wrote by the help of Labels: (its boxes, each with its text)."""
    placed, place = [], Labels.place

    def watch(self, words, spots, size=12.5):
        best = place(self, words, spots, size)
        placed.append((self, words, self.boxes[-1]))
        return best

    monkeypatch.setattr(Labels, "place", watch)
    draw()
    monkeypatch.undo()
    return placed


def assert_apart(placed, part=0.25):
    for i, (page, words, (a, b, c, d)) in enumerate(placed):
        assert a >= -2, f"{words} is cut off"
        assert c <= page.width + 2, f"{words} is cut off"
        for other_page, other, (p, q, r, s) in placed[:i]:
            if page is other_page:
                covered = max(0, min(c, r) - max(a, p)) * max(0, min(d, s) - max(b, q))
                assert covered <= part * (c - a) * (d - b), f"{words} covers {other}"


# All of them ------------------------------------------------------------------------------


def test_they_need_neither_matplotlib_nor_any_package():
    """They are redrawn in the reader's browser, where there is only the standard library."""
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from tools.figures import log, ring, space_time, timeline\n"
        "loaded = {name.split('.')[0] for name, module in sys.modules.items() if module}\n"
        "outside = loaded - set(sys.stdlib_module_names)\n"
        "print(sorted(outside - {'__main__', 'tools', 'snippets'}))"
    )
    run = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert (run.stdout, run.stderr) == ("[]\n", "")


@pytest.mark.parametrize("tone", ["purple", "#fff", "blue dashed"])
def test_a_colour_is_not_a_tone(tone):
    with pytest.raises(ValueError, match=tone):
        ring.draw([(0.5, "n1")], {"n1": tone}, **WORDS)
    with pytest.raises(ValueError, match=tone):
        log.draw([log.Row("S1", [(1, "x")])], {1: tone}, **WORDS)
    with pytest.raises(ValueError, match=tone):
        timeline.draw([timeline.Op("c", 0, 1, "read")], {"read": tone}, **WORDS)


def test_many_seeds_give_small_pictures_with_known_tones():
    for seed in range(40):
        figures = [
            ring.draw(**a_ring(Random(seed)), **WORDS),
            log.draw(some_logs(Random(seed)), TERMS, **WORDS),
            timeline.draw(a_history(Random(seed)), KINDS, **WORDS),
        ]
        for figure in figures:
            for svg in both(figure):
                assert len(ElementTree.tostring(svg)) <= LIMIT
                classes = {cls for each in svg.iter() for cls in each.get("class", "").split()}
                assert {cls for cls in classes if cls.startswith("t-")} <= {
                    f"t-{tone}" for tone in TONES
                }


# Rings --------------------------------------------------------------------------------------


def test_a_key_walks_to_the_first_token_at_or_after_it():
    """Against a plain search of all the tokens, and over the top of the ring."""
    for seed in range(50):
        rng = Random(seed)
        tokens = sorted((rng.random(), f"n{1 + int(rng.random() * 5)}") for _ in range(12))
        for _ in range(10):
            at = rng.random()
            found = ring.walk(tokens, ring.Key("k", at))
            assert found == [min(tokens, key=lambda token: (token[0] - at) % 1)]
    assert ring.walk([(0.5, "a"), (0.7, "b")], ring.Key("k", 0.5)) == [(0.5, "a")]
    assert ring.walk([(0.5, "a"), (0.7, "b")], ring.Key("k", 0.71)) == [(0.5, "a")]


def test_copies_go_to_different_owners():
    tokens = [(0.1, "a"), (0.2, "a"), (0.3, "b"), (0.4, "a"), (0.5, "c")]
    assert ring.walk(tokens, ring.Key("k", 0.05, 3)) == [(0.1, "a"), (0.3, "b"), (0.5, "c")]
    assert ring.walk(tokens, ring.Key("k", 0.45, 2)) == [(0.5, "c"), (0.1, "a")]


def test_the_shares_are_those_that_keys_find():
    tokens = sorted(a_ring(Random(2))["tokens"])
    parts = ring.shares(tokens, 1)
    assert sum(parts.values()) == pytest.approx(1)
    rng, count = Random(3), dict.fromkeys(parts, 0)
    for _ in range(20_000):
        [(_, owner)] = ring.walk(tokens, ring.Key("k", rng.random()))
        count[owner] += 1
    for owner, part in parts.items():
        assert count[owner] / 20_000 == pytest.approx(part, abs=0.015)
    assert ring.shares([(3, "a")], 8) == {"a": 1}


def test_the_arcs_are_as_long_as_the_shares():
    """Measured on the drawing, from the points where each arc begins and ends."""
    for seed in range(20):
        given = a_ring(Random(seed), 10, 0)
        figure, parts = ring.draw(**given, **WORDS), ring.shares(sorted(given["tokens"]), 1)
        for svg in both(figure):
            _, _, width, height = map(float, svg.get("viewBox").split())
            for owner, tone in OWNERS.items():
                drawn = 0.0
                number = r"(-?[\d.]+)"
                shape = rf"M{number} {number}A{number} \S+ 0 ([01]) 1 {number} {number}"
                for x1, y1, r, _, x2, y2 in re.findall(shape, paths(svg, f"t-{tone}")):
                    turn = [
                        atan2(float(y) - height / 2, float(x) - width / 2)
                        for x, y in ((x1, y1), (x2, y2))
                    ]
                    drawn += (turn[1] - turn[0]) % (2 * pi) / (2 * pi)
                    assert hypot(float(x1) - width / 2, float(y1) - height / 2) == pytest.approx(
                        float(r), abs=0.2
                    )
                assert drawn == pytest.approx(parts[owner], abs=0.01)


def test_one_token_owns_the_whole_ring():
    figure = ring.draw([(0, "a")], {"a": "blue"}, keys=[ring.Key("k", 0.25)], **WORDS)
    assert paths(both(figure)[0], "t-blue").count("A") == 2, "a circle is two arcs"
    assert "a owns 100%." in figure.description
    assert "a: 100%" in figure.key


def test_every_token_and_every_key_is_named():
    for seed in range(20):
        given = a_ring(Random(seed))
        for svg in both(ring.draw(**given, **WORDS)):
            names = [owner for _, owner in given["tokens"]] + [key.name for key in given["keys"]]
            assert sorted(written(svg)) == sorted(names)
            stops = sum(key.copies for key in given["keys"])
            assert paths(svg, "msg").count("m") == stops, "an arrow head for each copy"
            assert paths(svg, "dot").count("M") == len(given["keys"])


def test_the_names_on_a_ring_can_be_read(monkeypatch):
    for seed in range(30):
        given = a_ring(Random(seed), 12, 5)
        assert_apart(places(monkeypatch, lambda given=given: ring.draw(**given, **WORDS)), 0.5)


def test_hops_cross_the_ring():
    tokens = [(at, f"N{at}") for at in (1, 8, 14, 21, 32, 38, 42, 48, 51, 56)]
    figure = ring.draw(
        tokens,
        {},
        size=64,
        keys=[ring.Key("K54", 54)],
        hops=[(8, 42), (42, 51), (51, 56)],
        **WORDS,
    )
    assert paths(both(figure)[0], "msg").count("m") == 4, "three hops, and the key to its owner"
    assert figure.description.endswith("N8 asks N42. N42 asks N51. N51 asks N56.")
    assert "K54 walks to N56." in figure.description
    assert '<li class="t-muted">a hop</li>' in figure.key


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tokens": []}, "at least one token"),
        ({"tokens": [(1.0, "a")]}, "not on the ring"),
        ({"tokens": [(0.5, "a"), (0.5, "b")]}, "two tokens stand at 0.5"),
        ({"tokens": [(i / 40, "a") for i in range(40)]}, "at most 36"),
        ({"tokens": [(0.5, "a name of twenty letters")]}, "too long"),
        ({"keys": [ring.Key("k", -0.1)]}, "not on the ring"),
        ({"keys": [ring.Key("k", 0.1, 3)]}, "count the owners"),
        ({"keys": [ring.Key("k", 0.1, 0)]}, "count the owners"),
        ({"keys": [ring.Key(f"k{i}", 0.1 + i / 1000) for i in range(12)]}, "show fewer"),
        ({"hops": [(0.2, 0.3)]}, "does not join"),
        ({"hops": [(0.2, 0.2)]}, "does not join"),
    ],
)
def test_a_ring_that_cannot_be_drawn_says_why(change, message):
    given = {"tokens": [(0.2, "a"), (0.9, "b")], "owners": {}, **WORDS, **change}
    with pytest.raises(ValueError, match=message):
        ring.draw(**given)


# Logs ---------------------------------------------------------------------------------------


def test_each_entry_is_one_cell_and_committed_ones_are_solid():
    for seed in range(40):
        rows = some_logs(Random(seed))
        figure = log.draw(rows, TERMS, **WORDS)
        for svg in both(figure):
            solid = [p for p in svg.iter("path") if p.get("class").startswith("cell t-")]
            dashed = [p for p in svg.iter("path") if "open" in p.get("class").split()]
            done, entries = sum(row.committed for row in rows), sum(len(r.entries) for r in rows)
            assert sum(path.get("d").count("M") for path in solid) == done
            assert sum(path.get("d").count("M") for path in dashed) == entries - done
            groups = {each.get("class"): written(each) for each in svg.iter("g")}
            terms = [str(term) for row in rows for term, _ in row.entries]
            said = groups.get("in term", []) + groups.get("note term", [])
            assert sorted(said) == sorted(terms), "the term is a number in every cell"
            names = [command for row in rows for _, command in row.entries]
            said = groups.get("in", []) + groups.get("note", [])
            assert sorted(said) == sorted(names)
            rest = " ".join(each for each in written(svg))
            for row in rows:
                assert row.node in rest
                assert row.mark in rest
        assert ("committed" in figure.key) == bool(done)


def test_a_log_without_commands_shows_terms_alone():
    """As in figure 7 of the Raft paper: the leader's log and six that it may meet."""
    leader = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6]
    logs = {
        "leader": leader,
        "a": leader[:9],
        "b": leader[:4],
        "c": [*leader, 6],
        "d": [*leader, 7, 7],
        "e": [1, 1, 1, 4, 4, 4, 4],
        "f": [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    }
    rows = [log.Row(name, [(term, "") for term in terms]) for name, terms in logs.items()]
    figure = log.draw(rows, {4: "blue", 5: "green", 6: "violet"}, **WORDS)
    assert "f: entry in 1, entry in 1, entry in 1, entry in 2" in figure.description
    for svg in both(figure):
        assert not [each for each in svg.iter("g") if "term" in each.get("class")]
        [numbers] = [written(each) for each in svg.iter("g") if each.get("class") == "note"]
        assert sorted(numbers) == sorted(str(term) for terms in logs.values() for term in terms)


def test_several_moments_stand_side_by_side_or_below_each_other():
    """As in figure 8 of the Raft paper: five moments of five servers."""
    logs = {
        "(a)": ("12", "12", "1", "1", "1"),
        "(b)": ("12", "12", "1", "1", "13"),
        "(c)": ("124", "12", "12", "1", "13"),
        "(d)": ("13", "13", "13", "13", "13"),
        "(e)": ("124", "124", "124", "1", "13"),
    }
    moments = {
        name: [
            log.Row(f"S{i + 1}", [(int(term), "") for term in terms], committed=1)
            for i, terms in enumerate(rows)
        ]
        for name, rows in logs.items()
    }
    figure = log.draw(moments, {1: "blue", 2: "amber", 3: "green", 4: "violet"}, **WORDS)
    assert figure.description.startswith("(a): S1: entry in 1, entry in 2; 1 of 2 committed.")
    for svg in both(figure):
        assert [each for each in written(svg) if each in moments] == list(moments)
    heights = [float(svg.get("viewBox").split()[3]) for svg in both(figure)]
    assert heights[0] < heights[1], "the wide layout has several beside each other"


def test_an_epoch_may_be_called_otherwise_and_offsets_begin_at_zero():
    row = log.Row("broker 1", [(7, "a"), (7, "b")], 1, "leader")
    words = {"term": "epoch", "committed": "below the high watermark"}
    figure = log.draw([row], {}, first=0, words=words, **WORDS)
    assert '<li class="band t-muted">epoch 7</li>' in figure.key
    assert "below the high watermark" in figure.key
    assert "not committed" in figure.key
    assert written(both(figure)[0].find("g[@class='tick']")) == ["0", "1"]


def test_a_crash_is_a_cross_and_a_word():
    figure = log.draw([log.Row("S1", [(1, "x")], mark="crashed")], {}, **WORDS)
    for svg in both(figure):
        assert paths(svg, "cross").count("M") == 1
        assert [each.text for each in svg.iter("text") if each.get("class") == "alarm"] == [
            "crashed"
        ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no entry"),
        ([log.Row("S1", [])], "no entry"),
        ([log.Row("S1", [(1, "x")]), log.Row("S1", [(1, "x")])], "two logs"),
        ([log.Row("S1", [(1, "x")], 2)], "2 of 1"),
        ([log.Row("S1", [(1, "x")], -1)], "-1 of 1"),
        ([log.Row("S1", [(1, "a command of length 26 ..")] * 6)], "too wide"),
        ([log.Row(f"S{i}", [(1, "append 17")]) for i in range(8)], "do not fit a phone"),
        ({str(i): [log.Row("S1", [(1, "x=1")] * 12)] for i in range(12)}, "fewer entries"),
    ],
)
def test_logs_that_cannot_be_drawn_say_why(rows, message):
    with pytest.raises(ValueError, match=message):
        log.draw(rows, {}, **WORDS)


# Histories ----------------------------------------------------------------------------------


def test_bars_go_from_call_to_return_and_points_lie_on_them():
    for seed in range(40):
        ops = a_history(Random(seed))
        figure = timeline.draw(ops, KINDS, **WORDS)
        wide, tall = both(figure)
        returned = [op for op in ops if op.end is not None]
        for svg, axis in ((wide, 0), (tall, 1)):
            bars = re.findall(r"M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)", paths(svg, "span"))
            gap = timeline.GAP
            lengths = sorted(float(bar[2 + axis]) - float(bar[axis]) + gap for bar in bars)
            scale = lengths[-1] / max(op.end - op.start for op in returned)
            wanted = sorted((op.end - op.start) * scale for op in returned)
            assert lengths == pytest.approx(wanted, abs=0.15)
            assert paths(svg, "open").count("M") == 1, "one has not returned"
            assert paths(svg, "tok").count("M") == len(ops)
            texts = written(svg)
            for op in ops:
                assert texts.count(op.text) == sum(each.text == op.text for each in ops)


def test_the_texts_of_a_history_can_be_read(monkeypatch):
    for seed in range(30):
        ops = a_history(Random(seed), 3, 3)
        assert_apart(places(monkeypatch, lambda ops=ops: timeline.draw(ops, KINDS, **WORDS)), 0.5)


def test_a_text_in_a_bar_is_not_crossed_by_its_point():
    op = timeline.Op("c", 0, 100, "write 1", 52)
    [svg, _] = both(timeline.draw([op], KINDS, **WORDS))
    [text] = [each for each in svg.iter("text") if each.text == "write 1"]
    tick = float(re.match(r"M([\d.]+)", paths(svg, "tok"))[1])
    assert text.get("class") == "in"
    assert abs(float(text.get("x")) - tick) > 7 * 6.3 / 2


def test_a_window_shows_a_part_of_a_history():
    ops = [timeline.Op("c", at, at + 8, f"read {at}") for at in range(0, 100, 10)]
    figure = timeline.draw(ops, KINDS, window=(25, 55), unit="", **WORDS)
    assert [each for each in written(both(figure)[0]) if "read" in each] == [
        "read 20",
        "read 30",
        "read 40",
        "read 50",
    ]
    assert "read 60" not in figure.description


def test_a_long_history_is_told_in_part():
    ops = [timeline.Op("c", at, at + 8, "read") for at in range(0, 250, 10)]
    assert timeline.draw(ops, KINDS, **WORDS).description.endswith("And 5 more.")


def test_the_description_of_a_history_is_derived():
    figure = drawings()["history"]
    assert figure.description == (
        "Lanes Ann, Bob, Cid; times in ms. Ann write red, 0 to 42, takes effect at 30. "
        "Bob read red, 12 to 36, takes effect at 33. Bob read blue, 48 to 60. "
        "Cid write green, 50 not returned. 52: Ann crashes."
    )
    assert '<li class="tok t-ink">takes effect</li>' in figure.key
    assert '<li class="cell open t-ink">has not returned</li>' in figure.key


def test_the_axis_begins_with_the_history():
    figure = timeline.draw([timeline.Op("c", 1000, 1010, "read")], KINDS, **WORDS)
    ticks = [each.text for each in both(figure)[0].iter("text") if each.get("class") == "tick"]
    numbers = [int(tick.split()[0].replace(",", "")) for tick in ticks]
    assert all(1000 <= number <= 1010 for number in numbers)
    assert all(a < b for a, b in pairwise(numbers))


@pytest.mark.parametrize(
    ("ops", "more", "message"),
    [
        ([], {}, "at least one operation"),
        ([("c", 5, 5, "read")], {}, "returns at 5"),
        ([("c", 5, 9, "read", 4)], {}, "outside its bar"),
        ([("c", 5, 9, "read", 10)], {}, "outside its bar"),
        ([("c", 5, 9, "read a"), ("c", 8, 12, "read b")], {}, "calls read b before read a"),
        ([("c", 5, None, "read a"), ("c", 8, 12, "read b")], {}, "calls read b before read a"),
        ([("c", 5, 9, "read")], {"clients": ("d",)}, "no lane for 'c'"),
        ([("c", 5, 9, "read")], {"marks": [timeline.Mark("d", 5, "x")], "clients": "c"}, "'d'"),
        ([("c", 5, 9, "read")], {"window": (9, 9)}, "no length"),
        ([("c", 3 * i, 3 * i + 2, "read") for i in range(99)], {}, "narrow the window"),
    ],
)
def test_a_history_that_cannot_be_drawn_says_why(ops, more, message):
    with pytest.raises(ValueError, match=message):
        timeline.draw([timeline.Op(*op) for op in ops], KINDS, **WORDS, **more)


# Marks of challenges ------------------------------------------------------------------------


def test_every_challenge_has_a_mark_of_its_own():
    assert set(glyphs.GLYPHS) == set(CHALLENGES)
    drawn = {name: ElementTree.fromstring(glyphs.glyph(name)) for name in CHALLENGES}
    assert len({svg.find("path[@class='cross']").get("d") for svg in drawn.values()}) == 4
    for name, svg in drawn.items():
        assert svg.get("viewBox") == "0 0 64 32"
        assert [each.get("class") for each in svg] == ["lane", "calm", "cross"]
        assert len(ElementTree.tostring(svg)) < 500
        assert svg.get("aria-hidden") == "true", "its name stands beside it"
        named = ElementTree.fromstring(glyphs.glyph(name, named=True))
        assert named.get("role") == "img"
        assert len(named.get("aria-label").split()) > 5


def test_the_marks_stand_in_the_map_and_on_the_pages_of_the_challenges():
    pages, problems = survey()
    assert not problems
    head = reference.the_map(pages, {}, "").split("</thead>")[0]
    for name in CHALLENGES:
        assert f'href="challenges/{name}/">{glyphs.glyph(name)}' in head
        [page] = [each for each in pages if each.id == f"challenges/{name}"]
        assert f'<p class="question">{glyphs.glyph(name, named=True)}' in room.facts(page)
    others = [room.facts(page) for page in pages if not page.id.startswith("challenges/")]
    assert not [text for text in others if "<svg" in text]


def test_a_promise_ends_before_what_is_not_promised():
    """Authors write it with and without a full stop; before the exception stands one."""
    pages, _ = survey()
    seen = [re.sub("<[^>]+>", "", room.facts(page)) for page in pages if page.guarantees and page.not_guaranteed]
    assert len(seen) > 20
    assert not [text for text in seen if not re.search(r"[^.]\. Not: ", text)]
