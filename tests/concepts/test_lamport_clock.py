"""Lamport clocks: the clock condition on every run, what the stamps cannot tell, and wall clocks that contradict causes."""

import json
import subprocess
import sys
from math import exp
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.concepts.lamport_clock import (
    APART,
    Stamp,
    concurrent,
    converse,
    demo,
    happened_before,
    judge,
    posts,
    random_events,
    share_ordered,
    stamp,
    stamped_early,
    violations,
)
from tools.programs import ROOT


@st.composite
def runs(draw, most=14):
    rng = draw(st.randoms(use_true_random=False))
    return random_events(rng, draw(st.integers(1, 5)), draw(st.integers(0, most)))


def contradicted(events, times):
    """The condition, literally: every pair, not only the next neighbours."""
    return {(i, j) for i, j in happened_before(events) if not times[i] < times[j]}


# The clock condition -------------------------------------------------------------------------


@given(runs())
def test_a_cause_has_a_smaller_stamp_than_its_effect(events):
    stamps = stamp(events)
    assert contradicted(events, [s.time for s in stamps]) == set()
    assert contradicted(events, stamps) == set()  # and so in the total order
    assert len(set(stamps)) == len(events)  # which is total


def test_without_the_merge_the_condition_breaks():
    many = [random_events(Random(seed), 16, 60) for seed in range(60)]
    broken = [contradicted(events, [s.time for s in stamp(events, merge=False)]) for events in many]
    assert sum(map(bool, broken)) == 59


def test_a_receive_that_takes_the_larger_number_and_adds_nothing_breaks_the_condition():
    events = random_events(Random(7), 4, 60)
    clocks, times = {}, []
    for event in events:
        now = clocks.get(event["proc"], 0)
        late = now + 1 if event["kind"] != "recv" else max(now, times[event["msg"]])
        clocks[event["proc"]] = late
        times.append(late)
    broken = violations(events, times)
    assert broken and not violations(events, times, ties=True)
    assert any(events[j].get("msg") == i and times[i] == times[j] for i, j in broken)


@given(runs())
def test_the_stamp_is_the_length_of_the_longest_chain_of_causes(events):
    before = happened_before(events)
    longest = []
    for j in range(len(events)):
        longest.append(1 + max((longest[i] for i in range(j) if (i, j) in before), default=0))
    assert [s.time for s in stamp(events)] == longest


@given(runs(), st.data())
def test_if_any_pair_breaks_the_condition_two_neighbours_do(events, data):
    times = data.draw(st.lists(st.integers(0, 9), min_size=len(events), max_size=len(events)))
    assert bool(violations(events, times)) == bool(contradicted(events, times))
    late = any(times[i] > times[j] for i, j in happened_before(events))
    assert bool(violations(events, times, ties=True)) == late


@given(runs(8), st.data())
def test_every_total_order_that_fits_comes_from_some_clock(events, data):
    before, order = happened_before(events), []
    while len(order) < len(events):
        ready = [
            j
            for j in range(len(events))
            if j not in order and all(i in order for i, k in before if k == j)
        ]
        order.append(data.draw(st.sampled_from(ready)))
    times = [order.index(i) for i in range(len(events))]
    assert not violations(events, times)


@given(runs())
def test_stamps_do_not_depend_on_which_order_the_events_are_told_in(events):
    order = sorted(range(len(events)), key=lambda i: stamp(events)[i])
    place = {old: new for new, old in enumerate(order)}
    told = [
        events[i] | ({"msg": place[events[i]["msg"]]} if events[i]["kind"] == "recv" else {})
        for i in order
    ]
    assert stamp(told) == [stamp(events)[i] for i in order]


# What two stamps can tell --------------------------------------------------------------------


@given(runs())
def test_what_concurrent_says_is_true(events):
    before, stamps = happened_before(events), stamp(events)
    for i, a in enumerate(stamps):
        for j, b in enumerate(stamps):
            apart = i != j and (i, j) not in before and (j, i) not in before
            assert concurrent(a, b) in (None, apart)
            assert concurrent(a, b) == concurrent(b, a)


def test_where_it_says_none_both_answers_occur():
    told, apart = Stamp(1, "P"), Stamp(2, "Q")
    asked = [{"proc": "P", "kind": "send"}, {"proc": "Q", "kind": "recv", "msg": 0}]
    alone = [{"proc": p, "kind": "local"} for p in "PQQ"]
    assert stamp(asked) == [told, apart] and (0, 1) in happened_before(asked)
    assert stamp(alone)[::2] == [told, apart] and (0, 2) not in happened_before(alone)
    assert concurrent(told, apart) is None


def test_no_clock_of_numbers_keeps_the_converse_for_the_events_of_the_paper():
    assert converse(APART) == (27, 9, 0)
    chain = [{"proc": "P", "kind": "local"}] * 2
    assert converse(chain) == (4, 1, 1)  # it can hold, so the count can fail


def test_the_more_processes_the_less_a_smaller_stamp_says():
    share = [
        share_ordered([random_events(Random(seed), procs, 60) for seed in range(60)])
        for procs in (1, 2, 4, 8, 16)
    ]
    assert share[0] == 1 and share == sorted(share, reverse=True) and share[-1] < 0.12


def test_processes_that_keep_to_themselves_are_ordered_by_stamps_alone():
    quiet = [random_events(Random(seed), 4, 60, local=0.9) for seed in range(60)]
    busy = [random_events(Random(seed), 4, 60, local=0.0) for seed in range(60)]
    assert share_ordered(quiet) < 0.4 < share_ordered(busy)


def test_a_telephone_call_is_not_seen():
    *_, first, then = stamp([{"proc": "A", "kind": "local"}] * 3 + [{"proc": "B", "kind": "local"}])
    assert then < first


# Wall clocks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("error_ms", [0.1, 1, 10])
def test_the_share_of_early_receives_is_that_of_the_formula(error_ms):
    x = 2 * error_ms / 0.6
    said = 0.5 - 1 / x + (1 - exp(-x)) / x**2
    got = stamped_early(error_ms, 0.6, Random(2), trials=40_000)
    assert abs(got - said) < 3 * 0.5 / 200  # three standard errors at most


def test_clocks_closer_than_the_fastest_message_are_in_order():
    assert stamped_early(0.1, 0.6, Random(3), 20_000, least_ms=0.2) == 0
    assert stamped_early(0.12, 0.6, Random(3), 20_000, least_ms=0.2) > 0


def test_the_demo_is_the_chat_of_the_page():
    _, history = demo()
    assert posts(history, "at") == ["at noon", "lunch?", "hello"]
    assert posts(history, "time") == ["lunch?", "hello", "at noon"]
    assert [s.time for s in stamp(history)] == [event["time"] for event in history]
    heard = [e["text"] for e in history if (e["proc"], e["kind"]) == ("cam", "recv")]
    assert heard == ["at noon", "lunch?"]


@settings(deadline=None, max_examples=40)
@given(st.integers(-200, 200))
def test_no_wall_clock_changes_a_stamp(bob_ms):
    assert posts(demo(bob_ms)[1], "time") == ["lunch?", "hello", "at noon"]


def test_twelve_milliseconds_are_what_the_clock_may_be_slow():
    assert posts(demo(-11)[1], "at")[0] == "lunch?"
    assert posts(demo(-13)[1], "at")[0] == "at noon"


# Your own data -------------------------------------------------------------------------------

SEND = {"proc": "a", "kind": "send"}


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (7, "event 1 is not an object with the fields proc and kind"),
        ({"proc": "a"}, "event 1 is not an object"),
        ({"proc": 3, "kind": "send"}, "event 1: 'proc' is not a text"),
        ({"proc": "a", "kind": "sent"}, "event 1: 'kind' is not one of local, send, recv"),
        ({"proc": "a", "kind": ["send"]}, "event 1: 'kind' is not one of"),
        ({"proc": "b", "kind": "recv"}, "event 1: 'msg' of a recv is the index"),
        ({"proc": "b", "kind": "recv", "msg": True}, "event 1: 'msg' of a recv is the index"),
        ({"proc": "b", "kind": "recv", "msg": 1}, "event 1: 'msg' is 1, which is no send"),
        ({"proc": "b", "kind": "recv", "msg": -1}, "event 1: 'msg' is -1, which is no send"),
        (SEND | {"at": "noon"}, "event 1: 'at' is not a number"),
        (SEND | {"at": None}, "event 1: 'at' is not a number"),
        (SEND | {"at": float("nan")}, "event 1: 'at' is not a number"),
    ],
)
def test_a_malformed_event_is_named_in_one_sentence(event, says):
    for call in (stamp, happened_before):
        with pytest.raises(ValueError) as error:
            call([SEND, event])
        assert str(error.value).startswith(says) and "\n" not in str(error.value)


def test_events_are_left_as_they_were():
    events = random_events(Random(5), 3, 20)
    copy = json.loads(json.dumps(events))
    stamp(events)
    assert events == copy


def written(folder, events):
    path = folder / "trace.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")
    return str(path)


def test_the_command_judges_wall_clocks_and_orders_what_has_none(tmp_path, capsys):
    recv = {"proc": "b", "kind": "recv", "msg": 0}
    assert judge(written(tmp_path, [SEND | {"at": 20}, recv | {"at": 13}])) == 1
    assert capsys.readouterr().out.splitlines() == [
        "wall clocks contradict causality, at 1 of 2 events; the first is",
        "  0 a send at 20",
        "  1 b recv at 13",
    ]
    assert judge(written(tmp_path, [SEND | {"at": 20}, recv | {"at": 20}])) == 0
    assert capsys.readouterr().out == "wall clocks fit causality: 2 events\n"
    assert judge(written(tmp_path, [SEND, recv | {"at": 20}])) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["  1 a send 0", "  2 b recv 1"]


def test_the_command_names_the_file_it_cannot_use(tmp_path, capsys):
    path = tmp_path / "x.jsonl"
    for content, says in (
        (b"\n", "x.jsonl: there is no event in this file"),
        (b"{}\n{oops\n", "x.jsonl:2: this is not one JSON object"),
        (b"\xff\n", "x.jsonl:1: this is not one JSON object"),
        (b"[" * 5000 + b"\n", "x.jsonl:1: this is not one JSON object"),
        (b"[1]\n", "x.jsonl: event 0 is not an object"),
    ):
        path.write_bytes(content)
        assert judge(str(path)) == 2
        out, err = capsys.readouterr()
        assert out == "" and says in err and err.count("\n") == 1
    assert judge(str(tmp_path)) == 2


def test_the_program_is_a_command(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "snippets.concepts.lamport_clock", written(tmp_path, demo()[1])],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and done.stdout.splitlines()[1:] == [
        "  0 ann send at 60",
        "  2 bob recv at 32",
    ]
