"""The laws of asking several machines at once, and the runs that the page tells."""

from math import sqrt
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.concepts.distributed_system import (
    LINK_MS,
    SILENCES,
    STOCK,
    WORKERS,
    Ask,
    Caller,
    Careless,
    Delivery,
    Part,
    Report,
    Worker,
    demo,
    gather,
    moved,
    patience,
    seen_by_the_caller,
    suspects,
    suspects_formula,
)
from snippets.simnet import CancelTimer, Lost, Note, Send, SetTimer, Simulation

ASKED_MS, TIMEOUT_MS = 100, 200
links = st.fixed_dictionaries({name: st.integers(1, 50) for name in WORKERS})
some = settings(max_examples=60, deadline=None)


# --- one step at a time -----------------------------------------------------


def test_a_question_goes_to_every_worker_and_sets_a_deadline():
    caller = Caller("caller", ("W1", "W2"), 200)
    assert caller.ask() == [Send("W1", Ask(1)), Send("W2", Ask(1)), SetTimer("deadline", 200)]


def test_without_a_timeout_there_is_no_deadline():
    assert Caller("caller", ("W1",), None).ask() == [Send("W1", Ask(1))]


def test_the_last_part_closes_the_question_and_stops_the_deadline():
    caller = Caller("caller", ("W1", "W2"), 200)
    caller.ask()
    assert caller.receive("W1", Part(1, 5, 0)) == []
    assert caller.receive("W2", Part(1, 7, 0)) == [CancelTimer("deadline"), Note("12")]
    assert caller.report == Report(12, ())


def test_a_worker_answers_with_its_own_stock_and_its_own_clock():
    worker = Worker("W1", 120, clock=lambda: 77)
    assert worker.receive("caller", Ask(4)) == [Send("caller", Part(4, 120, 77))]
    assert worker.receive("W2", Delivery(5)) == [] and worker.stock == 125
    assert worker.move(25, "W3") == [Send("W3", Delivery(25))] and worker.stock == 100


# --- laws, after every event, on a network that loses, delays and repeats ---


def storm(seed, caller=Caller, timeout_ms=TIMEOUT_MS):
    """Three questions, 500 ms apart, with crashes, cuts, losses and second copies."""
    chance = Random(seed)

    def delay(rng, sender, to, message):
        drawn = [1 + int(rng.random() * 350) for _ in range(int(rng.random() * 3))]
        return tuple(Lost(ms) if rng.random() < 0.2 else ms for ms in drawn)

    sim = Simulation(Random(seed), delay)
    sim.add(caller("caller", WORKERS, timeout_ms))
    for name in WORKERS:
        sim.add(Worker(name, STOCK[name], sim.clock()))
        at_ms = int(chance.random() * 1400)
        sim.at(at_ms, sim.crash, name)
        sim.at(at_ms + 200, sim.restart, name)
    sim.at(int(chance.random() * 1400), sim.cut, {"caller"}, {"W2"})
    for at_ms in (0, 500, 1000):
        sim.at(at_ms, sim.call, "caller", "ask")
    return sim


def honest(sim):
    """The total is the sum of exactly the parts that the report does not call missing."""

    def check(nodes):
        report = nodes["caller"].report
        if report:
            came = [name for name in WORKERS if name not in report.missing]
            assert report.total == sum(STOCK[name] for name in came)

    return check


def in_time(sim):
    """A question that is older than its timeout has a report."""

    def check(nodes):
        caller = nodes["caller"]
        asked = [event.at_ms for event in sim.trace if event.what == "ask"]
        if asked and not caller.report:
            assert sim.now_ms - asked[-1] <= TIMEOUT_MS

    return check


def of_this_question(sim):
    """No part of an earlier question is counted."""

    def check(nodes):
        caller = nodes["caller"]
        assert {part.number for part in caller.parts.values()} <= {caller.number}

    return check


@pytest.mark.parametrize("law", [honest, in_time, of_this_question])
@some
@given(seed=st.integers(0, 2**32))
def test_a_caller_with_a_timeout_keeps_every_law(law, seed):
    sim = storm(seed)
    sim.run(2000, check=law(sim))
    assert sim.nodes["caller"].report


class Waiting(Caller):
    """Asks without a deadline, whatever it was given."""

    def ask(self):
        return [effect for effect in super().ask() if isinstance(effect, Send)]


class Unnumbered(Caller):
    """Takes any answer for an answer to its last question."""

    def receive(self, sender, part):
        if self.report:
            return []
        self.parts[sender] = part
        return [] if len(self.parts) < len(self.workers) else self.close()


class Adding(Caller):
    """Adds each answer as it comes, so that a second copy counts twice."""

    total = 0

    def ask(self):
        self.total = 0
        return super().ask()

    def receive(self, sender, part):
        if part.number == self.number:
            self.total += part.stock
        return super().receive(sender, part)

    def close(self):
        effects = super().close()
        self.report = Report(self.total, self.report.missing)
        return effects


@pytest.mark.parametrize(
    ("law", "broken"),
    [(honest, Careless), (honest, Adding), (in_time, Waiting), (of_this_question, Unnumbered)],
)
def test_each_law_catches_the_caller_that_breaks_it(law, broken):
    def run():
        for seed in range(40):
            sim = storm(seed, broken)
            sim.run(2000, check=law(sim))

    with pytest.raises(AssertionError):
        run()


# --- the page's claims ------------------------------------------------------


@pytest.mark.parametrize("silence", ["crash", "question lost", "answer lost"])
def test_without_a_timeout_the_caller_waits_for_ever(silence):
    sim = gather(silence, timeout_ms=None)
    trace = list(sim.run(10_000))
    assert sim.run(3_600_000) == trace, "nothing happens any more, and nothing ever will"
    assert sim.nodes["caller"].report is None


def test_with_a_timeout_every_silence_ends_in_the_same_report():
    for silence in SILENCES:
        assert demo(silence).nodes["caller"].report == Report(200, ("W3",))
    assert demo("").nodes["caller"].report == Report(300, ())


@some
@given(links, st.integers(101, 300))
def test_no_caller_can_tell_the_silences_apart_before_its_deadline(link_ms, timeout_ms):
    views = set()
    for silence in SILENCES:
        sim = gather(silence, timeout_ms, link_ms=link_ms)
        sim.run(ASKED_MS + timeout_ms)
        views.add(seen_by_the_caller(sim, ASKED_MS + timeout_ms))
    assert len(views) == 1
    well = gather("", timeout_ms, link_ms=link_ms)
    well.run(1000)
    assert seen_by_the_caller(well, ASKED_MS + timeout_ms) not in views


def test_only_later_does_the_late_answer_show_that_w3_lives():
    views = {silence: seen_by_the_caller(demo(silence), 500) for silence in SILENCES}
    assert len(set(views.values())) == 2
    assert views["late answer"][-1][:3] == (422, "received", "W3")


def test_the_same_silence_hides_whether_the_work_was_done():
    done = {
        silence: any(e.kind == "received" and e.node == "W3" for e in demo(silence).trace)
        for silence in SILENCES
    }
    assert done == {
        "crash": False,
        "question lost": False,
        "answer lost": True,
        "late answer": True,
    }


def test_the_careless_caller_reports_two_parts_as_the_whole():
    sim = gather("crash", caller=Careless)
    sim.run(500)
    assert sim.nodes["caller"].report == Report(200, ())


@some
@given(st.integers(1, 80), st.integers(106, 140), st.booleans())
def test_moving_stock_makes_a_total_that_was_never_true(amount, at_ms, back):
    source, to = ("W3", "W1") if back else ("W1", "W3")
    sim = gather(link_ms={"W1": 5, "W2": 13, "W3": 40})
    sim.at(at_ms - 8, sim.call, source, "move", amount, to)

    def nothing_is_made_or_lost(nodes):
        under_way = {}
        for event in sim.trace:
            if isinstance(event.what, Delivery):
                under_way[event.message_id] = event.what.amount if event.kind == "sent" else 0
        assert sum(nodes[name].stock for name in WORKERS) + sum(under_way.values()) == 300

    sim.run(1000, check=nothing_is_made_or_lost)
    assert sim.nodes["caller"].report.missing == ()


def test_a_move_is_counted_twice_or_never():
    assert moved(40, "W1", "W3", at_ms=106) == Report(340, ())
    assert moved(40, "W3", "W1", at_ms=106) == Report(260, ())
    assert moved(40, "W1", "W3", at_ms=500) == Report(300, ())


@pytest.mark.parametrize("timeout_ms", [60, 100, 200, 400])
def test_the_share_of_false_suspicions_follows_the_formula(timeout_ms):
    asks, exact = 40_000, suspects_formula(timeout_ms)
    for seed in range(3):
        error = abs(suspects(timeout_ms, Random(seed), asks) - exact)
        assert error < 4 * sqrt(exact * (1 - exact) / asks)


def test_a_longer_timeout_suspects_fewer_but_never_nobody():
    shares = [suspects_formula(timeout_ms) for timeout_ms in (100, 200, 500, 1000, 10_000)]
    assert shares == sorted(shares, reverse=True) and shares[-1] > 0
    assert suspects_formula(50) == 0.5


# --- change it --------------------------------------------------------------


def test_with_a_timeout_of_330_ms_the_late_answer_comes_in_time():
    late = gather("late answer", timeout_ms=330)
    late.run(1000)
    assert late.nodes["caller"].report == Report(300, ())
    dead = gather("crash", timeout_ms=330)
    dead.run(1000)
    assert dead.nodes["caller"].report == Report(200, ("W3",))
    assert [event.at_ms for event in dead.trace if event.kind == "note"] == [430]


def test_a_clock_that_is_ahead_stamps_an_answer_after_it_arrived():
    sim = gather(skew_ms=40)
    sim.run(1000)
    (arrived,) = [e.at_ms for e in sim.trace if e.kind == "received" and e.peer == "W2"]
    assert sim.nodes["caller"].parts["W2"].stamped_ms == 153 > arrived == 126


def test_two_silent_workers_are_both_named():
    sim = gather("crash")
    sim.at(50, sim.crash, "W1")
    sim.run(500)
    assert sim.nodes["caller"].report == Report(80, ("W1", "W3"))


def test_a_crash_of_the_caller_ends_the_question_for_good():
    sim = gather("late answer")
    sim.at(150, sim.crash, "caller")
    sim.at(160, sim.restart, "caller")
    sim.run(1000)
    assert sim.nodes["caller"].report is None


# --- mistakes ---------------------------------------------------------------


def test_an_unknown_silence_is_named():
    with pytest.raises(ValueError, match="unknown silence 'nap': use one of"):
        gather("nap")


@pytest.mark.parametrize("values", [(0, 50, 0.8), (200, 0, 0.8), (200, 50, 0)])
def test_a_timeout_median_or_spread_of_nothing_is_refused(values):
    with pytest.raises(ValueError, match="more than 0"):
        patience(*values)


def test_the_links_of_the_page_are_those_of_the_program():
    assert set(LINK_MS) == set(STOCK) == set(WORKERS)
