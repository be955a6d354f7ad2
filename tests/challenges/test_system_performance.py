"""Waiting lines: the formulas, the runs, and how far apart they may be."""

import importlib.util
from math import exp, inf, log, sqrt
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.challenges import system_performance as program
from snippets.challenges.system_performance import (
    dashboard,
    demo,
    erlang_c,
    error,
    exponential,
    lines,
    mean,
    mean_in_system,
    measure,
    mg1,
    mm1,
    mm1_percentile,
    mmc,
    percentile,
    pipeline,
    poisson,
    responses,
    serve,
    spread,
    spread_cv2,
)

ROOT = Path(__file__).resolve().parents[2]
times = st.integers(0, 20).map(float)  # whole, so that sums are exact
loads = st.floats(0.01, 0.99)


def room(name):
    path = ROOT / "docs" / "challenges" / "system-performance" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"performance_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@st.composite
def jobs(draw):
    """Arrivals in order, a service time for each, and a number of servers."""
    pairs = draw(st.lists(st.tuples(times, times), min_size=1, max_size=25))
    arrivals, now = [], 0.0
    for gap, _ in pairs:
        now += gap
        arrivals.append(now)
    return arrivals, [service for _, service in pairs], draw(st.integers(1, 4))


# One line -----------------------------------------------------------------------------------


def stepwise(arrivals, services, servers):
    """Another way to serve: at every moment at which a server is free, the next in line."""
    free, departures = [0.0] * servers, []
    for arrival, service in zip(arrivals, services, strict=True):
        which = min(range(servers), key=lambda i: free[i])
        free[which] = max(free[which], arrival) + service
        departures.append(free[which])
    return departures


def properly_served(arrivals, services, departures, servers):
    """No request begins early, and no server is idle while one waits."""
    begins = [leaves - service for leaves, service in zip(departures, services, strict=True)]
    for i, (came, begin) in enumerate(zip(arrivals, begins, strict=True)):
        assert begin >= came, f"request {i} is served before it comes"
        busy = sum(
            b <= begin < d
            for j, (b, d) in enumerate(zip(begins, departures, strict=True))
            if j != i
        )
        assert busy < servers or services[i] == 0, (
            f"request {i} begins although all servers are busy"
        )
        if begin > came:
            middle = (came + begin) / 2
            working = sum(b <= middle < d for b, d in zip(begins, departures, strict=True))
            assert working >= servers, f"request {i} waits although a server is idle"


@given(jobs())
def test_no_server_is_idle_while_a_request_waits(work):
    arrivals, services, servers = work
    departures = serve(arrivals, services, servers)
    assert departures == pytest.approx(stepwise(arrivals, services, servers))
    properly_served(arrivals, services, departures, servers)


def test_a_queue_that_lets_a_server_idle_is_noticed():
    arrivals, services = [0.0, 1.0], [5.0, 5.0]
    with pytest.raises(AssertionError, match="although a server is idle"):
        properly_served(arrivals, services, serve(arrivals, services, 1), servers=2)
    with pytest.raises(AssertionError, match="although all servers are busy"):
        properly_served(arrivals, services, serve(arrivals, services, 2), servers=1)


@given(jobs())
def test_another_server_never_hurts_anybody(work):
    arrivals, services, servers = work
    fewer, more = serve(arrivals, services, servers), serve(arrivals, services, servers + 1)
    assert all(b <= a + 1e-6 for a, b in zip(sorted(fewer), sorted(more), strict=True))


@pytest.mark.parametrize("arguments", [([1.0], [1.0], 0), ([1.0, 2.0], [1.0], 1)])
def test_serve_refuses_no_server_and_unequal_lists(arguments):
    with pytest.raises(ValueError, match="a server, and a service time for each"):
        serve(*arguments)


# Little's law -------------------------------------------------------------------------------


@given(jobs())
def test_littles_law_holds_for_every_run_that_ends_empty(work):
    """L counted by a sweep over time; rate and W from the list of requests."""
    arrivals, services, servers = work
    departures = serve(arrivals, services, servers)
    last = max(departures)
    if last > 0:
        rate, took = len(arrivals) / last, mean(responses(arrivals, departures))
        assert mean_in_system(arrivals, departures) == pytest.approx(rate * took, abs=1e-9)


def test_littles_law_fails_when_a_request_is_not_counted():
    rng = Random(1)
    arrivals = poisson(rng, 0.8, 1000)
    departures = serve(arrivals, exponential(rng, 1, 1000))
    rate, took = 1000 / departures[-1], mean(responses(arrivals, departures))
    assert mean_in_system(arrivals[:-100], departures[:-100]) != pytest.approx(
        rate * took, rel=0.01
    )


# The formulas -------------------------------------------------------------------------------


def test_two_five_ten_twenty_hundred():
    assert [round(mm1(rho), 9) for rho in (0.5, 0.8, 0.9, 0.95, 0.99)] == [2, 5, 10, 20, 100]


def test_erlang_c_of_the_literature():
    found = [(round(erlang_c(c, 0.9), 4), round(mmc(c, 0.9) - 1, 4)) for c in (2, 10, 100)]
    assert found == [(0.8526, 4.2632), (0.6687, 0.6687), (0.2169, 0.0217)]


@given(loads)
def test_with_one_server_the_formulas_are_one(rho):
    assert erlang_c(1, rho) == pytest.approx(rho)
    assert mmc(1, rho) == pytest.approx(mm1(rho)) == pytest.approx(mg1(rho, 1))


@given(st.integers(1, 12), loads)
def test_erlang_c_is_the_balance_of_the_birth_and_death_chain(servers, rho):
    """Weights of 0, 1, 2, ... requests, each from the one before; the tail is geometric."""
    weights = [1.0]
    for k in range(1, servers + 1):
        weights.append(weights[-1] * servers * rho / min(k, servers))
    waits = weights[servers] / (1 - rho)
    assert erlang_c(servers, rho) == pytest.approx(waits / (sum(weights[:servers]) + waits))


@given(st.integers(1, 30), loads)
def test_a_shared_line_is_never_worse_and_large_pools_wait_less(servers, rho):
    assert mmc(servers, rho) <= mm1(rho) + 1e-9
    assert mmc(servers + 1, rho) <= mmc(servers, rho) + 1e-9


@pytest.mark.parametrize("rho", [0, 1, 1.05, -0.1])
def test_full_utilisation_has_no_formula(rho):
    for formula in (
        mm1,
        lambda rho: mmc(3, rho),
        lambda rho: mg1(rho, 0),
        lambda rho: error(rho, 10),
    ):
        with pytest.raises(ValueError, match="not between 0 and 1"):
            formula(rho)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(0.01, 1))
def test_a_percentile_is_the_smallest_value_that_covers_the_share(values, share):
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6
    assert sum(value < found for value in values) < share * len(values) + 1e-6


@pytest.mark.parametrize("values, share", [([], 0.5), ([1.0], 0), ([1.0], 1.1)])
def test_a_percentile_of_nothing_is_refused(values, share):
    with pytest.raises(ValueError, match="needs values, and a share"):
        percentile(values, share)


# Runs against formulas: each tolerance is a number of standard errors ------------------------


def test_the_standard_error_is_that_of_many_runs():
    """40 runs of 4,000 requests at 80 %: their spread is the formula's within a third, and not
    that of independent requests, which is five times smaller."""
    n, rho = 4_000, 0.8
    found = [measure(Random(seed), rho, n).response for seed in range(40)]
    spread_of_runs = sqrt(sum((x - mean(found)) ** 2 for x in found) / 39) / mm1(rho)
    assert spread_of_runs == pytest.approx(error(rho, n), rel=0.35)
    assert spread_of_runs > 4 / sqrt(n)


@pytest.mark.parametrize("rho", [0.5, 0.8])
def test_one_server_follows_its_formula(rho):
    for seed in range(4):
        point = measure(Random(seed), rho, 30_000)
        assert point.response == pytest.approx(mm1(rho), rel=4 * error(rho, 30_000))
        assert point.throughput == pytest.approx(rho, rel=0.03)


def test_the_99th_percentile_follows_the_exponential():
    """A percentile of one run is noisier than its mean: the mean of six runs, within 15 %."""
    for rho in (0.5, 0.8):
        found = mean([measure(Random(seed), rho, 30_000).p99 for seed in range(6)])
        assert found == pytest.approx(mm1_percentile(rho, 0.99), rel=0.15)


def test_the_page_shows_every_point_within_three_standard_errors():
    points = demo()
    for point in points:
        assert abs(point.response / mm1(point.rho) - 1) <= 3 * error(point.rho, point.requests)
    assert [point.requests for point in points[:3]] == [4_800, 36_000, 152_000]
    assert round(error(0.99, 200_000), 2) == 0.45


def test_at_99_percent_runs_of_a_hundred_thousand_disagree_several_fold():
    found = [measure(Random(seed), 0.99, 30_000).response for seed in range(8)]
    assert max(found) > 2 * min(found)


def test_above_full_the_longer_run_is_the_slower_one():
    for seed in range(3):
        rng, n = Random(seed), 40_000
        arrivals = poisson(rng, 1.05, n)
        took = responses(arrivals, serve(arrivals, exponential(rng, 1, n)))
        early, late = mean(took[4_000:6_000]), mean(took[38_000:])
        assert late > 3 * early


def test_services_that_are_alike_halve_the_wait_and_rare_long_ones_multiply_it():
    """M/G/1 at 80 %: wait 2, 4 and 26; each run within four standard errors of heavy traffic."""
    assert [round(mg1(0.8, cv2) - 1, 6) for cv2 in (0, 1)] == [2, 4]
    assert round(mg1(0.8, spread_cv2(0.02, 50)) - 1) == 26
    n = 60_000
    for seed in range(2):
        arrivals = poisson(Random(seed), 0.8, n)
        for services, cv2 in (
            ([1.0] * n, 0),
            (spread(Random(seed + 9), n, 0.02, 50), spread_cv2(0.02, 50)),
        ):
            got = mean(responses(arrivals, serve(arrivals, services)))
            assert got == pytest.approx(mg1(0.8, cv2), rel=4 * sqrt(2 * (1 + cv2) / n) / 0.2)


@given(st.floats(0.001, 0.5), st.floats(1, 500))
def test_spread_keeps_the_mean(slow, times_as_long):
    short = 1 / (1 - slow + slow * times_as_long)
    assert (1 - slow) * short + slow * short * times_as_long == pytest.approx(1)
    second = (1 - slow) * short**2 + slow * (short * times_as_long) ** 2
    assert spread_cv2(slow, times_as_long) == pytest.approx(second - 1, abs=1e-9)


def test_spread_draws_the_share_that_it_says():
    services = spread(Random(3), 50_000, 0.02, 50)
    assert mean(services) == pytest.approx(1, abs=0.06)
    assert sorted(set(services))[1] / min(services) == pytest.approx(50)


def test_one_line_for_ten_servers_beats_ten_lines():
    for seed in range(3):
        ten, one = lines(Random(seed), 0.9, 60_000, 10)
        assert ten == pytest.approx(mm1(0.9), rel=4 * error(0.9, 60_000))
        assert one == pytest.approx(mmc(10, 0.9), rel=0.25)
        assert one * 4 < ten


def true_p99(rhos):
    """Solve: the share above t, weighted by the load of each server, is one in a hundred."""
    low, high = 0.0, 1000.0
    for _ in range(60):
        t = (low + high) / 2
        above = sum(rho * exp(-(1 - rho) * t) for rho in rhos) / sum(rhos)
        low, high = (t, high) if above > 0.01 else (low, t)
    return low


def test_the_average_of_p99s_is_less_than_half_the_p99_of_all():
    """Exactly, and in every run."""
    rhos = [0.5] * 9 + [0.9]
    averaged = mean([mm1_percentile(rho, 0.99) for rho in rhos])
    assert averaged < 0.5 * true_p99(rhos)
    for seed in range(3):
        shown, true = dashboard(Random(seed), rhos, 15_000)
        assert shown < 0.6 * true
        assert true == pytest.approx(true_p99(rhos), rel=4 * error(0.9, 13_500))


def test_the_average_falls_when_a_server_that_nobody_asks_joins():
    """Change it: nobody is served faster."""
    without = mean([mm1_percentile(0.5, 0.99)] * 10)
    joined = mean([mm1_percentile(rho, 0.99) for rho in [0.5] * 9 + [0.01]])
    assert joined < without
    assert true_p99([0.5] * 9 + [0.01]) == pytest.approx(true_p99([0.5] * 10), rel=0.01)


def test_only_a_faster_bottleneck_helps_a_row_of_stages():
    for seed in range(2):
        plain, first, last = (
            pipeline(Random(seed), stages, 0.8, 20_000)
            for stages in ((0.2, 0.5, 1), (0.1, 0.5, 1), (0.2, 0.5, 0.5))
        )
        assert 0 < plain - first < 0.05 * plain
        assert last < 0.45 * plain
        for got, stages in ((plain, (0.2, 0.5, 1.0)), (last, (0.2, 0.5, 0.5))):
            assert got == pytest.approx(
                sum(s * mm1(0.8 * s) for s in stages), rel=4 * error(0.8, 20_000)
            )


def test_changes_of_the_page():
    assert round(mmc(100, 0.9), 2) == 1.02
    assert round(mmc(10, 0.99), 2) == 10.64
    tenfold = (mg1(0.8, spread_cv2(0.002, 500)) - 1) / (mg1(0.8, spread_cv2(0.02, 50)) - 1)
    assert 9 < tenfold < 11
    assert (
        mm1_percentile(0.9, 0.99) == pytest.approx(log(100) * 10)
        and inf > mm1_percentile(0.9, 0.999) > 60
    )


def test_every_row_of_the_paper_table_holds():
    rows = room("measured").paper()
    assert len(rows) == 5
    assert [row.claim for row in rows if not row.holds()] == []


def test_the_program_names_what_it_leaves_out():
    assert "retries" in program.__doc__ and "Guarantee" in program.__doc__
