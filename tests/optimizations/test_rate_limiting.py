"""Rate limiting: bounds over every span, two algorithms that are one, the approximation, several balancers."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.optimizations.rate_limiting import (
    GCRA,
    GREEDY_MS,
    FixedWindow,
    SlidingCounter,
    SlidingLog,
    TokenBucket,
    approximation,
    balancers,
    both_pass,
    burst_s,
    demo,
    estimate,
    flood,
    heavy_tail,
    leaky_bucket,
    limiters,
    locked_out_ms,
    most,
    passed,
)

GAPS = st.lists(st.one_of(st.just(0), st.integers(0, 20), st.integers(0, 400)), max_size=80)


def times_of(gaps):
    now_ms, times = 0, []
    for gap_ms in gaps:
        now_ms += gap_ms
        times.append(now_ms)
    return times


# Every span -------------------------------------------------------------------------------


def keeps_the_bound(times, every_ms, burst):
    """All spans: between any two requests that passed, at most burst + t / every_ms."""
    return all(
        (last - first + 1 - burst) * every_ms <= times[last] - times[first]
        for first in range(len(times)) for last in range(first, len(times)))


@given(GAPS, st.integers(1, 60), st.integers(1, 8))
def test_a_token_bucket_passes_in_no_span_more_than_burst_and_rate(gaps, every_ms, burst):
    assert keeps_the_bound(passed(TokenBucket(every_ms, burst), times_of(gaps)), every_ms, burst)


@given(GAPS, st.integers(1, 60), st.integers(1, 8))
def test_it_refuses_only_what_the_bound_forbids(gaps, every_ms, burst):
    """The bucket is the most generous of all limits with that bound."""
    bucket, let_in = TokenBucket(every_ms, burst), []
    for now_ms in times_of(gaps):
        if bucket.allow(now_ms):
            let_in.append(now_ms)
        else:
            assert not keeps_the_bound([*let_in, now_ms], every_ms, burst)


def test_a_fixed_window_breaks_the_bound():
    assert not keeps_the_bound(passed(FixedWindow(10, 1000), GREEDY_MS), 100, 10)


@settings(max_examples=200)
@given(GAPS, st.integers(1, 60), st.integers(1, 8))
def test_gcra_decides_as_the_token_bucket_does(gaps, every_ms, burst):
    bucket, gcra = TokenBucket(every_ms, burst), GCRA(every_ms, burst)
    for now_ms in times_of(gaps):
        assert gcra.allow(now_ms) == bucket.allow(now_ms)


def test_a_tolerance_of_one_more_is_noticed():
    bucket, gcra = TokenBucket(10, 3), GCRA(10, 4)
    assert [gcra.allow(0) for _ in range(4)] != [bucket.allow(0) for _ in range(4)]


def test_gcra_judges_a_hand_made_example():
    """T = 10 and tau = 15, which is between two bursts: 0, 12, 18, 20 pass and 25 does not."""
    tat_ms, let_in = 0, []
    for now_ms in (0, 12, 18, 20, 25):
        if tat_ms <= now_ms + 15:
            tat_ms = max(tat_ms, now_ms) + 10
            let_in.append(now_ms)
    assert let_in == [0, 12, 18, 20]
    fine, coarse = (passed(GCRA(10, burst), (0, 12, 18, 20, 25)) for burst in (3, 2))
    assert len(coarse) <= len(let_in) <= len(fine)


@given(GAPS, st.integers(1, 60), st.integers(1, 8))
def test_the_time_to_wait_is_exact(gaps, every_ms, burst):
    gate, now_ms = GCRA(every_ms, burst), 0
    for gap_ms in gaps:
        now_ms += gap_ms
        wait_ms = gate.wait_ms(now_ms)
        if wait_ms:
            assert not gate.allow(now_ms) and not gate.allow(now_ms + wait_ms - 1)
            now_ms += wait_ms
        assert gate.allow(now_ms)


@given(GAPS, st.integers(1, 500), st.integers(1, 8))
def test_the_log_keeps_its_limit_in_every_window(gaps, window_ms, limit):
    assert most(passed(SlidingLog(limit, window_ms), times_of(gaps)), window_ms) <= limit


@given(GAPS, st.integers(1, 500), st.integers(1, 8))
def test_the_windows_of_the_clock_and_the_counter_pass_less_than_twice_the_limit(
        gaps, window_ms, limit):
    times = times_of(gaps)
    for kind in (FixedWindow, SlidingCounter):
        let_in = passed(kind(limit, window_ms), times)
        assert most(let_in, window_ms) <= 2 * limit
        for start in {t // window_ms for t in times}:
            inside = [t for t in let_in if t // window_ms == start]
            assert len(inside) <= limit


@given(GAPS, st.integers(1, 40))
def test_most_is_what_counting_at_every_millisecond_gives(gaps, span_ms):
    times = times_of(gap % 30 for gap in gaps)
    slow = max((sum(at <= t < at + span_ms for t in times) for at in range(
        max(times, default=0) + 1)), default=0)
    assert most(times, span_ms) == slow


@given(GAPS, st.integers(1, 60), st.integers(1, 8))
def test_a_leaky_bucket_smooths_and_never_holds_more_than_its_room(gaps, every_ms, room):
    times = times_of(gaps)
    out = leaky_bucket(times, every_ms, room)
    leaves = [t for t in out if t is not None]
    assert all(b - a >= every_ms for a, b in pairwise(leaves))
    for at, came in zip(out, times, strict=True):
        assert at is None or came <= at <= came + room * every_ms
    for now in times:
        waiting = sum(c <= now < (o or -1) for c, o in zip(times, out, strict=True)
                      if o is not None)
        assert waiting <= room


# What the page says -----------------------------------------------------------------------


def test_the_greedy_client_gets_what_the_picture_shows():
    found = {name: (most(t, 200), most(t, 1000)) for name, t in demo().items()}
    assert found == {
        "fixed window": (20, 20), "sliding counter": (10, 18), "sliding log": (10, 10),
        "token bucket": (11, 19), "GCRA": (11, 19),
    }
    assert set(found) == set(limiters())


def test_a_bucket_of_half_the_limit_keeps_ten_in_every_second():
    """Limits: burst + rate * window is the bound, so choose it to be the limit."""
    assert most(passed(TokenBucket(200, 5), GREEDY_MS), 1000) <= 10


def test_the_estimate_is_exact_for_even_traffic_only():
    assert estimate(60, 15, 15_000, 60_000) == 60
    assert estimate(42, 18, 15_000, 60_000) == 49.5
    even, tail = approximation([60.0] * 20), approximation(heavy_tail(Random(2), 400))
    assert 0.02 < even[1] < 0.06 and even[0] > 0.05 > 2 * tail[0]


def test_uneven_traffic_is_refused_by_a_split_limit_only():
    uneven = (7, 1, 1, 1)
    refused = {s: balancers(Random(3), 80, uneven, s)[0]
               for s in ("shared", "split", "each", "stale")}
    assert refused["split"] > 0.3
    assert max(refused[s] for s in ("shared", "each", "stale")) < 0.02
    assert balancers(Random(3), 80, (1, 1, 1, 1), "split")[0] < 0.05


def test_the_older_the_copies_the_more_they_pass():
    top = [balancers(Random(4), 300, (1, 1, 1, 1), "stale", ms)[1] for ms in (10, 100, 1000)]
    assert top == sorted(top) and top[0] < 130 and top[2] > 200
    assert balancers(Random(4), 300, (1, 1, 1, 1), "shared")[1] <= 120
    assert balancers(Random(4), 300, (1, 1, 1, 1), "each")[1] > 250


def test_read_then_write_passes_two_in_four_of_six_orders():
    assert (both_pass(False), both_pass(True)) == ((4, 6), (0, 6))


def test_a_limit_protects_the_others_and_slows_a_burst():
    assert flood(Random(5), True)[0] > 0.99 and flood(Random(5), False)[0] < 0.05
    assert flood(Random(5), True)[1] < 0.01 and flood(Random(5), False)[1] > 0.4
    assert burst_s(True) > 3 * burst_s(False)


def test_a_clock_that_steps_back_locks_nobody_out():
    assert locked_out_ms(3_600_000, guarded=False) > 3_500_000
    assert locked_out_ms(3_600_000, guarded=True) <= 100
    bucket = TokenBucket(100, 10)
    assert [bucket.allow(10_000_000) for _ in range(9)] == [True] * 9
    assert bucket.allow(0) and not bucket.allow(0)  # the tokens are those there were
    assert bucket.allow(100)


def test_a_clock_that_goes_to_and_fro_mints_tokens():
    """What the guard costs: each step forward is time."""
    bucket = TokenBucket(100, 10)
    let_in = sum(bucket.allow(at) for at in (0, 5000, 0, 5000) for _ in range(20))
    assert let_in > 10 + 5000 // 100 // 5


@pytest.mark.parametrize("call", [
    lambda: TokenBucket(0, 5), lambda: GCRA(10, 0), lambda: leaky_bucket([], 0, 1),
    lambda: most([1], 0), lambda: balancers(Random(1), 80, (1, 1), "shared", 0),
])
def test_what_cannot_be_is_refused(call):
    with pytest.raises(ValueError, match="is 0: use 1 or more"):
        call()


def test_an_unknown_scheme_is_refused():
    with pytest.raises(ValueError, match="use shared, split, each or stale"):
        balancers(Random(1), 80, (1, 1), "central")


def test_a_test_that_begins_with_the_window_finds_nothing():
    """Change it."""
    assert most(passed(FixedWindow(10, 1000), range(1000, 3500, 5)), 1000) == 10
