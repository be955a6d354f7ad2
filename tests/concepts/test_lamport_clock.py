"""Laws of Lamport's clock and of the lock made of it."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.concepts.lamport_clock import (
    NAMES,
    Process,
    broken,
    concurrent,
    demo,
    judge,
    ordered_share,
    pasts,
    random_run,
    received_early,
    stamp,
)
from snippets.simnet import Simulation, uniform

ROOT = Path(__file__).parents[2]
RUNS = [random_run(1 + seed % 6, 40, Random(seed)) for seed in range(120)]
CHAT = [
    {"proc": "Ann", "kind": "send"},
    {"proc": "Cy", "kind": "local"},
    {"proc": "Bob", "kind": "recv", "msg": 0},
]


def without_merge(events):
    """The broken clock: a receiver does not look at the stamp it receives."""
    own = {}
    return [own.setdefault(e["proc"], []).append(0) or len(own[e["proc"]]) for e in events]


def test_what_happened_before_has_the_smaller_stamp():
    for events in RUNS:
        stamps = stamp(events)
        for b, before in enumerate(pasts(events)):
            assert all(stamps[a][0] < stamps[b][0] for a in before)


def test_a_clock_that_ignores_what_it_receives_breaks_the_condition():
    bad = [broken(events, without_merge(events)) for events in RUNS]
    assert any(bad)
    for events, steps in zip(RUNS, bad, strict=True):
        assert all(events[b]["kind"] == "recv" and events[b]["msg"] == a for a, b in steps)


def test_the_steps_are_broken_where_the_relation_is():
    for seed, events in enumerate(RUNS):
        rng = Random(seed)
        times = [int(rng.random() * 60) + i for i in range(len(events))]
        whole = [
            (a, b)
            for b, before in enumerate(pasts(events))
            for a in before
            if not times[a] < times[b]
        ]
        steps = broken(events, times)
        assert set(steps) <= set(whole) and bool(steps) == bool(whole)


def test_the_past_is_reachability_in_the_graph():
    for events in RUNS[:40]:
        n = len(events)
        reach = [[False] * n for _ in range(n)]
        for b, event in enumerate(events):
            for a in range(b):
                same = events[a]["proc"] == event["proc"]
                reach[a][b] = same or (event["kind"] == "recv" and event["msg"] == a)
        for k in range(n):
            for i in range(n):
                for j in range(n):
                    reach[i][j] |= reach[i][k] and reach[k][j]
        assert pasts(events) == [{a for a in range(n) if reach[a][b]} for b in range(n)]


def test_stamps_order_all_events_and_the_order_respects_causality():
    for events in RUNS:
        stamps = stamp(events)
        assert len(set(stamps)) == len(events)
        order = sorted(range(len(events)), key=stamps.__getitem__)
        place = {event: at for at, event in enumerate(order)}
        assert all(place[a] < place[b] for b, past in enumerate(pasts(events)) for a in past)


def test_the_stamps_do_not_depend_on_the_order_in_which_events_are_listed():
    for seed, events in enumerate(RUNS):
        rng, before, left, order = Random(seed), pasts(events), set(range(len(events))), []
        while left:
            ready = sorted(i for i in left if not before[i] & left)
            order.append(ready[int(rng.random() * len(ready))])
            left.remove(order[-1])
        place = {old: new for new, old in enumerate(order)}
        moved = [dict(events[i]) for i in order]
        for event in moved:
            if "msg" in event:
                event["msg"] = place[event["msg"]]
        assert stamp(moved) == [stamp(events)[i] for i in order]


def test_concurrent_says_only_what_is_so_and_unknown_can_be_either():
    unknown = set()
    for events in RUNS:
        stamps, before = stamp(events), pasts(events)
        for b in range(len(events)):
            for a in range(b):
                truth, says = a not in before[b], concurrent(stamps[a], stamps[b])
                assert says == concurrent(stamps[b], stamps[a])
                if says is None:
                    unknown.add(truth)
                else:
                    assert says == truth
    assert unknown == {True, False}
    assert concurrent((3, "P"), (3, "P")) is False


def test_the_share_falls_with_the_processes():
    shares = [
        ordered_share([random_run(n, 60, Random(seed)) for seed in range(20)]) for n in (1, 2, 4, 8)
    ]
    assert shares[0] == 1 and shares == sorted(shares, reverse=True) and shares[-1] < 0.4


@pytest.mark.parametrize("skew_ms", [0.2, 0.5, 1, 10])
def test_wall_clocks_turn_as_many_messages_as_the_triangle_says(skew_ms):
    expected = max(0, 2 * skew_ms - 0.6) ** 2 / (8 * skew_ms**2)
    assert abs(received_early(skew_ms, 0.6, 40_000, Random(3)) - expected) < 0.01


@given(st.lists(st.integers(0, 5), max_size=30))
def test_one_process_alone_counts(kinds):
    events = [{"proc": "P", "kind": "send" if k else "local"} for k in kinds]
    assert stamp(events) == [(i + 1, "P") for i in range(len(kinds))]


# The lock


class TwoHold(AssertionError):
    pass


def lock(seed, patient=True, names=("P", "Q", "R", "S"), **network):
    """A run of random requests; after each event at most one process holds."""
    rng = Random(seed)
    network = {"delay": uniform(1, 40), "fifo": True} | network
    sim = Simulation(rng, **network)
    granted, now = [], set()

    def check(nodes):
        held = {(node.queue[node.id], node.id) for node in nodes.values() if node.holding}
        if len(held) > 1:
            raise TwoHold(held)
        granted.extend(held - now)
        now.clear()
        now.update(held)

    for name in names:
        sim.add(Process(name, tuple(other for other in names if other != name), patient))

    def ask(name):
        if name not in sim.nodes[name].queue:
            asked.append(name)
            sim.call(name, "ask")

    asked = []
    for _ in range(12):
        sim.at(int(rng.random() * 400), ask, names[int(rng.random() * len(names))])
    sim.run(until_ms=3000, check=check)
    return sim, asked, granted


def test_one_holds_at_a_time_all_are_served_and_in_the_order_of_the_stamps():
    for seed in range(150):
        sim, asked, granted = lock(seed)
        assert len(granted) == len(asked) and granted == sorted(granted)
        sent = sum(event.kind == "sent" for event in sim.trace)
        assert sent == 3 * (len(NAMES) + 1 - 1) * len(asked)


def test_the_impatient_lock_lets_two_in():
    with pytest.raises(TwoHold):
        for seed in range(20):
            lock(seed, patient=False)


def test_without_fifo_links_the_lock_fails():
    failed = 0
    for seed in range(60):
        try:
            lock(seed, fifo=False)
        except (TwoHold, KeyError):
            failed += 1
    assert failed


def test_a_process_that_is_down_stops_all_others():
    names = ("P", "Q", "R")
    sim = Simulation(Random(0), fifo=True)
    for name in names:
        sim.add(Process(name, tuple(other for other in names if other != name)))
    sim.at(5, sim.crash, "R")
    sim.at(10, sim.call, "P", "ask")
    sim.run(until_ms=10_000)
    assert not any(event.kind == "note" for event in sim.trace)


def test_the_page_s_run():
    watched = [(at, name) for at, name, what in demo().watched if what == "holding"]
    assert [name for _, name in watched] == ["P", "R", "Q"]
    at_once = [name for at, name, what in demo(False).watched if what == "holding" and at < 20]
    assert at_once == ["R", "P"]
    with pytest.raises(ValueError, match="asked already"):
        process = Process("P", ())
        process.holding = True
        process.ask()
        process.ask()


def test_change_it():
    assert broken(CHAT, without_merge(CHAT)) == [(0, 2)]
    sim = Simulation(Random(0), delay=lambda *_: (10,), fifo=True)
    for name in NAMES:
        sim.add(Process(name, tuple(other for other in NAMES if other != name)))
    sim.at(0, sim.call, "R", "ask")
    sim.at(12, sim.call, "P", "ask")
    sim.run(until_ms=130)
    assert [event.node for event in sim.trace if event.kind == "note"] == ["R", "P"]


# Input


@pytest.mark.parametrize(
    ("events", "says"),
    [
        (["x"], "event 0 is no dict"),
        ([{"kind": "local"}], "event 0: proc must be a string"),
        ([{"proc": "P", "kind": "sleep"}], "kind must be local, send or recv"),
        ([{"proc": "P", "kind": "recv"}], "msg must be the index of an earlier"),
        ([{"proc": "P", "kind": "recv", "msg": True}], "msg must be the index"),
        ([{"proc": "P", "kind": "recv", "msg": 0}], "msg must be the index"),
        ([*CHAT, {"proc": "Cy", "kind": "recv", "msg": 1}], "event 1 is no send"),
    ],
)
def test_malformed_events_are_refused(events, says):
    for function in (stamp, pasts, lambda given: broken(given, [1] * len(given))):
        with pytest.raises(ValueError, match=says):
            function(events)


def test_other_malformed_input_is_refused():
    with pytest.raises(ValueError, match="1 times for 3 events"):
        broken(CHAT, [1])
    for bad in (3, (3,), (True, "P"), ("P", 3)):
        with pytest.raises(ValueError, match="is no stamp"):
            concurrent(bad, (1, "P"))
    for arguments in ((-1, 1, 1), (1, -1, 1), (1, 1, 0)):
        with pytest.raises(ValueError, match="must not be negative"):
            received_early(*arguments, Random(0))


def written(folder, events):
    path = folder / "events.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")
    return str(path)


def test_the_command_prints_stamps_or_judges_times(tmp_path, capsys):
    command = [sys.executable, "-m", "snippets.concepts.lamport_clock", written(tmp_path, CHAT)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "1 Ann send\n1 Cy local\n2 Bob recv\n")
    for times, code, says in (
        ([1, 5, 2], 0, "the clock condition holds: 3 events"),
        ([3, 5, 2], 1, "the clock condition is broken at 1 step, first:"),
    ):
        events = [event | {"at": at} for event, at in zip(CHAT, times, strict=True)]
        assert judge(written(tmp_path, events)) == code
        out = capsys.readouterr().out.splitlines()
        assert out[0] == says and len(out) == (3 if code else 1)


def test_the_command_names_file_and_line(tmp_path, capsys):
    path = tmp_path / "x.jsonl"
    good = json.dumps(CHAT[0]).encode() + b"\n"
    for content, says in (
        (b"", "x.jsonl: there is no event in this file"),
        (good + b"\n{oops\n", "x.jsonl:3: this is not one JSON object"),
        (good + b"\xff\xfe\n", "x.jsonl:2: this is not one JSON object"),
        (good + b"7\n", "x.jsonl: event 1 is no dict"),
        (b'{"proc": "P", "kind": "local", "at": "noon"}\n', "x.jsonl: at must be a number"),
    ):
        path.write_bytes(content)
        assert judge(str(path)) == 2
        out, err = capsys.readouterr()
        assert out == "" and says in err and err.count("\n") == 1
    assert judge(str(tmp_path / "none")) == 2
