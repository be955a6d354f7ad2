"""The timeline of snippets/concepts/history.py, its checks, and its landmarks."""

import importlib.util
from dataclasses import replace
from itertools import combinations, pairwise
from math import exp
from random import Random
from uuid import UUID

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from snippets.concepts import history
from snippets.concepts.history import (
    ARTICLE,
    PERIODS,
    TIMELINE,
    Process,
    descends,
    figure_3,
    moves,
    naive_counts,
    problems,
    snapshots,
    throughput,
    uuid7,
    written_by,
)
from tools.figures import chart
from tools.pages import DOCS
from tools.papers import sources

ALL = [m for milestones in TIMELINE.values() for m in milestones]
ROOM = DOCS / "concepts" / "history"


def room(name):
    spec = importlib.util.spec_from_file_location(f"history_{name}", ROOM / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def changed(period, index, **fields):
    """The timeline with one milestone broken."""
    milestones = list(TIMELINE[period])
    milestones[index] = replace(milestones[index], **fields)
    return {**TIMELINE, period: tuple(milestones)}


# The data ---------------------------------------------------------------------------


def test_the_timeline_has_no_problems_and_enough_milestones():
    assert problems(TIMELINE) == []
    assert list(TIMELINE) == list(PERIODS)
    assert all(6 <= len(milestones) <= 9 for milestones in TIMELINE.values())


@pytest.mark.parametrize("m", ALL, ids=lambda m: m.source)
def test_a_milestone_names_its_source_with_its_year_and_first_author(m):
    source = sources()[m.source]
    assert source.year == m.year
    first = source.authors[0].split()[-1]
    assert m.who.split(",")[0].split(" and ")[0] == first
    others = len(source.authors) - 1
    assert m.who.endswith("and others") or m.who.count(",") == others
    assert len(m.what) <= 20 and m.why.endswith(".")


def test_the_periods_meet_without_a_gap():
    years = [year for bounds in PERIODS.values() for year in bounds]
    assert years == [1960, 1979, 1980, 1999, 2000, 2019, 2020, 2039]


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (changed("1960s-70s", 0, source=""), "no primary source"),
        (changed("1960s-70s", 0, source="baran1962distributed"), "baran1962distributed is not of 1964"),
        (changed("1980s-90s", 0, year=1979, source="postel1979ncp"), "1979 is not in the 1980s-90s"),
        (changed("2000s-10s", 1, year=2001, source="ghemawat2001google"), "after CAP proved, but older"),
        (changed("2000s-10s", 4, source="decandia2007dynamo", year=2007), "decandia2007dynamo is used twice"),
        (changed("2020s-30s", -1, year=2031, source="gentle2031text"), "2031 is a forecast"),
    ],
    ids=["no source", "other year", "other period", "not sorted", "twice", "forecast"],
)
def test_each_check_is_tripped_by_a_timeline_that_breaks_it(broken, complaint):
    found = problems(broken)
    assert any(complaint in line for line in found)
    assert len(found) <= 2  # nothing else is wrong with it


def test_a_period_that_is_not_one_of_the_four_is_named():
    assert problems({"1950s": ()}) == ["1950s: no such period"]


def test_the_articles_account_trips_a_check_in_every_period():
    found = problems(ARTICLE)
    for (milestone,) in ARTICLE.values():
        assert any(line.startswith(milestone.what) for line in found)
    assert len(found) == 5


@given(year=st.integers(1900, 2100))
def test_a_year_is_accepted_exactly_within_its_period_and_the_past(year):
    milestone = replace(TIMELINE["2000s-10s"][0], year=year, source=f"x{year}y")
    assert (problems({"2000s-10s": (milestone,)}) == []) == (2000 <= year <= 2019)
    # A forecast of 2019 is still a forecast for someone who writes in 2010.
    assert (problems({"2000s-10s": (milestone,)}, written_in=2010) == []) == (2000 <= year <= 2010)


# The picture ------------------------------------------------------------------------


@pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
def test_no_two_labels_of_the_timeline_touch(tall):
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(chart.STYLE)
        canvas = Figure((chart.PHONE if tall else chart.COLUMN, 4.7), layout="constrained")
        FigureCanvasSVG(canvas)
        ax = canvas.subplots()
        room("figures").plot_timeline(ax, tall)
        canvas.draw_without_rendering()
        boxes = {text.get_text(): text.get_window_extent() for text in ax.texts}
        frame = ax.get_window_extent()
    labels = [f"{m.year} {m.what}" for m in ALL]
    assert set(labels) < set(boxes)
    for one, two in combinations(labels, 2):
        a, b = boxes[one], boxes[two]
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        assert across <= 0 or min(a.y1, b.y1) - max(a.y0, b.y0) <= 3, f"{one} / {two}"
    assert all(frame.x0 - 1 <= boxes[label].x0 and boxes[label].x1 <= frame.x1 + 1 for label in labels)


def test_every_row_of_the_paper_table_holds():
    rows = room("measured").paper()
    assert len(rows) == 8
    for row in rows:
        assert row.holds(), row


# ALOHA ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("load", [0.25, 0.5, 1.0, 2.0])
def test_aloha_carries_what_the_formulas_say(load, seed):
    pure = throughput(load, Random(seed), packets=40_000)
    slotted = throughput(load, Random(seed), slotted=True, packets=40_000)
    assert pure == pytest.approx(load * exp(-2 * load), abs=0.006)
    assert slotted == pytest.approx(load * exp(-load), abs=0.009)


@pytest.mark.parametrize(("load", "packets"), [(0, 10), (-1, 10), (1, 0)])
def test_a_channel_on_which_nothing_is_sent_is_refused(load, packets):
    with pytest.raises(ValueError, match="must be above zero"):
        throughput(load, Random(1), packets=packets)


def test_the_peaks_are_at_a_half_and_at_one():
    for slotted, peak in ((False, 0.5), (True, 1.0)):
        by_load = {
            load: throughput(load, Random(1), slotted, packets=40_000) for load in (peak / 2, peak, peak * 2)
        }
        assert max(by_load, key=by_load.get) == peak


def test_a_load_of_three_carries_less_than_a_tenth_of_it():
    """"Change it": past the peak, more sending carries less."""
    for slotted in (False, True):
        few, many = (throughput(g, Random(2), slotted, packets=40_000) for g in (0.3, 3.0))
        assert many < few


def test_ethernet_in_the_1980s_is_named_by_the_check():
    """"Change it": the article's place for local networks."""
    ethernet = next(m for m in TIMELINE["1960s-70s"] if m.what == "Ethernet")
    moved = {**TIMELINE, "1980s-90s": (ethernet, *TIMELINE["1980s-90s"])}
    assert any(line.startswith("Ethernet: 1976 is not in the") for line in problems(moved | {"1960s-70s": ()}))


# Snapshots --------------------------------------------------------------------------

EXAMPLE = {  # p has it, q has it, tokens in c', tokens in c: the four states of Example 2.1
    (True, False, 0, 0),
    (False, False, 0, 1),
    (False, True, 0, 0),
    (False, False, 1, 0),
}


def test_markers_record_exactly_the_four_states_of_example_2_1():
    assert snapshots() == EXAMPLE


def test_looking_at_each_part_alone_sees_any_number_of_tokens():
    ways = naive_counts()
    assert sum(ways.values()) == 256
    assert set(ways) == {0, 1, 2, 3, 4}
    assert ways[1] == 108


def test_markers_that_are_overtaken_record_impossible_states():
    """The algorithm assumes channels that keep order; without that it is broken."""
    recorded = snapshots(fifo=False)
    assert recorded > EXAMPLE
    assert {0, 2} <= {sum(state) for state in recorded}


@given(rng=st.randoms(use_true_random=False))
def test_there_is_one_token_after_every_step_and_in_every_recording(rng):
    """The system itself never breaks; what a snapshot must not do is to invent that it did."""
    pair = (Process(has=True), Process(has=False))
    for _ in range(40):
        p, q = pair
        tokens = p.has + q.has + p.inbox.count("token") + q.inbox.count("token")
        assert tokens == 1
        if p.closed and q.closed:
            assert p.saved + q.saved + p.seen + q.seen == 1
        ways = [*moves(p, q, True), *((a, b) for b, a in moves(q, p, True))]
        pair = ways[int(rng.random() * len(ways))]


def test_without_markers_no_snapshot_is_ever_complete(monkeypatch):
    """"Change it": nobody learns that a channel has been recorded."""
    monkeypatch.setattr(history, "record", lambda me, you: (replace(me, saved=me.has), you))
    assert history.snapshots() == set()


# Dynamo -----------------------------------------------------------------------------


def test_figure_3_of_dynamo_comes_out():
    versions = figure_3()
    assert versions["D3"] == {"Sx": 2, "Sy": 1}
    assert versions["D4"] == {"Sx": 2, "Sz": 1}
    assert versions["D5"] == {"Sx": 3, "Sy": 1, "Sz": 1}


def test_d3_and_d4_conflict_and_d5_resolves_them():
    d = figure_3()
    assert not descends(d["D3"], d["D4"]) and not descends(d["D4"], d["D3"])
    assert all(descends(d["D5"], d[name]) for name in d)
    assert not any(descends(d[name], d["D5"]) for name in ("D1", "D2", "D3", "D4"))


@given(st.dictionaries(st.sampled_from("abc"), st.integers(1, 9)), st.dictionaries(st.sampled_from("abc"), st.integers(1, 9)))
def test_a_write_descends_from_all_that_its_client_read(one, two):
    new = written_by("a", one, two)
    assert descends(new, one) and descends(new, two)
    assert not descends(one, new) and not descends(two, new)


# UUIDv7 -----------------------------------------------------------------------------


def test_the_example_of_rfc_9562_comes_out():
    made = uuid7(0x017F22E279B0, 0xCC3, 0x18C4DC0C0C07398F)
    assert str(made) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    assert made.version == 7 and made.variant == "specified in RFC 4122"


def test_the_milliseconds_of_the_example_are_the_date_the_rfc_gives():
    """Tuesday, 22 February 2022, 14:22:22 at five hours behind Greenwich."""
    assert 0x017F22E279B0 == 1_645_557_742_000


@given(st.lists(st.integers(0, 2**48 - 1), min_size=2, unique=True), st.randoms(use_true_random=False))
def test_names_from_different_milliseconds_sort_by_time(times, rng):
    made = [uuid7(t, rng.getrandbits(12), rng.getrandbits(62)) for t in sorted(times)]
    assert made == sorted(made)
    assert [str(u) for u in made] == sorted(str(u) for u in made)


def test_names_from_one_millisecond_are_in_no_order():
    """The limit the page names: the order within a millisecond is luck."""
    rng = Random(3)
    made = [uuid7(1, rng.getrandbits(12), rng.getrandbits(62)) for _ in range(2_000)]
    rising = sum(a < b for a, b in pairwise(made))
    assert 900 < rising < 1100


@pytest.mark.parametrize("fields", [(1 << 48, 0, 0), (0, 1 << 12, 0), (0, 0, 1 << 62), (-1, 0, 0)])
def test_a_field_that_does_not_fit_is_refused(fields):
    with pytest.raises(ValueError, match="does not fit into"):
        uuid7(*fields)


def test_random_names_keep_no_order_at_all():
    """What UUIDv7 replaced: version 4 names, whatever their age."""
    rng = Random(4)
    made = [UUID(int=rng.getrandbits(128), version=4) for _ in range(2_000)]
    rising = sum(a < b for a, b in pairwise(made))
    assert 900 < rising < 1100
