"""CRDTs: the laws of merge, convergence on a bad network, and what the naive variants do."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.concepts.crdt import (
    GCounter,
    LWWRegister,
    LWWSet,
    MaxCounter,
    MVRegister,
    OptimizedORSet,
    ORSet,
    PNCounter,
    Replica,
    SumCounter,
    TwoPhaseSet,
    UnionSet,
    counted,
    demo,
    growth,
    shown,
    stories,
)
from snippets.simnet import Simulation

TYPES = (GCounter, PNCounter, LWWRegister, LWWSet, MVRegister, TwoPhaseSet, ORSet, OptimizedORSet)
SETS = (TwoPhaseSet, ORSet, OptimizedORSet)
NAMES = ("A", "B", "C")


def change(state, replica, draw, clock):
    """One change of a random kind; draw is a number below 12, clock grows."""
    kind, item = type(state), "xyz"[draw % 3]
    if kind is GCounter:
        return state.increment(replica, draw)
    if kind is PNCounter:
        return (state.increment if draw % 2 else state.decrement)(replica, draw)
    if kind is LWWRegister:
        return state.write(replica, clock, clock // 2)
    if kind is MVRegister:
        return state.write(replica, clock)
    stamp = (clock // 2,) if kind is LWWSet else ()
    return (state.remove if draw > 6 else state.add)(replica, item, *stamp)


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 11)), max_size=14
)


def reachable(kind, steps):
    """Three replicas that change and merge: (who, from whom or itself, what)."""
    states = [kind() for _ in NAMES]
    for clock, (who, whom, draw) in enumerate(steps):
        if who == whom:
            states[who] = change(states[who], NAMES[who], draw, 2 * clock + 1)
        else:
            states[who] = states[who].merge(states[whom])
    return states


@pytest.mark.parametrize("kind", TYPES)
@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_merge_is_a_join(kind, steps):
    a, b, c = reachable(kind, steps)
    assert a.merge(b) == b.merge(a)
    assert a.merge(b.merge(c)) == a.merge(b).merge(c)
    assert a.merge(a) == a
    assert a.merge(b).merge(a) == a.merge(b)  # nothing is lost by meeting


@pytest.mark.parametrize("kind", TYPES)
@settings(max_examples=40, deadline=None)
@given(steps=STEPS, draw=st.integers(0, 11))
def test_a_change_only_moves_upwards(kind, steps, draw):
    before = reachable(kind, steps)[0]
    after = change(before, "A", draw, 999)
    assert after.merge(before) == after == before.merge(after)


def test_the_naive_ones_break_a_law_or_count_something_else():
    a, b = SumCounter().increment("A"), SumCounter().increment("B")
    assert a.merge(a) != a  # not idempotent
    a, b = MaxCounter().increment("A"), MaxCounter().increment("B")
    assert a.merge(a) == a and a.merge(b).value() == 1  # a join: of a maximum, not of a count
    full = UnionSet().add("A", "x")
    assert full.remove("A", "x").merge(full) == full  # the remove is undone


# What the values mean ------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_the_counters_count_each_change_once(steps):
    for kind in (GCounter, PNCounter):
        states = reachable(kind, steps)
        total = 0
        for who, whom, draw in steps:
            if who == whom:
                total += draw if kind is GCounter or draw % 2 else -draw
        assert states[0].merge(states[1]).merge(states[2]).value() == total


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_the_optimized_set_is_the_observed_remove_set(steps):
    plain, optimized = reachable(ORSet, steps), reachable(OptimizedORSet, steps)
    assert [s.value() for s in plain] == [s.value() for s in optimized]


def test_an_optimized_set_that_forgets_what_it_has_seen_trips_the_comparison():
    a = OptimizedORSet().add("A", "x")
    b = a.remove("B", "x")
    assert "x" not in b.merge(a).value()
    forgetful = OptimizedORSet(b.tagged)  # planted: seen is lost
    assert "x" in forgetful.merge(a).value()


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_a_register_keeps_exactly_the_writes_that_nobody_replaced(steps):
    """Against causal histories: the set of all writes that a write had seen."""
    states = reachable(MVRegister, steps)
    visible, behind = [frozenset()] * 3, {}
    for clock, (who, whom, _) in enumerate(steps):
        if who == whom:
            write = 2 * clock + 1
            behind[write] = frozenset().union(*(behind[w] | {w} for w in visible[who]))
            visible[who] = frozenset({write})
        else:
            both = visible[who] | visible[whom]
            visible[who] = frozenset(w for w in both if not any(w in behind[v] for v in both))
    assert [state.value() for state in states] == visible


def test_last_writer_wins_loses_an_acknowledged_write():
    a = LWWRegister().write("A", "first", 100)
    later = a.write("B", "second", 90)  # B has seen it, but its clock is behind
    assert later.value() == "first" and later.merge(a).value() == "first"
    assert MVRegister().write("A", "first").write("B", "second").value() == {"second"}
    tie = LWWRegister().write("A", "a", 5).merge(LWWRegister().write("B", "b", 5))
    assert tie.value() == "b"


def test_the_stories_of_the_table():
    assert stories(UnionSet) == (True, True, True)
    assert stories(TwoPhaseSet) == (False, False, False)
    assert stories(LWWSet) == (True, False, False)
    assert stories(ORSet) == stories(OptimizedORSet) == (True, False, True)


def test_elements_of_a_two_phase_set_never_come_back():
    state = TwoPhaseSet().add("A", "x").remove("A", "x").add("A", "x").add("B", "x")
    assert state.value() == frozenset()
    assert TwoPhaseSet().remove("A", "x").add("A", "x").value() == {"x"}  # there was none to remove


def test_counting_once_however_often_they_merge():
    assert [counted(GCounter, merges) for merges in (1, 2, 5)] == [5, 5, 5]
    assert counted(SumCounter, 1) == 5 < counted(SumCounter, 2) and counted(MaxCounter, 5) == 3


def test_tombstones_grow_and_the_optimized_set_has_none():
    assert [growth(ORSet, n) for n in (1, 10, 100)] == [2, 20, 200]
    assert [growth(OptimizedORSet, n) for n in (1, 10, 100)] == [1, 1, 1]


# On a network that loses, repeats and reorders -----------------------------------------------


def bad(rng, *_):
    """Lost, once or twice, and late enough to overtake each other."""
    return tuple(5 + int(rng.random() * 150) for _ in range(int(rng.random() * 3)))


def storm(kind, rng, check=None):
    """Replicas in a ring change and send for a second; then they only send."""
    sim = Simulation(rng, delay=bad)
    for number, name in enumerate(NAMES):
        sim.add(Replica(name, NAMES[(number + 1) % 3], kind(), first_ms=10 + number))
    for at in range(20, 1000, 70):
        name = NAMES[int(rng.random() * 3)]
        sim.at(at, sim.call, name, "add" if rng.random() < 0.6 else "remove",
               "xyz"[int(rng.random() * 3)])
    sim.at(300, sim.partition, {"A"}, {"B", "C"})
    sim.at(700, sim.heal)
    sim.run(until_ms=4_000, check=check)
    return [node.cart for node in sim.nodes.values()]


class Upwards:
    """After every event: no replica has lost anything that it had."""

    def __init__(self):
        self.last = {}

    def __call__(self, nodes):
        for name, node in nodes.items():
            before = self.last.get(name, node.cart)
            assert before.merge(node.cart) == node.cart, f"{name} lost something"
            self.last[name] = node.cart


@pytest.mark.parametrize("kind", SETS)
def test_replicas_converge_on_a_network_that_loses_repeats_and_reorders(kind):
    for seed in range(12):
        a, b, c = storm(kind, Random(seed), check=Upwards())
        assert a == b == c


def test_the_union_set_trips_the_check_after_every_event():
    with pytest.raises(AssertionError, match="lost something"):
        for seed in range(12):
            storm(UnionSet, Random(seed), check=Upwards())


def test_a_merge_that_leaves_the_tombstones_behind_does_not_converge(monkeypatch):
    monkeypatch.setattr(
        ORSet, "merge", lambda self, other: ORSet(self.tagged | other.tagged, self.tombstones)
    )
    runs = [storm(ORSet, Random(seed)) for seed in range(12)]
    assert any(a != b or b != c for a, b, c in runs)


# The page ------------------------------------------------------------------------------------


def test_the_demo_keeps_the_tea_that_a_added_again():
    sim = demo(check=Upwards())
    assert {shown(node.cart) for node in sim.nodes.values()} == {"rice tea"}
    assert ("B", "empty") in [(name, seen) for _, name, seen in sim.watched]
    assert {shown(node.cart) for node in demo(TwoPhaseSet).nodes.values()} == {"rice"}
    # Naive: tea would be back even if nobody had added it again.
    assert stories(UnionSet)[1]


def test_what_change_it_says():
    # A replica that begins again under its old name gives out a tag twice.
    old = ORSet().add("A", "x")
    gone = old.remove("B", "x")
    reborn = ORSet().add("A", "y")
    assert gone.merge(reborn).value() == frozenset()
    # A write that starts from an empty vector replaces nothing it has not written itself.
    before = MVRegister().write("A", "old")
    blind = MVRegister().write("B", "new")
    assert before.merge(blind).value() == {"old", "new"}
    assert before.merge(before.write("B", "new")).value() == {"new"}


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: GCounter().increment("A", -1), "it only grows"),
        (lambda: PNCounter().decrement("A", -1), "it only grows"),
        (lambda: LWWRegister().write("A", 1, -5), "use 0 or later"),
        *[(lambda k=kind: k().merge(UnionSet()), "cannot merge a UnionSet") for kind in TYPES],
    ],
)
def test_malformed_input_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
