"""The laws of the simulator that every protocol on the site runs in.

Each law is a function of a trace. The real simulator must keep it for every
schedule of crashes, splits and calls; a subclass with one planted fault must
break it, so that the law is known to be able to fail.
"""

import hashlib
import os
import subprocess
import sys
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.simnet import (
    CancelTimer,
    Event,
    Lost,
    Note,
    Send,
    SetTimer,
    Simulation,
    uniform,
)
from tools import bench_simnet as bench

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("A", "B", "C")


@dataclass
class Chatter:
    """Tells its peers how often it was woken, and answers every second message."""

    id: str
    peers: tuple[str, ...]  # no default: it is configuration, and is kept
    woken: int = 0
    heard: list = field(default_factory=list)
    on_disk: int = 0

    durable = ("on_disk",)

    def start(self):
        return [SetTimer("wake", 30)]

    def timeout(self, timer):
        self.woken += 1
        self.on_disk += 1
        tell = [Send(peer, ("woken", self.woken)) for peer in self.peers]
        return [*tell, SetTimer("wake", 30)]

    def receive(self, sender, message):
        self.heard.append(message)
        if message[0] == "woken" and len(self.heard) % 2:
            return [Send(sender, ("heard", len(self.heard)))]
        return [Note("heard")]


@dataclass
class Deaf:
    """Has neither start nor timeout, and keeps what it receives."""

    id: str
    got: list = field(default_factory=list)

    def receive(self, sender, message):
        self.got.append((sender, message))
        return []

    def tell(self, to, *messages):
        return [Send(to, message) for message in messages]

    def run(self, *effects):
        return list(effects)


@dataclass
class Alarm:
    """Does with its timers what its user says, and notes what rang."""

    id: str

    def set(self, name, after_ms):
        return [SetTimer(name, after_ms)]

    def cancel(self, name):
        return [CancelTimer(name)]

    def timeout(self, timer):
        return [Note(f"rang {timer}")]


def copies(rng, sender, to, message):
    """None, one or several copies, some of them lost on the way."""
    return tuple(
        Lost(1 + int(rng.random() * 20)) if rng.random() < 0.2 else 1 + int(rng.random() * 20)
        for _ in range(int(rng.random() * 4))
    )


def deaf(*names, cls=Simulation, seed=1, **options):
    sim = cls(Random(seed), **options)
    for name in names:
        sim.add(Deaf(name))
    return sim


def kinds(trace, *wanted):
    return [event for event in trace if event.kind in wanted]


# --- schedules --------------------------------------------------------------

node = st.sampled_from(NAMES)
link = st.lists(node, min_size=2, max_size=3, unique=True)
fault = st.one_of(
    st.tuples(st.just("crash"), node),
    st.tuples(st.just("restart"), node),
    link.map(lambda names: ("cut", names[:1], names[1:])),
    st.just(("partition", {"A"}, {"B", "C"})),
    st.just(("partition", {"A"}, {"B"}, {"C"})),
    st.just(("heal",)),
    st.tuples(st.just("call"), node, st.just("timeout"), st.just("wake")),
)
schedules = st.lists(st.tuples(st.integers(0, 250), fault), max_size=8)
seeds = st.integers(0, 2**32)
some = settings(max_examples=40, deadline=None)


def run(seed, schedule=(), cls=Simulation, check=None, **options):
    sim = cls(Random(seed), **({"delay": copies} | options))
    for name in NAMES:
        sim.add(Chatter(name, tuple(peer for peer in NAMES if peer != name)))
    for at_ms, (what, *args) in schedule:
        sim.at(at_ms, getattr(sim, what), *args)
    sim.run(until_ms=300, check=check)
    return sim


BUSY = [
    (60, ("crash", "B")),
    (95, ("call", "B", "timeout", "wake")),
    (130, ("restart", "B")),
    (140, ("partition", {"A"}, {"B", "C"})),
    (200, ("heal",)),
    (205, ("cut", {"A"}, {"C"})),
    (260, ("crash", "C")),
]


# --- the laws ---------------------------------------------------------------


def links_keep_order(trace):
    last = {}
    for event in kinds(trace, "received"):
        link = event.peer, event.node
        assert event.message_id >= last.get(link, 0), event
        last[link] = event.message_id


def nothing_crosses_a_cut(trace):
    cut = set()
    for event in trace:
        if event.kind in ("partitioned", "healed"):
            cut = {
                (a, b)
                for one in event.what
                for other in event.what
                if one != other
                for a in one
                for b in other
            }
        elif event.kind == "cut":
            senders, receivers = event.what
            cut |= {(a, b) for a in senders for b in receivers}
        elif event.kind == "received":
            assert (event.peer, event.node) not in cut, event
        elif event.reason == "network split":
            assert (event.peer, event.node) in cut, event


def every_arrival_was_sent_once(trace):
    sent = {}
    for event in kinds(trace, "sent", "received", "lost"):
        if event.kind == "sent":
            assert event.message_id not in sent, event
            sent[event.message_id] = event
        else:
            assert event.message_id in sent, event
            origin = sent[event.message_id]
            assert (origin.node, origin.peer) == (event.peer, event.node)
            assert origin.what == event.what
            assert bool(event.reason) == (event.kind == "lost")


def time_never_runs_back(trace):
    times = [event.at_ms for event in trace]
    assert times == sorted(times)


def the_dead_are_silent(trace):
    down = set()
    for event in trace:
        if event.kind == "crashed":
            assert event.node not in down, event
            down.add(event.node)
        elif event.kind == "restarted":
            down.remove(event.node)
        elif event.kind == "refused" or event.reason == "node down":
            assert event.node in down, event
        elif event.kind != "lost":
            assert event.node not in down, event


LAWS = [
    links_keep_order,
    nothing_crosses_a_cut,
    every_arrival_was_sent_once,
    time_never_runs_back,
    the_dead_are_silent,
]


@some
@given(seeds, schedules)
def test_every_law_holds_for_every_schedule(seed, schedule):
    trace = run(seed, schedule, fifo=True).trace
    for law in LAWS:
        law(trace)


@some
@given(seeds, schedules)
def test_all_laws_but_order_hold_without_fifo(seed, schedule):
    trace = run(seed, schedule, fifo=False).trace
    for law in LAWS[1:]:
        law(trace)


class Unordered(Simulation):
    """Promises FIFO links and forgets what each link carries."""

    def send(self, *args):
        self._last_due.clear()
        super().send(*args)


class OneWay(Simulation):
    """A partition that stops only what comes from the first group."""

    def partition(self, *groups):
        super().partition(*groups)
        first = set(groups[0]) if groups else set()
        self._cuts = {link for link in self._cuts if link[0] in first}


class Renumbered(Simulation):
    """Delivers the second copy of a message under an id of its own."""

    def _arrive(self, sender, to, message, message_id, reason):
        arrived = {event.message_id for event in kinds(self.trace, "received")}
        number = message_id + 10_000 if message_id in arrived else message_id
        super()._arrive(sender, to, message, number, reason)


class Rewinding(Simulation):
    """Lets a heal happen where it should have been."""

    def heal(self):
        self.now_ms -= 15
        super().heal()


class Undead(Simulation):
    """A crash that forgets to stop the timers."""

    def crash(self, name):
        timers = dict(self._timers)
        super().crash(name)
        self._timers = timers


@pytest.mark.parametrize(
    ("law", "broken"),
    list(zip(LAWS, [Unordered, OneWay, Renumbered, Rewinding, Undead], strict=True)),
    ids=[law.__name__ for law in LAWS],
)
def test_each_law_catches_the_simulator_that_breaks_it(law, broken):
    runs = [run(seed, BUSY, cls=broken, fifo=True).trace for seed in range(5)]
    with pytest.raises(AssertionError):
        for trace in runs:
            law(trace)
    for other in LAWS:
        for seed in range(5):
            other(run(seed, BUSY, fifo=True).trace)  # the real one keeps it


def test_without_fifo_messages_overtake_each_other():
    with pytest.raises(AssertionError):
        for seed in range(5):
            links_keep_order(run(seed, fifo=False).trace)


# --- determinism ------------------------------------------------------------


@some
@given(seeds, schedules)
def test_one_seed_gives_one_trace(seed, schedule):
    first, again = run(seed, schedule), run(seed, schedule)
    assert first.trace == again.trace
    assert first.nodes == again.nodes


def test_other_seeds_give_other_traces():
    assert len({tuple(run(seed).trace) for seed in range(20)}) == 20


def digest(cls=Simulation):
    sim = run(7, BUSY, cls=cls, watch=lambda node: (f"{node.woken}", "woken"))
    lines = [*map(str, map(tuple, sim.trace)), *map(str, sim.watched)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


class Salted(Simulation):
    """Records the groups of a partition in the order of a set of strings."""

    def partition(self, *groups):
        super().partition(*groups)
        names = {name for group in groups for name in group}
        self._record("note", "A", tuple(names))


def digest_under_hash_seed(hash_seed, cls):
    code = f"from tests.test_simnet import *; print(digest({cls.__name__}))"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


def test_the_hash_seed_of_the_process_changes_nothing():
    seen = {digest_under_hash_seed(hash_seed, Simulation) for hash_seed in (1, 2)}
    assert seen == {digest()}


def test_the_hash_seed_check_can_fail():
    seen = {digest_under_hash_seed(hash_seed, Salted) for hash_seed in (1, 2)}
    assert len(seen) == 2


def test_the_trace_is_the_same_on_every_version_of_python():
    """Pinned: a new value means that every figure and output on the site moves."""
    assert digest() == "a515650244d3ec56"


# --- messages ---------------------------------------------------------------


@given(rng=st.randoms(use_true_random=False), low=st.integers(0, 50), more=st.integers(0, 50))
def test_uniform_delays_stay_within_their_bounds(rng, low, more):
    (delay_ms,) = uniform(low, low + more)(rng, "A", "B", "m")
    assert low <= delay_ms <= low + more
    assert not isinstance(delay_ms, Lost)


def test_uniform_reaches_both_bounds_and_loses_the_share_it_says():
    delay, rng = uniform(3, 5, loss=0.25), Random(0)
    drawn = [delay(rng, "A", "B", "m")[0] for _ in range(40_000)]
    lost = [each for each in drawn if isinstance(each, Lost)]
    assert set(drawn) == {3, 4, 5} == set(lost)
    assert len(lost) / len(drawn) == pytest.approx(0.25, abs=0.01)  # 4.6 sigma


def test_two_delays_are_two_copies_of_one_message():
    sim = deaf("A", "B", delay=lambda *_: (9, 5))
    sim.send("A", "B", "m")
    sim.run(20)
    assert sim.nodes["B"].got == [("A", "m"), ("A", "m")]
    assert [(e.at_ms, e.message_id) for e in kinds(sim.trace, "received")] == [(5, 1), (9, 1)]


def test_a_dropped_message_is_lost_where_and_when_it_would_have_arrived():
    sim = deaf("A", "B", delay=lambda *_: (Lost(9),))
    sim.send("A", "B", "m")
    sim.run(20)
    assert sim.nodes["B"].got == []
    assert sim.trace[-1] == Event(9, "B", "lost", "m", "A", 1, "dropped")


def test_no_delay_at_all_loses_the_message_where_it_was_sent():
    sim = deaf("A", "B", delay=lambda *_: ())
    sim.at(5, sim.send, "A", "B", "m")
    sim.run(20)
    assert sim.trace[-1] == Event(5, "B", "lost", "m", "A", 1, "dropped")


def test_a_message_to_a_node_that_is_down_is_lost_and_one_after_is_not():
    sim = deaf("A", "B", delay=uniform(5, 5))
    sim.crash("B")
    sim.send("A", "B", "early")
    sim.at(4, sim.send, "A", "B", "late")
    sim.at(7, sim.restart, "B")
    sim.run(20)
    lost, received = kinds(sim.trace, "lost", "received")
    assert (lost.what, lost.at_ms, lost.reason) == ("early", 5, "node down")
    assert (received.what, received.at_ms) == ("late", 9)


def test_a_client_is_answered_and_need_not_be_a_node():
    sim = deaf("A", clients=["reader"])
    sim.send("writer", "A", "m")
    sim.call("A", "tell", "writer", "done")
    sim.call("A", "tell", "reader", "news")
    sim.run(50)
    received = {(event.node, event.what) for event in kinds(sim.trace, "received")}
    assert received == {("A", "m"), ("writer", "done"), ("reader", "news")}


def test_messages_that_arrive_at_the_same_moment_come_in_the_order_of_sending():
    sim = deaf("A", "B", delay=uniform(5, 5))
    sim.call("A", "tell", "B", *range(50))
    sim.run(20)
    assert [message for _, message in sim.nodes["B"].got] == list(range(50))


# --- splits -----------------------------------------------------------------


def arrivals(sim, *pairs):
    for sender, to in pairs:
        sim.send(sender, to, f"{sender}{to}")
    sim.run(sim.now_ms + 30)
    return {event.what for event in kinds(sim.trace, "received")}


ALL = [(a, b) for a in NAMES for b in NAMES if a != b]


def test_a_partition_stops_both_directions_and_only_across_groups():
    sim = deaf(*NAMES)
    sim.partition({"A"}, {"B", "C"})
    assert arrivals(sim, *ALL) == {"BC", "CB"}


def test_a_name_in_no_group_reaches_both_sides():
    sim = deaf(*NAMES)
    sim.partition(["A"], ["B"])
    assert arrivals(sim, *ALL) == {"AC", "CA", "BC", "CB"}


def test_a_cut_stops_one_direction():
    sim = deaf(*NAMES)
    sim.cut({"A"}, {"B", "C"})
    assert arrivals(sim, *ALL) == {"BA", "CA", "BC", "CB"}


def test_cuts_add_up_and_heal_ends_them_all():
    sim = deaf(*NAMES)
    sim.partition({"A"}, {"B"})
    sim.cut({"C"}, {"A"})
    assert arrivals(sim, *ALL) == {"AC", "BC", "CB"}
    sim.heal()
    assert arrivals(sim, *ALL) == {a + b for a, b in ALL}


def test_a_partition_replaces_what_was_cut_before():
    sim = deaf(*NAMES)
    sim.cut({"B"}, {"C"})
    sim.partition({"A"}, {"B", "C"})
    assert arrivals(sim, *ALL) == {"BC", "CB"}


def test_a_message_on_the_way_is_judged_when_it_arrives():
    sim = deaf("A", "B", delay=uniform(10, 10))
    sim.at(0, sim.send, "A", "B", "into the split")
    sim.at(5, sim.partition, {"A"}, {"B"})
    sim.at(15, sim.send, "A", "B", "out of the split")
    sim.at(20, sim.partition)
    sim.run(40)
    lost, received = kinds(sim.trace, "lost", "received")
    assert (lost.what, lost.reason) == ("into the split", "network split")
    assert received.what == "out of the split"


def test_splits_are_events_whose_groups_are_in_the_order_of_their_names():
    sim = deaf(*NAMES, clients=["user"])
    sim.partition(["user", "C", "A"], ["B"])
    sim.cut(["C", "B"], ["A"])
    sim.heal()
    assert sim.trace == [
        Event(0, "", "partitioned", (("A", "C", "user"), ("B",))),
        Event(0, "", "cut", (("B", "C"), ("A",))),
        Event(0, "", "healed", ()),
    ]


# --- timers -----------------------------------------------------------------

timer_ops = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from("xy"), st.none() | st.integers(0, 40)),
    max_size=12,
)


@given(timer_ops)
def test_timers_ring_once_unless_they_are_set_again_or_cancelled(ops):
    sim = Simulation(Random(0))
    sim.add(Alarm("A"))
    expected = []
    running = {}
    for at_ms, name, after_ms in sorted(ops, key=lambda op: op[0]):
        if after_ms is None:
            sim.at(at_ms, sim.call, "A", "cancel", name)
        else:
            sim.at(at_ms, sim.call, "A", "set", name, after_ms)
        # What runs out at this very moment was set earlier and is not yet rung:
        # the user's call was scheduled before the run, so it comes first.
        if name in running and running[name] < at_ms:
            expected.append((running[name], name))
        running.pop(name, None)
        if after_ms is not None:
            running[name] = at_ms + after_ms
    expected += [(due_ms, name) for name, due_ms in running.items()]
    sim.run(200)
    rang = [(event.at_ms, event.what) for event in kinds(sim.trace, "timeout")]
    assert sorted(rang) == sorted(expected)
    assert len(kinds(sim.trace, "note")) == len(expected)


def test_the_timer_law_catches_a_timer_that_cannot_be_restarted():
    class Stubborn(Simulation):
        def _expire(self, name, timer, order):
            self._timers[name, timer] = order
            super()._expire(name, timer, order)

    for cls, rings in ((Simulation, [30]), (Stubborn, [10, 30])):
        sim = cls(Random(0))
        sim.add(Alarm("A"))
        sim.call("A", "set", "x", 10)
        sim.at(5, sim.call, "A", "set", "x", 25)
        sim.run(100)
        assert [event.at_ms for event in kinds(sim.trace, "timeout")] == rings


def test_a_crash_takes_the_timers_of_that_node_alone():
    sim = Simulation(Random(0))
    for name in ("A", "B"):
        sim.add(Alarm(name))
        sim.call(name, "set", "x", 10)
    sim.at(5, sim.crash, "A")
    sim.at(7, sim.restart, "A")
    sim.run(100)
    assert [event.node for event in kinds(sim.trace, "timeout")] == ["B"]


# --- crashes ----------------------------------------------------------------


def restart_keeps_what_is_durable_and_resets_the_rest(seed, at_ms, cls=Simulation):
    states = []
    sim = cls(Random(seed), copies)
    for name in NAMES:
        sim.add(Chatter(name, tuple(peer for peer in NAMES if peer != name)))

    def look():
        states.append(deepcopy(sim.nodes["B"]))

    for action in ((sim.crash, "B"), (look,), (sim.restart, "B"), (look,)):
        sim.at(at_ms, *action)
    sim.run(at_ms)
    before, after = states
    # The crash was scheduled first, so it comes before a timer of the same moment.
    assert before.on_disk == before.woken == (at_ms - 1) // 30
    assert after == Chatter("B", ("A", "C"), on_disk=before.on_disk)


@some
@given(seeds, st.integers(1, 290))
def test_a_restart_keeps_durable_fields_and_resets_the_others(seed, at_ms):
    restart_keeps_what_is_durable_and_resets_the_rest(seed, at_ms)


class Amnesiac(Simulation):
    """A restart that forgets the disk as well."""

    def restart(self, name):
        self.nodes[name].on_disk = 0
        super().restart(name)


class Hibernating(Simulation):
    """A restart that finds the memory as it was."""

    def restart(self, name):
        heard = self.nodes[name].heard
        super().restart(name)
        self.nodes[name].heard = heard


@pytest.mark.parametrize("broken", [Amnesiac, Hibernating])
def test_the_law_of_restarts_can_fail(broken):
    with pytest.raises(AssertionError):
        restart_keeps_what_is_durable_and_resets_the_rest(1, 200, broken)


def test_a_node_that_names_nothing_durable_loses_everything_with_a_default():
    sim = deaf("A")
    sim.send("user", "A", "m")
    sim.run(50)
    assert sim.nodes["A"].got == [("user", "m")]
    before = sim.nodes["A"].got
    sim.restart("A")
    assert sim.nodes["A"] == Deaf("A")
    assert sim.nodes["A"].got is not before


def test_a_restart_starts_the_node_again_and_needs_no_crash_before():
    sim = run(1, [(40, ("restart", "A"))])
    at_40 = [event.kind for event in sim.trace if event.at_ms == 40 and event.node == "A"]
    assert at_40[:2] == ["crashed", "restarted"]
    woken = [event.at_ms for event in kinds(sim.trace, "timeout") if event.node == "A"]
    assert woken[:3] == [30, 70, 100]


def test_a_second_crash_of_a_node_that_is_down_is_no_event():
    sim = deaf("A")
    sim.crash("A")
    sim.crash("A")
    assert [event.kind for event in sim.trace] == ["crashed"]


def test_a_call_on_a_crashed_node_is_refused_and_runs_nothing():
    """Decision 0002."""
    sim = deaf("A", "B")
    sim.crash("A")
    sim.call("A", "tell", "B", "m")
    assert sim.trace[-1] == Event(0, "A", "refused", ("tell", "B", "m"))
    sim.restart("A")
    sim.call("A", "tell", "B", "m")
    assert [event.kind for event in sim.trace[-2:]] == ["called", "sent"]


# --- clocks, watching, checking ----------------------------------------------


def test_a_clock_is_ahead_by_its_skew_at_every_moment():
    sim = Simulation(Random(0))
    right, fast, slow = sim.clock(), sim.clock(30), sim.clock(skew_ms=-20)
    seen = []
    for at_ms in (0, 17, 40):
        sim.at(at_ms, lambda: seen.append((right(), fast(), slow())))
    sim.run(50)
    assert seen == [(0, 30, -20), (17, 47, -3), (40, 70, 20)]


def watch(node):
    return ("awake" if node.woken else "new", f"{len(node.heard)} heard")


def watched_is_every_change(seed, schedule, cls=Simulation):
    observed = {name: [] for name in NAMES}

    def look(nodes):
        for name, node in nodes.items():
            if not observed[name] or observed[name][-1] != watch(node):
                observed[name].append(watch(node))

    sim = run(seed, schedule, cls, check=look, watch=watch)
    for name in NAMES:
        assert [value for _, node, value in sim.watched if node == name] == observed[name]
    assert sim.watched[:3] == [(0, name, ("new", "0 heard")) for name in NAMES]
    times = [at_ms for at_ms, _, _ in sim.watched]
    assert times == sorted(times)


@some
@given(seeds, schedules)
def test_watched_holds_every_change_of_every_node_and_nothing_else(seed, schedule):
    watched_is_every_change(seed, schedule)


class Forgetting(Simulation):
    """Does not remember what it saw last."""

    def _perform(self, name, effects):
        self._seen.pop(name, None)
        super()._perform(name, effects)


def test_the_law_of_watching_can_fail():
    with pytest.raises(AssertionError):
        watched_is_every_change(1, BUSY, Forgetting)


def test_a_node_is_watched_from_the_moment_it_is_added():
    sim = deaf("A", watch=lambda node: f"{len(node.got)} messages", delay=uniform(5, 5))
    sim.at(10, sim.send, "user", "A", "m")
    sim.run(20)
    assert sim.watched == [(0, "A", "0 messages"), (15, "A", "1 messages")]


def test_watching_changes_no_trace():
    assert run(3, BUSY, watch=watch).trace == run(3, BUSY).trace


def test_the_check_is_called_after_every_event():
    seen = []
    sim = deaf("A", "B", delay=uniform(5, 5))
    for at_ms in (1, 2, 3):
        sim.at(at_ms, sim.send, "A", "B", at_ms)
    sim.run(20, check=lambda nodes: seen.append((sim.now_ms, len(nodes["B"].got))))
    assert seen == [(1, 0), (2, 0), (3, 0), (6, 1), (7, 2), (8, 3)]


def test_a_failing_check_stops_the_run_at_its_event():
    def nobody_hears(nodes):
        assert not nodes["B"].got

    sim = deaf("A", "B", delay=uniform(5, 5))
    sim.at(10, sim.send, "A", "B", "m")
    with pytest.raises(AssertionError):
        sim.run(100, check=nobody_hears)
    assert sim.now_ms == 15 and sim.trace[-1].kind == "received"


def test_a_run_goes_on_where_the_last_one_ended():
    whole, parts = run(5, BUSY), Simulation(Random(5), copies)
    for name in NAMES:
        parts.add(Chatter(name, tuple(peer for peer in NAMES if peer != name)))
    for at_ms, (what, *args) in BUSY:
        parts.at(at_ms, getattr(parts, what), *args)
    for until_ms in (0, 10, 77, 77, 300):
        trace = parts.run(until_ms)
        assert parts.now_ms == until_ms
    assert trace == whole.trace


def test_a_node_can_join_while_the_simulation_runs():
    sim = deaf("A", delay=uniform(5, 5))
    sim.at(50, sim.add, Chatter("B", ("A",)))
    sim.run(100)
    assert Event(50, "B", "called", "start") in sim.trace
    assert sim.nodes["A"].got == [("B", ("woken", 1))]


# --- errors -----------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    values: list


@pytest.mark.parametrize("message", [[1], {"x": 1}, ("x", [1]), {1}, Report([1])])
def test_a_message_that_can_change_is_refused(message):
    with pytest.raises(TypeError, match=r"A sends B what can change .*use frozen dataclasses"):
        deaf("A", "B").call("A", "tell", "B", message)


@pytest.mark.parametrize("effect", ["B", ("B", "m"), None, SetTimer])
def test_an_unknown_effect_is_refused(effect):
    with pytest.raises(TypeError, match=r"A returned .*an effect is Send, SetTimer"):
        deaf("A").call("A", "run", effect)


@pytest.mark.parametrize("effects", [None, Send("B", "m"), (Send("B", "m"),)])
def test_effects_that_are_no_list_are_refused(effects):
    sim = deaf("A", "B")
    sim.nodes["A"].run = lambda: effects
    with pytest.raises(TypeError, match=r"A returned .*, not a list"):
        sim.call("A", "run")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda sim: sim.call("A", "tell", "Z", "m"), "unknown name 'Z'"),
        (lambda sim: sim.send("user", "Z", "m"), "unknown name 'Z'"),
        (lambda sim: sim.call("Z", "start"), "unknown name 'Z'"),
        (lambda sim: sim.crash("Z"), "unknown name 'Z'"),
        (lambda sim: sim.restart("Z"), "unknown name 'Z'"),
        (lambda sim: sim.partition({"A"}, {"Z"}), "unknown name 'Z'"),
        (lambda sim: sim.cut({"Z"}, {"A"}), "unknown name 'Z'"),
        (lambda sim: sim.partition({"A"}), "has another side"),
        (lambda sim: sim.partition({"A"}, {"B", "A"}), "share a name"),
        (lambda sim: sim.cut({"A"}, {"B", "A"}), "share a name"),
        (lambda sim: sim.call("A", "tell", "A", "m"), "A sends 'm' to itself"),
        (lambda sim: sim.call("A", "run", SetTimer("x", -1)), "cannot happen at 49 ms"),
        (lambda sim: sim.call("A", "run", SetTimer("x", 1.5)), "whole numbers"),
        (lambda sim: sim.at(49, sim.crash, "A"), r"crash\('A',\) cannot happen at 49 ms"),
        (lambda sim: sim.run(49), "49 ms is past: now is 50"),
        (lambda sim: sim.add(Deaf("A")), "there is a node 'A' already"),
    ],
)
def test_a_mistake_is_named(wrong, message):
    sim = deaf("A", "B")
    sim.run(50)
    with pytest.raises(ValueError, match=message):
        wrong(sim)


def test_a_delay_into_the_past_is_refused():
    sim = deaf("A", "B", delay=lambda *_: (-5,))
    with pytest.raises(ValueError, match="cannot happen at -5 ms"):
        sim.send("A", "B", "m")


def test_a_durable_field_that_does_not_exist_is_refused():
    @dataclass
    class Forgetful:
        id: str
        term: int = 0
        durable = ("trem",)

    with pytest.raises(ValueError, match=r"durable \('trem',\), but its fields are"):
        Simulation(Random(0)).add(Forgetful("A"))


# --- the benchmark ------------------------------------------------------------


def test_the_benchmark_gives_simnet_and_simpy_the_same_work():
    """Its speed is for people to read: python -m tools.bench_simnet."""
    counts = [bench.simnet(), bench.processes(), bench.callbacks()]
    assert min(counts) > 10_000 and max(counts) < 1.02 * min(counts)
