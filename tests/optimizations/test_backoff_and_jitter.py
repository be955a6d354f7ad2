"""Backoff and jitter: bounds of every wait, the contention it ends, and the window's formula."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.optimizations.backoff_and_jitter import (
    BASE_MS,
    CAP_MS,
    STRATEGIES,
    acquisition,
    average,
    busiest_ms,
    ceiling_ms,
    contend,
    decorrelated,
    demo,
    efficiency,
    equal_jitter,
    exponential,
    full_jitter,
    hop_ms,
    none,
    slots,
)

generators = st.randoms(use_true_random=False)
attempts = st.integers(0, 5_000)

# The waits ----------------------------------------------------------------------------------


@given(attempts, st.floats(0.1, 100), st.floats(1, 1000))
def test_a_ceiling_doubles_until_the_cap_and_never_overflows(attempt, base, factor):
    cap = base * factor
    here, after = (ceiling_ms(n, base, cap) for n in (attempt, attempt + 1))
    assert base <= here <= cap
    assert after == pytest.approx(min(cap, 2 * here))


def bounds(strategy, attempt, last):
    """What each strategy may draw: (least, most)."""
    top = ceiling_ms(attempt, BASE_MS, CAP_MS)
    return {
        "none": (0, 0),
        "exponential": (top, top),
        "equal_jitter": (top / 2, top),
        "full_jitter": (0, top),
        "decorrelated": (BASE_MS, min(CAP_MS, 3 * max(last, BASE_MS))),
    }[strategy.__name__]


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(generators, attempts, st.floats(0, 2000))
def test_a_wait_lies_between_its_bounds(strategy, rng, attempt, last):
    low, high = bounds(strategy, attempt, last)
    assert low - 1e-9 <= strategy(rng, attempt, last) <= high + 1e-9


@pytest.mark.parametrize("strategy", [equal_jitter, full_jitter, decorrelated])
def test_a_wait_is_spread_over_all_of_its_bounds(strategy):
    """The mean is the middle: a jitter that uses a part of the window is noticed."""
    rng, n = Random(1), 4_000
    low, high = bounds(strategy, 6, 100.0)
    mean = sum(strategy(rng, 6, 100.0) for _ in range(n)) / n
    assert mean == pytest.approx((low + high) / 2, abs=4 * (high - low) / (12 * n) ** 0.5)


@pytest.mark.parametrize("arguments", [(-1, 5, 10), (0, 0, 10), (3, 20, 10)])
def test_a_ceiling_that_cannot_be_is_refused(arguments):
    with pytest.raises(ValueError, match="use 0 or more, and a base above 0 up to the cap"):
        ceiling_ms(*arguments)


# The contention -----------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_client_succeeds_once_and_one_after_another(strategy):
    for seed in range(60):
        clients = 1 + seed % 12
        run = contend(Random(seed), strategy, clients)
        assert len(run.calls_ms) >= clients
        assert run.calls_ms == sorted(run.calls_ms)
        assert run.took_ms > run.calls_ms[-1]


def test_a_client_alone_never_fails():
    assert all(len(contend(Random(1), s, 1).calls_ms) == 1 for s in STRATEGIES)
    with pytest.raises(ValueError, match="0 clients: use 1 or more"):
        contend(Random(1), none, 0)


def test_the_strategies_are_ordered_as_in_the_paper():
    means = {s.__name__: average(s, runs=8) for s in STRATEGIES}
    calls = {name: mean.calls for name, mean in means.items()}
    took = {name: mean.took_ms for name, mean in means.items()}
    assert calls["none"] > calls["exponential"] > 2 * calls["full_jitter"]
    assert calls["decorrelated"] > 1.1 * calls["full_jitter"]
    assert max(took, key=took.get) == "exponential" and took["exponential"] > 9 * took["full_jitter"]
    assert min(took, key=took.get) == "none"
    assert calls["equal_jitter"] == pytest.approx(calls["full_jitter"], rel=0.08)
    assert took["equal_jitter"] > took["full_jitter"]


def test_one_seed_for_all_is_no_jitter():
    plain = average(exponential, runs=4).calls
    for strategy in (full_jitter, equal_jitter):
        assert average(strategy, runs=4, same_seed=True).calls > 0.85 * plain
        assert average(strategy, runs=4).calls < 0.5 * plain


def test_writes_without_a_wait_grow_almost_as_the_square():
    few, more = (average(none, n, 6).calls for n in (50, 100))
    assert 3 < more / few < 4.1
    few, more = (average(full_jitter, n, 6).calls for n in (50, 100))
    assert 2 < more / few < 2.7


def test_a_window_that_may_not_grow_makes_more_writes():
    """Change it."""

    def small(rng, attempt, last):
        return full_jitter(rng, attempt, last, cap_ms=20.0)

    assert average(small, runs=4).calls > 1.5 * average(full_jitter, runs=4).calls


def test_the_picture_shows_bursts_and_silence():
    runs = demo()

    def buckets(name):
        return {int(ms / 50) for ms in runs[name].calls_ms if ms < 2_000}

    assert len(buckets("exponential")) < 25 < 35 < len(buckets("full_jitter"))


def test_a_hop_is_a_normal_of_ten_and_two():
    rng = Random(4)
    hops = [hop_ms(rng) for _ in range(20_000)]
    mean = sum(hops) / len(hops)
    assert mean == pytest.approx(10, abs=0.06) and min(hops) > 0
    assert (sum((h - mean) ** 2 for h in hops) / len(hops)) ** 0.5 == pytest.approx(2, rel=0.03)


# The crowd and the window -------------------------------------------------------------------


@given(st.integers(1, 200), st.floats(0.2, 5))
def test_the_best_window_is_as_wide_as_the_crowd(crowd, factor):
    window = max(1.0, crowd * factor)
    share = crowd / window * (1 - 1 / window) ** (crowd - 1)
    assert share <= acquisition(crowd) + 1e-9
    assert acquisition(crowd) >= 1 / 2.718281828459046


@pytest.mark.parametrize("crowd, window", [(10, 10), (50, 50), (50, 200), (50, 20)])
def test_the_run_follows_the_formula_of_the_window(crowd, window):
    said = crowd / window * (1 - 1 / window) ** (crowd - 1)
    got = slots(Random(2), crowd, window, bits=300_000)
    assert got == pytest.approx(said, abs=4 * (said * (1 - said) / 6_250) ** 0.5)


def test_long_packets_hide_the_contention():
    assert [round(efficiency(2, bits), 4) for bits in (4096, 512, 48)] == [0.9884, 0.9143, 0.5]
    assert efficiency(7, 48) == pytest.approx(acquisition(7))
    got = slots(Random(2), 10, 10, packet_bits=512)
    assert got == pytest.approx(efficiency(10, 512), abs=0.01)


def test_a_window_spreads_ten_thousand_reconnections():
    most = [busiest_ms(Random(1), 10_000, ms) for ms in (0.1, 1_000, 10_000)]
    assert most[0] > 4_000 and 100 <= most[1] < 150 and 10 <= most[2] < 25
