"""Failure detectors: each is complete, none is accurate, and what either costs."""

from itertools import pairwise
from math import erfc, exp, log, log10, sqrt
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.concepts import failure_detector as program
from snippets.concepts.failure_detector import (
    CHANGING,
    STEADY,
    Exponential,
    Fixed,
    Phi,
    demo,
    expected_detection,
    monitor,
    no_answer,
    phi_akka,
    phi_exponential,
    phi_normal,
    simulate,
    suspicion_ms,
    swim,
)

# phi -----------------------------------------------------------------------------------------


@given(st.floats(0, 3000), st.floats(0, 3000), st.floats(50, 2000), st.floats(10, 500))
def test_phi_rises_with_silence(a, b, mean, deviation):
    a, b = sorted((a, b))
    for phi in (phi_normal, phi_akka):
        # The logistic value may be too small to tell from 0 long before the mean.
        low = phi(min(a, mean + 5 * deviation), mean, deviation)
        high = phi(min(b, mean + 5 * deviation), mean, deviation)
        assert 0 <= low <= high + 1e-12
    assert phi_exponential(a, mean) <= phi_exponential(b, mean)


def test_phi_is_the_chance_of_a_later_heartbeat():
    """Phi 1, 2 and 3: the next gap of a normal network is longer 10%, 1% and 0.1% of the time."""
    for threshold in (1, 2, 3):
        detector = Phi(threshold)
        later = erfc(detector.deviations / sqrt(2)) / 2
        assert -log10(later) == pytest.approx(threshold)
        assert phi_exponential(threshold * log(10) * 70, 70) == pytest.approx(threshold)


def test_akka_computes_another_phi():
    assert [round(phi_normal(t, 1000, 100), 3) for t in (1200, 1400, 1600, 1700)] == [
        1.643, 4.499, 9.006, 11.893,
    ]
    assert [round(phi_akka(t, 1000, 100), 3) for t in (1200, 1400, 1600, 1700)] == [
        1.643, 4.737, 10.783, 15.369,
    ]
    assert phi_normal(1e6, 1000, 100) == float("inf")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(1, 5000), min_size=1, max_size=60), st.sampled_from([3, 7, 200]))
def test_the_running_sums_are_the_mean_and_deviation_of_the_window(gaps, window):
    detector = Phi(3, window, least_ms=1e-9)
    due = [detector.heartbeat(gap) for gap in gaps][-1]
    kept = gaps[-window:]
    mean = sum(kept) / len(kept)
    deviation = sqrt(sum((gap - mean) ** 2 for gap in kept) / len(kept))
    assert due == pytest.approx(mean + detector.deviations * deviation, abs=0.1, rel=1e-3)


# One link ------------------------------------------------------------------------------------


def test_a_longer_timeout_errs_less_and_sees_later():
    runs = [monitor(Fixed(t), CHANGING, 6_000, Random(2)) for t in (150, 300, 600, 1200)]
    for a, b in pairwise(runs):
        assert a["mistakes"] > b["mistakes"] and a["detect_ms"] < b["detect_ms"]


def test_a_timeout_that_is_right_for_one_network_is_wrong_for_another():
    """The naive detector: nearly no mistake on the steady network, thousands on the other."""
    steady, changing = (
        monitor(Fixed(200), net, 10_000, Random(1))["mistakes"] for net in (STEADY, CHANGING)
    )
    assert steady < 10 and changing > 1_500


def test_phi_sees_sooner_for_as_many_mistakes_while_it_can_adapt():
    phi = monitor(Phi(5), CHANGING, 20_000, Random(1))
    # The timeout that errs as often sees a crash later.
    fixed = monitor(Fixed(400), CHANGING, 20_000, Random(1))
    assert phi["mistakes"] < fixed["mistakes"] and phi["detect_ms"] < fixed["detect_ms"] - 30


def test_phi_is_no_better_where_nothing_changes():
    phi, fixed = (monitor(d, STEADY, 20_000, Random(1)) for d in (Phi(8), Fixed(200)))
    assert phi["mistakes"] == fixed["mistakes"]
    assert phi["detect_ms"] == pytest.approx(fixed["detect_ms"], abs=8)


def test_phi_of_eight_is_not_one_mistake_in_a_hundred_million():
    run = monitor(Phi(8), CHANGING, 20_000, Random(1))
    assert run["mistakes"] / 36_000 > 1e-3  # a beat; the gaps are not normal


def test_cassandras_phi_is_a_fixed_timeout_where_the_sender_keeps_its_interval():
    """The mean gap is the interval, however much the gaps vary."""
    exponential = monitor(Exponential(2), STEADY, 20_000, Random(1))
    fixed = monitor(Fixed(2 * log(10) * 100), STEADY, 20_000, Random(1))
    assert exponential["detect_ms"] == pytest.approx(fixed["detect_ms"], rel=0.01)


def test_a_detector_with_no_least_deviation_suspects_at_once():
    """Why least_ms is there: equal gaps, and the next is a hair late."""
    wary, plain = Phi(8, least_ms=1e-9), Phi(8)
    for _ in range(10):
        due, calm = wary.heartbeat(100.0), plain.heartbeat(100.0)
    assert due < 100.001 < 150 < calm


# SWIM ----------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(5, 25),
    st.integers(0, 3),
    st.sampled_from([0.0, 0.1, 0.4]),
    st.integers(0, 4),
    st.booleans(),
)
def test_every_run_adds_up(seed, n, k, loss, suspicion, crash):
    run = simulate(n, Random(seed), k, loss, suspicion, 20, crash)
    assert 1 - loss * 3 <= run["messages"] <= 2 + 4 * k
    assert run["false_positives"] <= run["suspicions"]
    if not crash:
        assert run["first_detection"] is None
    elif run["first_detection"] is not None:
        assert suspicion < run["first_detection"] <= 20
    if loss == 0:
        assert run["suspicions"] == 0 and (crash or run["messages"] == 2)


def test_a_crash_is_always_seen_in_the_end():
    """Strong completeness, as far as a run can show it."""
    for seed in range(60):
        run = simulate(8, Random(seed), loss=0.3, suspicion=2, periods=60)
        assert run["first_detection"] is not None


def test_the_first_detection_takes_e_over_e_minus_one_periods():
    got = swim(300, 3, 40, periods=14)["first_detection"]
    assert got == pytest.approx(expected_detection(40), abs=0.17)  # three errors
    assert expected_detection(10**6) == pytest.approx(exp(1) / (exp(1) - 1), abs=1e-5)


def test_a_member_that_is_never_pinged_trips_completeness(monkeypatch):
    """Planted: random numbers that never choose member 0."""

    class Avoids(Random):
        def random(self):
            return 0.5 + super().random() / 2

    assert simulate(20, Avoids(1), periods=60)["first_detection"] is None


@pytest.mark.parametrize("k", [0, 1, 3])
def test_false_alarms_follow_the_formula(k):
    got = swim(12, 2, 50, k=k, loss=0.1, crash=False, periods=60)["false_positives"]
    said = no_answer(0.1, k)
    assert got == pytest.approx(said, abs=4 * sqrt(said / 36_000))


def test_the_load_of_a_member_does_not_grow_with_the_group():
    loads = [swim(3, 5, n, periods=40, loss=0.05, crash=False)["messages"] for n in (10, 40, 120)]
    assert max(loads) < 1.06 * min(loads)


def test_suspicion_buys_accuracy_with_time():
    runs = [swim(12, 3, 40, periods=25, loss=0.15, suspicion=s) for s in (0, 1, 3)]
    for a, b in pairwise(runs):
        assert a["false_positives"] > 2 * b["false_positives"]
        assert a["first_detection"] < b["first_detection"]
    assert runs[2]["first_detection"] == pytest.approx(runs[0]["first_detection"] + 3, abs=0.01)


@given(st.integers(1, 6), st.floats(0.1, 5), st.floats(1, 10))
def test_lifeguard_starts_at_the_most_and_ends_at_the_least(k, least, factor):
    most = least * factor
    waits = [suspicion_ms(c, k, least, most) for c in range(k + 3)]
    assert waits[0] == pytest.approx(most) and waits[k] == pytest.approx(least)
    assert waits == sorted(waits, reverse=True) and waits[-1] == pytest.approx(least)


# What the page says --------------------------------------------------------------------------


def test_what_change_it_says():
    tiny, usual, worst = (
        monitor(Phi(8, window), CHANGING, 20_000, Random(1))["mistakes"] for window in (5, 200, 1000)
    )
    assert tiny > 2 * usual and worst > 2 * usual
    assert no_answer(0.5, 3) > 0.5 > 20 * no_answer(0.1, 3)


def test_the_picture_has_phi_below_the_timeouts():
    found = demo(8_000)
    assert [s for s, _ in found["timeout"]] == list(program.TIMEOUTS_MS)
    mistakes = [run["mistakes"] for _, run in found["phi"]]
    assert mistakes == sorted(mistakes, reverse=True)


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: simulate(2, Random(0), 0), "3 members or more"),
        (lambda: simulate(4, Random(0), k=3), "helpers among the others"),
        (lambda: simulate(9, Random(0), loss=1.0), "a loss below 1"),
        (lambda: simulate(9, Random(0), suspicion=-1), "use 0 or more"),
        (lambda: simulate(9, Random(0), periods=0), "at least one period"),
        (lambda: monitor(Fixed(9), STEADY, 1, Random(0)), "two heartbeats"),
        (lambda: monitor(Fixed(9), (), 9, Random(0)), "one kind of delay"),
        (lambda: suspicion_ms(1, 0, 1, 2), "k of 1 or more"),
        (lambda: suspicion_ms(1, 3, 3, 2), "a rising range"),
    ],
)
def test_malformed_input_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
