"""Tail latency: the formulas of the tail, copies that cost work, and what a benchmark omits."""

from math import inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.challenges.tail_latency import (
    AFTER_MS,
    CALM,
    call,
    closed_loop,
    corrected,
    demo,
    fan_out,
    fleet,
    hedged,
    hedged_later,
    later,
    mean,
    one_copy,
    open_loop,
    percentile,
    slow_share,
    stalls,
    tipping_load,
    two_copies,
)


def share_above(times, ms):
    return sum(t > ms for t in times) / len(times)


# The tail, with and without a hedge ---------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_formula_of_the_tail_is_the_run(seed):
    """Each share within four standard errors of 40,000 calls."""
    rng, n = Random(seed), 40_000
    plain = [call(rng) for _ in range(n)]
    pairs = [hedged(rng, AFTER_MS)[0] for _ in range(n)]
    for ms in (6, 10, 15, 21, 24, 30, 40, 900):
        for times, said in ((plain, later(ms)), (pairs, hedged_later(ms, AFTER_MS))):
            assert share_above(times, ms) == pytest.approx(
                said, abs=4 * (said * (1 - said) / n) ** 0.5 + 1 / n
            )


def test_the_formula_of_a_hedge_without_the_delay_is_noticed():
    """The planted mistake: S(t) squared from the start. At 25 ms it is far too small."""
    rng = Random(1)
    pairs = [hedged(rng, AFTER_MS)[0] for _ in range(40_000)]
    assert share_above(pairs, 25) > 3 * later(25) ** 2


@given(st.floats(0, 1500), st.floats(0, 1500), st.floats(0, 1200))
def test_a_hedge_never_lengthens_the_tail_and_an_earlier_one_shortens_it_more(ms, one, two):
    early, late = sorted((one, two))
    assert 0 <= hedged_later(ms, early) <= hedged_later(ms, late) <= later(ms) <= 1


@given(st.floats(0, 1), st.integers(1, 300))
def test_more_parts_meet_more_slow_calls(p, parts):
    assert 0 <= slow_share(p, parts) <= slow_share(p, parts + 1) <= 1
    assert slow_share(p, parts) <= min(1, p * parts) + 1e-9


def test_fan_out_waits_for_the_last():
    rng, same = Random(5), Random(5)
    assert fan_out(rng, 20) == max(call(same) for _ in range(20))


def test_the_page_s_numbers_hold_for_other_seeds():
    rng, n = Random(11), 1_500
    hundred = [fan_out(rng, 100) for _ in range(n)]
    with_hedge = [fan_out(rng, 100, AFTER_MS) for _ in range(n)]
    assert share_above(hundred, 999) == pytest.approx(slow_share(0.01, 100), abs=0.05)
    assert share_above(with_hedge, 999) < 0.025
    assert percentile(with_hedge, 0.5) == pytest.approx(30.4, rel=0.03)
    assert set(demo(20)) == {"one call", "one call, hedged", "a hundred", "a hundred, hedged"}


def test_an_earlier_hedge_buys_little_for_many_calls():
    """Change it: after 9 ms the median of a hundred falls again, and 45% are asked twice."""
    rng = Random(2)
    early = [fan_out(rng, 100, 9.0) for _ in range(400)]
    late = [fan_out(rng, 100, AFTER_MS) for _ in range(400)]
    assert percentile(early, 0.5) < percentile(late, 0.5)
    assert 0.4 < later(9.0) < 0.5 and later(AFTER_MS) == pytest.approx(0.05, abs=0.001)


# Copies are work ----------------------------------------------------------------------------


@pytest.mark.parametrize("load", [0.2, 0.4])
def test_one_and_two_copies_follow_their_formulas(load):
    one = mean(fleet(Random(1), load, requests=30_000)[0])
    two = mean(fleet(Random(1), load, after=0.0, requests=30_000)[0])
    assert one == pytest.approx(one_copy(load), rel=0.06)
    assert two == pytest.approx(two_copies(load), rel=0.1)
    assert (two < one) == (load < 1 / 3)


def test_two_copies_cross_at_a_third():
    assert one_copy(1 / 3) == pytest.approx(two_copies(1 / 3))
    assert two_copies(0.3) < one_copy(0.3) and two_copies(0.35) > one_copy(0.35)
    assert two_copies(0.5) == inf


@pytest.mark.parametrize("after", [3.0, 5.0, 8.0])
def test_the_hedge_tips_where_the_fixed_point_ends(after):
    """A tenth below it the last requests are served as the first; a tenth above they wait."""
    tip = tipping_load(after)
    calm, copies = fleet(Random(3), 0.9 * tip, after, requests=30_000)
    wild, twice = fleet(Random(3), 1.1 * tip, after, requests=30_000)
    assert mean(calm[-5_000:]) < 6 and copies < 1.35
    assert mean(wild[-5_000:]) > 30 and twice > 1.6
    assert mean(fleet(Random(3), 1.1 * tip, requests=30_000)[0]) < 6, "one copy has no trouble"


@given(st.floats(0.5, 20), st.floats(0.1, 5))
def test_a_later_hedge_tips_later(after, more):
    assert tipping_load(after) >= 0.499
    assert tipping_load(after) <= tipping_load(after + more) < 1


def test_on_a_calm_day_a_hedge_shortens_the_tail_for_a_few_copies():
    """A copy that went to the same server would wait behind its first and not help."""
    for seed in (1, 2):
        one, _ = fleet(Random(seed), 0.3, requests=30_000)
        hedge, copies = fleet(Random(seed), 0.3, after=3.0, requests=30_000)
        assert percentile(hedge, 0.99) < 0.9 * percentile(one, 0.99) and copies < 1.15


def test_a_budget_bounds_the_copies_at_every_load():
    for load in (0.3, 0.7, 0.9):
        _, copies = fleet(Random(4), load, CALM, budget=0.05, requests=8_000)
        assert copies <= 1.05 + 10 / 8_000
    _, without = fleet(Random(4), 0.9, CALM, requests=8_000)
    assert without > 1.5, "the bound is the budget's"


def test_tied_requests_run_once_and_help_at_every_load():
    for load in (0.3, 0.6, 0.9):
        tied, copies = fleet(Random(5), load, tied=True, requests=15_000)
        one, _ = fleet(Random(5), load, requests=15_000)
        assert copies == 1
        assert mean(tied) < 0.9 * mean(one) and percentile(tied, 0.99) < percentile(one, 0.99)


def test_a_later_hedge_is_calm_where_an_early_one_is_not():
    """Change it."""
    times, copies = fleet(Random(7), 0.6, after=9.0)
    assert tipping_load(9.0) > 0.6 and mean(times) < 4 and copies < 1.1


@pytest.mark.parametrize("load, servers", [(0, 5), (1, 5), (0.5, 1)])
def test_a_fleet_that_cannot_be_is_refused(load, servers):
    with pytest.raises(ValueError, match="use a load between 0 and 1, and 2 servers"):
        fleet(Random(0), load, servers=servers)


# What a benchmark omits ---------------------------------------------------------------------


@given(st.integers(0, 300), st.integers(0, 200), st.integers(1, 5), st.integers(7, 40))
def test_the_correction_gives_back_what_users_met(start, length, took, every):
    """For one stall that begins at a planned request, in a server faster than the plan."""
    start -= start % every
    until = 600 - 600 % every

    def answer(now):
        return start + length if start <= now < start + length else now + took

    closed = closed_loop(answer, every, until)
    users = open_loop(answer, every, until)
    slow = [ms for ms in users if ms >= every]
    found = [ms for ms in corrected(closed, every) if ms >= every]
    # The loop's plan moves by less than one interval when the stall ends between two.
    assert found == slow
    assert abs(len(corrected(closed, every)) - len(users)) <= 1


def test_the_closed_loop_reports_a_millisecond_through_the_stall():
    closed, users = (loop(stalls, 10, 200_000) for loop in (closed_loop, open_loop))
    assert percentile(closed, 0.9999) == 1 and max(closed) == 100_000
    assert percentile(users, 0.75) == 50_000
    assert corrected(closed, 10) == [1] * 10_000 + list(range(100_000, 0, -10))
    assert sorted(corrected(closed, 10)) == sorted(users)


def test_a_stall_of_a_second_shows_only_in_the_users_p999():
    """Change it."""

    def answer(now):
        return 101_000 if 100_000 <= now < 101_000 else now + 1

    closed, users = (loop(answer, 10, 200_000) for loop in (closed_loop, open_loop))
    assert percentile(closed, 0.99) == percentile(users, 0.99) == 1
    assert percentile(closed, 0.999) == 1 and percentile(users, 0.999) > 500


def test_a_correction_needs_an_interval():
    with pytest.raises(ValueError, match="every 0 ms: use 1 or more"):
        corrected([5], 0)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40), st.floats(0.01, 1))
def test_a_percentile_covers_its_share_and_no_smaller_value_does(values, share):
    found = percentile(values, share)
    assert sum(v <= found for v in values) >= share * len(values) - 1e-6
    assert sum(v < found for v in values) < share * len(values) + 1e-6


def test_percentiles_of_round_shares_are_not_off_by_one():
    assert percentile(list(range(1, 1001)), 0.999) == 999
    with pytest.raises(ValueError, match="a percentile needs values"):
        percentile([], 0.5)
