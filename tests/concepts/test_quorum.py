"""Quorums: what has to meet does, what the model says, and what meeting does not give."""

from itertools import combinations, product
from math import exp
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.concepts import quorum as program
from snippets.concepts.linearizability import linearizable
from snippets.concepts.quorum import (
    FITS,
    HOME,
    SPARE,
    Answer,
    Client,
    Copy,
    Get,
    Put,
    blocking,
    demo,
    draw,
    outcomes,
    overlap,
    schedules,
    simulate,
    summary,
)
from snippets.simnet import Send, SetTimer, Simulation, uniform

SIZES = [(n, r, w) for n in range(1, 6) for r in range(1, n + 1) for w in range(1, n + 1)]


# Overlap -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "r", "w"), SIZES)
def test_quorums_share_as_many_copies_as_the_rule_says(n, r, w):
    assert overlap(n, r, w) == max(0, r + w - n)


@pytest.mark.parametrize(("n", "r", "w"), [(3, 0, 1), (3, 1, 4), (3, 4, 1), (0, 1, 1)])
def test_a_quorum_of_no_copy_or_of_too_many_is_refused(n, r, w):
    for call in (overlap, lambda *sizes: simulate(*sizes, "YMMR", 1, Random(0))):
        with pytest.raises(ValueError, match=f"between 1 and n={n}"):
            call(n, r, w)


def test_blocking_is_the_binomial_tail_when_votes_are_equal():
    for up in (0.5, 0.9, 0.99):
        down = 1 - up
        assert blocking((1, 1, 1), 1, up) == pytest.approx(down**3)
        assert blocking((1, 1, 1), 2, up) == pytest.approx(3 * down**2 * up + down**3)
        assert blocking((1, 1, 1), 3, up) == pytest.approx(1 - up**3)
    assert blocking((1, 0, 0), 1, 0.99) == pytest.approx(0.01)


# The model -----------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(SIZES), st.sampled_from(sorted(FITS)))
def test_quorums_that_overlap_are_always_consistent(seed, sizes, fit):
    n, r, w = sizes
    found = simulate(n, r, w, fit, 200, Random(seed))
    if r + w > n:
        assert found["consistent"] == 1 and set(found["visible_ms"].values()) == {0.0}


@pytest.mark.parametrize(("n", "r", "w"), [(3, 1, 1), (3, 2, 1), (3, 1, 2), (5, 2, 2)])
def test_quorums_that_can_miss_each_other_do(n, r, w):
    assert simulate(n, r, w, "YMMR", 3_000, Random(1))["consistent"] < 1


@pytest.mark.parametrize("fit", FITS)
def test_waiting_for_more_copies_takes_longer_and_finds_more(fit):
    drawn = draw(fit, 3, 1_000, Random(3))
    for few, more in ((1, 2), (2, 3)):
        a, b = summary(*outcomes(drawn, few, 1)), summary(*outcomes(drawn, more, 1))
        assert a["read_ms"][50] <= b["read_ms"][50] and a["consistent"] <= b["consistent"]
        c = summary(*outcomes(drawn, 1, more))
        assert a["write_ms"][50] < c["write_ms"][50] or few > 1
    times = [summary(*outcomes(drawn, 1, 1), after_ms=t)["consistent"] for t in (0, 1, 10, 100)]
    assert times == sorted(times)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("after_ms", [0, 7, 20])
def test_exponential_writes_follow_the_formula(n, after_ms):
    """The other copies have no memory of the 10 ms they are late; 6,000 trials, 5 errors."""
    found = simulate(n, 1, 1, "exponential", 6_000, Random(5), after_ms=float(after_ms))
    said = 1 - (n - 1) / n * exp(-after_ms / 10)
    assert found["consistent"] == pytest.approx(said, abs=0.033)


def test_a_model_that_lets_a_read_travel_in_no_time_trips_the_formula(monkeypatch):
    """Planted: R is forgotten, so every read arrives before it was sent."""

    def hasty(drawn, r, w):
        reads, writes, _ = outcomes(drawn, r, w)
        late = [max(0.0, min(W for W, *_ in copies)) for copies in drawn]
        return reads, writes, late

    monkeypatch.setattr(program, "outcomes", hasty)
    found = simulate(3, 1, 1, "exponential", 2_000, Random(5))
    assert found["consistent"] != pytest.approx(1 / 3, abs=0.05)


def test_a_fit_that_does_not_exist_and_no_trial_are_refused():
    with pytest.raises(ValueError, match="unknown fit 'SSD': use one of LNKD-SSD"):
        simulate(3, 1, 1, "SSD", 10, Random(0))
    for trials, after_ms in ((0, 0.0), (1, -1.0)):
        with pytest.raises(ValueError, match="at least one"):
            simulate(3, 1, 1, "YMMR", trials, Random(0), after_ms)


# New, then old -------------------------------------------------------------------------------


def test_schedules_agree_with_the_linearizability_checker():
    """Every schedule of n = 3, r = 2, as a history of one write and two reads."""
    bad = 0
    for arrival in product(range(3), repeat=3):
        for first, second in product(list(combinations(range(3), 2)), repeat=2):
            ops = [{"p": "w", "f": "write", "arg": 1, "inv": 0, "ret": 100}]
            for inv, asked in ((10, first), (30, second)):
                new = any(arrival[i] <= (inv == 30) for i in asked)
                ops.append(
                    {"p": "r", "f": "read", "inv": inv, "ret": inv + 10, "res": 1 if new else None}
                )
            bad += linearizable(ops) is False
    assert (27 * 9, bad) == schedules(3, 2, write_back=False)


@pytest.mark.parametrize(("n", "r"), [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3), (4, 3)])
def test_the_write_back_never_lets_the_old_value_return(n, r):
    assert schedules(n, r, write_back=True)[1] == 0
    turned = schedules(n, r, write_back=False)[1]
    assert (turned == 0) == (r == n), "only a read of all copies needs no write-back"


def test_a_write_back_to_one_copy_too_few_does_not_help(monkeypatch):
    real = program.combinations
    monkeypatch.setattr(
        program, "combinations", lambda things, size: real(things, size - (size == 2))
    )
    # With r = 2 of 3 both sizes are 2; ask for r = 1 of 2, where only the store is of size 2.
    assert schedules(2, 1, write_back=True)[1] > 0


# The protocol, after every event -------------------------------------------------------------


def acknowledged_is_held(nodes):
    """A write that was acknowledged is on w of the copies that readers ask."""
    for client in nodes.values():
        if isinstance(client, Client):
            for did, version, _ in client.log:
                if did == "wrote":
                    held = sum(nodes[home].version >= version for home in HOME)
                    assert held >= client.w, f"version {version} is on {held} home copies"


def no_stale_read(nodes):
    """A read begun after a write was acknowledged finds it; one client, so all are in order."""
    newest = 0
    for did, version, _ in nodes["ann"].log:
        if did == "wrote":
            newest = max(newest, version)
        elif did == "read":
            assert version >= newest, f"read {version} after {newest} was acknowledged"


def both(nodes):
    acknowledged_is_held(nodes)
    no_stale_read(nodes)


def storm(rng, sloppy, check=None, ops=12):
    """Ann writes and reads through loss, cuts and crashes; then everything heals."""
    sim = Simulation(rng, delay=uniform(1, 15, loss=0.05))
    for name in HOME + SPARE:
        sim.add(Copy(name))
    sim.add(Client("ann", sloppy=sloppy))
    for number in range(1, ops + 1):
        at_ms = number * 80
        what = ("read",) if rng.random() < 0.5 else ("write", number, f"v{number}")
        sim.at(at_ms, sim.call, "ann", *what)
        trouble = rng.random()
        if trouble < 0.4:
            side = {name for name in HOME + SPARE if rng.random() < 0.4}
            rest = set(HOME + SPARE) - side
            if side:
                sim.at(at_ms - 10, sim.partition, side, rest | {"ann"})
        elif trouble < 0.6:
            name = HOME[int(rng.random() * 3)]
            sim.at(at_ms - 10, sim.crash, name)
            sim.at(at_ms + 60, sim.restart, name)
        else:
            sim.at(at_ms - 10, sim.heal)
    sim.at(ops * 80 + 70, sim.heal)
    sim.run(until_ms=ops * 80 + 800, check=check)
    return sim


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_strict_quorum_keeps_what_it_acknowledged(rng):
    storm(rng, sloppy=False, check=both)


@pytest.mark.parametrize(
    ("check", "says"), [(acknowledged_is_held, "home copies"), (no_stale_read, "was acknowledged")]
)
def test_a_sloppy_quorum_trips_both(check, says):
    with pytest.raises(AssertionError, match=says):
        for seed in range(60):
            storm(Random(seed), sloppy=True, check=check)


def test_a_copy_that_forgets_in_a_crash_trips_the_strict_quorum(monkeypatch):
    monkeypatch.setattr(Copy, "durable", ())
    with pytest.raises(AssertionError):
        for seed in range(60):
            storm(Random(seed), sloppy=False, check=both)


def handed_over(sim):
    wrote = [version for did, version, _ in sim.nodes["ann"].log if did == "wrote"]
    held = [sim.nodes[home].version for home in HOME]
    return sum(version >= max(wrote, default=0) for version in held) >= 2


def test_hints_reach_their_copy_when_the_network_has_healed():
    for seed in range(40):
        assert handed_over(storm(Random(seed), sloppy=True))


def test_a_spare_copy_that_never_hands_over_is_noticed(monkeypatch):
    monkeypatch.setattr(Copy, "timeout", lambda self, timer: [])
    assert not all(handed_over(storm(Random(seed), sloppy=True)) for seed in range(40))


def test_a_copy_keeps_the_newest_version_and_a_hint_is_not_its_own():
    copy = Copy("D")
    assert copy.receive("ann", Put(1, 2, "blue", hint="B")) == [
        Send("ann", Answer(1, 2, "blue")),
        SetTimer("handoff", 50),
    ]
    assert copy.receive("bob", Get(3)) == [Send("bob", Answer(3, 0, "nothing"))]
    assert copy.timeout("handoff")[0] == Send("B", Put(0, 2, "blue"))
    copy.receive("B", Answer(0, 1, "red"))  # an older answer: keep the hint
    assert copy.hints
    copy.receive("B", Answer(0, 2, "blue"))
    assert not copy.hints and copy.timeout("handoff") == []
    copy.receive("ann", Put(4, 5, "new"))
    copy.receive("ann", Put(3, 4, "old"))
    assert (copy.version, copy.value) == (5, "new")


# The story, and what the page says -----------------------------------------------------------


def test_the_demo_reads_two_copies_that_the_write_never_reached():
    """Refutes "r + w > n overlaps" for sloppy quorums."""
    sim = demo()
    wrote, version, written = sim.nodes["ann"].log[-1]
    (first, old, asked), (_, new, _) = sim.nodes["bob"].log
    assert (wrote, version, written) == ("wrote", 2, ("C", "D"))
    assert (first, old, asked) == ("read", 1, ("A", "B")) and not set(written) & set(asked)
    assert new == 2
    with pytest.raises(AssertionError, match="version 2 is on 1 home copies"):
        demo(check=acknowledged_is_held)


def test_the_strict_quorum_refuses_and_leaves_a_trace():
    """The failed write is on one copy all the same: later reads may find it, or not."""
    sim = demo(sloppy=False, check=acknowledged_is_held)
    assert sim.nodes["ann"].log[-1][0] == "gave up"
    assert [sim.nodes[home].version for home in HOME] == [1, 1, 2]


def test_what_change_it_says(monkeypatch):
    monkeypatch.setattr(Copy, "timeout", lambda self, timer: [])
    assert demo().nodes["bob"].log[-1][1] == 1  # the hints stay where they are
    monkeypatch.undo()
    for fit, low, high in (("LNKD-DISK", 0.06, 1), ("WAN", 0.06, 1), ("LNKD-SSD", -0.03, 0.03),
                           ("YMMR", -0.03, 0.04)):
        three, five = (simulate(n, 1, 1, fit, 2_000, Random(2))["consistent"] for n in (3, 5))
        assert low < three - five < high
