"""The promises of snippets/concepts/advantages.py: kept as assumed, missed otherwise."""

import runpy
from math import comb, exp, inf, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.concepts import advantages as program
from snippets.concepts.advantages import (
    first_failure_hours,
    majority,
    mean_hours,
    mean_ms,
    mttdl,
    pair_hours,
    response_ms,
    slow_share,
    throughput,
    uptime,
    usl,
)
from tools.programs import ROOT

SIGMA, KAPPA = 0.02, 0.0005
chances = st.floats(0, 1)


# Availability -------------------------------------------------------------------------


def test_the_majority_of_the_literature():
    assert round(majority(0.99, 3), 6) == 0.999702
    assert round(majority(0.99, 4), 6) == 0.999408
    assert round(majority(0.99, 5), 8) == 0.99999015


@given(chances, st.integers(1, 9))
def test_majority_is_the_sum_over_all_patterns(p, n):
    total = sum(
        p ** bin(up).count("1") * (1 - p) ** (n - bin(up).count("1"))
        for up in range(2**n)
        if 2 * bin(up).count("1") > n
    )
    assert majority(p, n) == pytest.approx(total)


@given(st.floats(0.51, 0.999), st.integers(1, 10))
def test_the_even_size_is_never_better_than_the_odd_one_before(p, half):
    odd = 2 * half - 1
    assert majority(p, odd + 1) <= majority(p, odd) + 1e-12
    assert majority(p, odd + 2) >= majority(p, odd) - 1e-12


@pytest.mark.parametrize("n", [1, 3, 4])
def test_independent_nodes_keep_the_promise(n):
    """Each of 6 seeds within 0.006, which is about five standard errors of 100,000 hours."""
    for seed in range(6):
        assert uptime(n, 100_000, Random(seed)) == pytest.approx(majority(0.9, n), abs=0.006)


def test_a_shared_cause_breaks_the_promise_and_keeps_the_corrected_one():
    for seed in range(6):
        seen = uptime(5, 100_000, Random(seed), shared=0.01)
        assert seen == pytest.approx(0.99 * majority(0.9, 5), abs=0.006)
        assert seen < majority(0.9, 5) - 0.003


def test_no_number_of_nodes_passes_the_cap():
    for seed in range(3):
        assert uptime(9, 100_000, Random(seed), shared=0.02) < 0.985
        assert uptime(9, 100_000, Random(seed)) > 0.998


def test_four_nodes_are_down_more_than_three():
    for seed in range(6):
        assert uptime(4, 100_000, Random(seed)) < uptime(3, 100_000, Random(seed)) - 0.01


def test_availability_depends_on_the_ratio_of_the_times_alone():
    for mttf, mttr in ((9.0, 1.0), (90.0, 10.0)):
        assert uptime(1, 100_000, Random(1), mttf, mttr) == pytest.approx(0.9, abs=0.01)


# Scalability --------------------------------------------------------------------------


def test_amdahl_is_the_law_without_coherency():
    assert usl(20, 0.05, 0) == pytest.approx(10.256, abs=0.0005)
    assert usl(10**9, 0.05, 0) == pytest.approx(20)
    for n in (1, 7, 100):
        assert usl(n, 0.1, 0) == pytest.approx(1 / (0.1 + 0.9 / n))


def test_the_peak_is_where_the_root_says():
    best = max(range(1, 200), key=lambda n: usl(n, SIGMA, KAPPA))
    assert sqrt((1 - SIGMA) / KAPPA) == pytest.approx(44.3, abs=0.05)
    assert abs(best - sqrt((1 - SIGMA) / KAPPA)) < 1
    assert usl(44, SIGMA, KAPPA) == pytest.approx(15.7, abs=0.05)
    assert usl(88, SIGMA, KAPPA) == pytest.approx(13.4, abs=0.05)


def test_nodes_that_share_nothing_keep_the_promise():
    for seed in range(6):
        assert throughput(20, 0, 0, 500, Random(seed), in_step=False) == pytest.approx(20, rel=0.1)


@pytest.mark.parametrize("n", [1, 10, 44, 88])
def test_nodes_in_step_follow_the_law(n):
    for seed in range(5):
        assert throughput(n, SIGMA, KAPPA, 200, Random(seed)) == pytest.approx(
            usl(n, SIGMA, KAPPA), rel=0.04
        )


def test_the_shared_part_breaks_the_promise():
    for seed in range(5):
        assert throughput(88, SIGMA, KAPPA, 100, Random(seed)) < 88 / 6
        assert throughput(88, SIGMA, KAPPA, 100, Random(seed)) < throughput(
            44, SIGMA, KAPPA, 100, Random(seed)
        )


def exact_out_of_step(n, sigma, kappa):
    """Mean value analysis of the closed queue: exponential work, then an exponential server."""
    hold, waiting = sigma + kappa * (n - 1), 0.0
    for customers in range(1, n + 1):
        stay = hold * (1 + waiting)
        rate = customers / (1 - sigma + stay)
        waiting = rate * stay
    return rate


@pytest.mark.parametrize("n", [10, 44, 88])
def test_out_of_step_the_run_is_the_repairman_queue_and_above_the_law(n):
    for seed in range(4):
        seen = throughput(n, SIGMA, KAPPA, 200, Random(seed), in_step=False)
        assert seen == pytest.approx(exact_out_of_step(n, SIGMA, KAPPA), rel=0.06)
        assert seen > usl(n, SIGMA, KAPPA)
    assert usl(n, SIGMA, KAPPA) < exact_out_of_step(n, SIGMA, KAPPA) < n


def test_out_of_step_too_more_nodes_can_be_slower():
    assert exact_out_of_step(88, SIGMA, KAPPA) < exact_out_of_step(44, SIGMA, KAPPA)


# Performance --------------------------------------------------------------------------


def test_the_tail_at_scale():
    assert slow_share(0.01, 100) == pytest.approx(0.634, abs=0.0005)
    assert slow_share(0.0001, 2000) == pytest.approx(0.1813, abs=0.00005)


@given(chances, st.integers(1, 60))
def test_a_request_is_slow_unless_all_its_parts_are_fast(p, n):
    assert slow_share(p, n) == pytest.approx(
        sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(1, n + 1))
    )


def test_equal_parts_keep_the_promise_exactly():
    for n in (1, 4, 100):
        assert mean_ms(n, 0, 5, Random(0)) == pytest.approx(100 / n)


@pytest.mark.parametrize("n", [1, 3, 10, 100])
def test_pauses_break_the_promise_and_keep_the_corrected_one(n):
    """Four standard errors of 2,000 requests, each 0 or 1,000 ms."""
    share = slow_share(0.01, n)
    error = 4 * 1000 * sqrt(share * (1 - share) / 2000)
    for seed in range(6):
        seen = mean_ms(n, 0.01, 2000, Random(seed))
        assert seen == pytest.approx(100 / n + 1000 * share, abs=error)
    assert 1000 * share > error or n == 1  # so that the promise is missed


def test_a_hundred_machines_are_slower_than_one_and_three_are_best():
    expected = {n: 100 / n + 1000 * slow_share(0.01, n) for n in range(1, 101)}
    assert min(expected, key=expected.get) == 3
    assert expected[100] > 5 * expected[1]


def test_change_it_a_slow_part_of_ten_times_its_work_still_helps():
    """Ten times its work, not a fixed pause: 100 machines beat one, by less than promised."""
    for seed in range(4):
        rng = Random(seed)
        seen = sum(response_ms(100, 0.01, rng, pause_ms=9 * 100 / 100) for _ in range(2000)) / 2000
        assert seen == pytest.approx(1 + 9 * slow_share(0.01, 100), abs=0.45)
        assert 6 < seen < 7.5


# Reliability --------------------------------------------------------------------------


def test_the_formula_of_raid_is_the_exact_chain_to_a_hundredth_of_a_per_cent():
    formula = 1e6**2 / (2 * 24)
    assert mttdl(1e6, 24) == pytest.approx(formula, rel=1e-4)
    assert formula / 24 / 365.25 == pytest.approx(2.3766e6, rel=1e-4)
    assert mttdl(1e6, 24) / 24 / 365.25 == pytest.approx(2.3768e6, rel=1e-4)


@given(st.floats(1, 1e6), st.floats(0.01, 1e4))
def test_the_chain_without_shared_failures_is_the_textbook_one(mttf, mttr):
    fail, repair = 1 / mttf, 1 / mttr
    assert mttdl(mttf, mttr) == pytest.approx((3 * fail + repair) / (2 * fail**2))


@given(st.floats(1, 1e6), st.floats(0.01, 1e4), st.floats(0.001, 0.999))
def test_shared_failures_cap_the_life_of_a_pair(mttf, mttr, shared):
    assert mttdl(mttf, mttr, shared) <= mttf / shared * (1 + 1e-9)


def test_a_repaired_pair_keeps_the_promise():
    """Lives are nearly exponential: five standard errors of 800 are 18%."""
    for seed in range(4):
        assert mean_hours(1000, 10, 0, 800, Random(seed)) == pytest.approx(
            mttdl(1000, 10), rel=0.18
        )


def test_shared_failures_break_the_promise_and_keep_the_corrected_one():
    for seed in range(5):
        seen = mean_hours(1000, 10, 0.1, 800, Random(seed))
        assert seen == pytest.approx(mttdl(1000, 10, 0.1), rel=0.18)
        assert seen < 1000**2 / (2 * 10) / 4


def test_without_repair_a_pair_lasts_one_and_a_half_lives():
    for seed in range(5):
        assert mean_hours(1000, inf, 0, 2000, Random(seed)) == pytest.approx(1500, rel=0.1)


def test_the_first_of_n_fails_n_times_sooner():
    for n in (1, 10, 100):
        assert first_failure_hours(n, 1000, 1000, Random(n)) == pytest.approx(1000 / n, rel=0.16)


@given(st.integers(0, 10**6))
def test_a_pair_outlives_its_first_failure(seed):
    """The same draws: the pair is lost no sooner than the first machine fails."""
    rng = Random(seed)
    first = min(program.exponential(1000, rng), program.exponential(1000, rng))
    assert pair_hours(1000, 10, 0, Random(seed)) >= first


def test_equal_availability_is_not_equal_reliability():
    """The table of twins: same ratio, another chance of a day without failure."""
    often, seldom = (99, 1), (9900, 100)
    assert often[0] / sum(often) == seldom[0] / sum(seldom) == 0.99
    assert exp(-24 / 99) < 0.8 < 0.99 < exp(-24 / 9900)


def test_a_network_is_one_more_thing_that_fails():
    for n in (1, 3, 5):
        assert majority(0.99 * 0.999, n) < majority(0.99, n)


# The page -----------------------------------------------------------------------------


def test_every_promise_of_the_demo_is_kept_and_missed():
    for row in program.demo():
        assert row.holds == pytest.approx(row.promise, rel=0.1), row
        assert row.breaks == pytest.approx(row.corrected, rel=0.1), row
        if row.advantage == "availability":  # compare what is not available
            assert 1 - row.breaks > 1.5 * (1 - row.promise)
            assert 1 - row.holds == pytest.approx(1 - row.promise, rel=0.25)
        else:
            assert max(row.breaks, row.promise) > 5 * min(row.breaks, row.promise)


@pytest.mark.parametrize(
    "call",
    [
        lambda: majority(1.1, 3),
        lambda: majority(0.9, 0),
        lambda: usl(0, 0.1, 0),
        lambda: usl(3, 2, 0),
        lambda: usl(3, 0.1, -1),
        lambda: slow_share(-0.1, 3),
        lambda: mttdl(0, 1),
        lambda: mttdl(1, 1, 1),
    ],
)
def test_a_wrong_argument_is_named(call):
    with pytest.raises(ValueError, match="="):
        call()


def test_change_it_four_nodes_in_the_demo_are_worse_than_three():
    assert majority(0.9, 4) < majority(0.9, 3)
    assert 1 - majority(0.9, 4) > 5 * (1 - majority(0.9, 5))


def test_change_it_quicker_repair_does_not_pass_the_shared_tenth():
    assert 8500 < mttdl(1000, 10, 0.1) < mttdl(1000, 1, 0.1) < 10_000
    for seed in range(4):
        assert mean_hours(1000, 1, 0.1, 500, Random(seed)) == pytest.approx(
            mttdl(1000, 1, 0.1), rel=0.25
        )


def test_the_rows_of_the_page_hold():
    """Every result of a paper within its tolerance."""
    rows = runpy.run_path(str(ROOT / "docs/concepts/advantages/measured.py"))["paper"]()
    assert [row.claim for row in rows if not row.holds()] == []
