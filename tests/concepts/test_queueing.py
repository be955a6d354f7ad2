"""Queueing: every formula against the balance, against a run, and against its broken twin."""

from functools import cache
from math import factorial, inf, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.concepts import queueing
from snippets.concepts.queueing import (
    balance,
    by_square_root,
    by_utilisation,
    demo,
    equal,
    erlang_b,
    erlang_c,
    exponential,
    halfin_whitt,
    mg1_wait,
    mm1,
    mm1k_loss,
    mm1k_wait,
    mmc_wait,
    servers_for,
    shop,
    station,
    supermarket,
    tail,
    uneven,
)

loads = st.floats(0.01, 30)
counts = st.integers(1, 30)
below_full = st.floats(0.01, 0.99)


# The formulas are readings of one balance ---------------------------------------------------


@given(st.lists(st.tuples(st.floats(0.1, 9), st.floats(0.1, 9)), min_size=1, max_size=12))
def test_every_state_is_left_as_often_as_it_is_entered(rates):
    """Global balance, which balance() does not compute: flow in is flow out at each state."""
    up, down = zip(*rates, strict=True)
    share = balance(up, down)
    assert sum(share) == pytest.approx(1)
    for n, here in enumerate(share):
        out = (up[n] if n < len(up) else 0) + (down[n - 1] if n else 0)
        back = (share[n - 1] * up[n - 1] if n else 0)
        back += share[n + 1] * down[n] if n < len(up) else 0
        assert here * out == pytest.approx(back)


@given(counts, loads)
def test_erlang_b_is_the_last_state_of_the_balance(servers, load):
    share = balance([load] * servers, range(1, servers + 1))
    assert erlang_b(servers, load) == pytest.approx(share[-1])


@given(counts, below_full)
def test_erlang_c_is_the_balance_of_a_very_long_line(servers, utilisation):
    load, states = servers * min(utilisation, 0.95), servers + 1500
    share = balance([load] * states, [min(n, servers) for n in range(1, states + 1)])
    assert erlang_c(servers, load) == pytest.approx(sum(share[servers:]), rel=1e-6)
    in_line = sum((n - servers) * part for n, part in enumerate(share) if n > servers)
    assert mmc_wait(servers, load) == pytest.approx(in_line / load, rel=1e-6)


@given(loads, counts)
def test_a_line_that_ends_loses_what_the_balance_says(load, places):
    share = balance([load] * places, [1] * places)
    assert mm1k_loss(load, places) == pytest.approx(share[-1])
    assert 0 <= mm1k_wait(load, places) <= places - 1
    # A server can do no more than one a unit of time: the rest is lost, whatever the line.
    assert mm1k_loss(load, places) >= 1 - 1 / load - 1e-12


@given(below_full)
def test_the_formulas_meet_where_their_models_do(rho):
    assert erlang_c(1, rho) == pytest.approx(rho)
    assert mmc_wait(1, rho) == pytest.approx(mg1_wait(rho, 1)) == pytest.approx(mm1(rho) - 1)
    assert mm1k_loss(rho, 1) == pytest.approx(erlang_b(1, rho))
    assert supermarket(1, rho) == mm1(rho)
    # By the sum that the loop would take, for a load at which it ends.
    assert sum(tail(1, 0.5, n) for n in range(1, 60)) / 0.5 == pytest.approx(mm1(0.5))


@given(st.integers(2, 5), below_full)
def test_more_choices_shorten_every_tail(choices, load):
    assert supermarket(choices, load) <= supermarket(choices - 1, load) + 1e-12
    for length in range(1, 8):
        assert tail(choices, load, length) <= tail(choices - 1, load, length) + 1e-15


def test_numbers_of_the_literature():
    assert [round(mm1(rho), 9) for rho in (0.5, 0.8, 0.9, 0.95, 0.99)] == [2, 5, 10, 20, 100]
    found = [(round(erlang_c(c, 0.9 * c), 4), round(mmc_wait(c, 0.9 * c), 4)) for c in (2, 10, 100)]
    assert found == [(0.8526, 4.2632), (0.6687, 0.6687), (0.2169, 0.0217)]
    assert mg1_wait(0.8, 0) == pytest.approx(2)


# Runs against formulas, over many parameters --------------------------------------------------


GRID = [
    (seed, load, servers, service, variance, room)
    for seed, (load, servers, service, variance, room) in enumerate(
        [(load, 1, exponential, 1, places - 1) for load in (0.5, 1, 1.5) for places in (1, 4, 9)]
        + [(load, c, exponential, 1, 0) for c, load in ((2, 1), (5, 6), (30, 24))]
        + [(load, c, s, 0, 0) for s in (equal, uneven) for c, load in ((2, 1), (10, 8))]
        + [(rho * c, c, exponential, 1, None) for c in (1, 3, 12) for rho in (0.4, 0.7)]
        + [(0.6, 1, equal, 0, None), (0.6, 1, uneven, 2.25, None)]
    )
]


def distances(b=erlang_b, c=erlang_c, wait=mmc_wait, k=mm1k_loss, kwait=mm1k_wait, g=mg1_wait):
    """Of every formula at every point of the grid: how many errors from its run."""
    for seed, load, servers, service, variance, room in GRID:
        got = runs()[seed]
        if room == 0:
            yield (got.lost - b(servers, load)) / got.error.lost
        elif room is not None:
            yield (got.lost - k(load, room + 1)) / got.error.lost
            yield (got.wait - kwait(load, room + 1)) / got.error.wait
        elif service is exponential:
            yield (got.waited - c(servers, load)) / got.error.waited
            yield (got.wait - wait(servers, load)) / got.error.wait
        else:
            yield (got.wait - g(load, variance)) / got.error.wait


@cache
def runs():
    return [
        station(Random(seed), load, servers, service, inf if room is None else room, 20_000)
        for seed, load, servers, service, _, room in GRID
    ]


def unlikely(found):
    """Errors of 20 batches follow Student's t: beyond 4 is one in a thousand, and their
    mean square is 19 / 17."""
    found = list(found)
    return max(map(abs, found)) > 4.5 or sum(z * z for z in found) / len(found) > 2.2


def test_every_formula_meets_its_run_over_the_grid():
    assert len(list(distances())) >= 30
    assert not unlikely(distances())


@pytest.mark.parametrize(
    "broken",
    [
        {"b": lambda servers, load: erlang_b(servers + 1, load)},
        {"c": lambda servers, load: erlang_b(servers, load)},
        {"wait": lambda servers, load: erlang_c(servers, load) / servers},
        {"k": lambda load, places: mm1k_loss(load, places + 1)},
        {"kwait": lambda load, places: mm1k_wait(load, places) * (1 - mm1k_loss(load, places))},
        {"g": lambda rho, variance: rho / (1 - rho)},
    ],
    ids=lambda broken: next(iter(broken)),
)
def test_a_formula_that_is_wrong_by_one_thing_is_noticed(broken):
    assert unlikely(distances(**broken))


def test_the_error_of_a_run_is_that_of_many_runs():
    found = [station(Random(seed), 0.5, requests=4_000) for seed in range(60)]
    mean = sum(run.wait for run in found) / 60
    spread = sqrt(sum((run.wait - mean) ** 2 for run in found) / 59)
    assert spread == pytest.approx(sum(run.error.wait for run in found) / 60, rel=0.35)


def test_a_line_never_holds_more_than_its_room():
    """With equal services nobody served waits longer than the line in front of him."""
    got = station(Random(3), 2.0, 1, equal, room=3, requests=5_000)
    assert 2 < got.wait < 3 and got.lost == pytest.approx(0.5, abs=0.02)


def test_the_supermarket_run_meets_its_tails():
    for choices in (1, 2, 3):
        took, shares = shop(Random(1), choices, 0.7, queues=200, time=400)
        assert took == pytest.approx(supermarket(choices, 0.7), rel=0.06)
        for length in range(1, 4):
            said = tail(choices, 0.7, length)
            assert shares[length - 1] == pytest.approx(said, rel=0.1, abs=0.005)
    # A run of one choice is far from the limit for two: the check can fail.
    assert tail(1, 0.7, 3) > 2 * tail(2, 0.7, 3)


# What the page says --------------------------------------------------------------------------


def test_the_fixed_rule_is_wrong_at_both_ends_and_the_root_at_none():
    rules = demo()
    naive = [row.formula for row in rules["by_utilisation"]]
    assert naive == sorted(naive, reverse=True) and naive[0] > 0.7 and naive[-1] < 1e-4
    assert all(0.2 < row.formula < 0.29 for row in rules["by_square_root"])
    for row in rules["by_square_root"]:
        assert abs(row.run - row.formula) <= 4.5 * row.error


@pytest.mark.parametrize("beta", [0.5, 1, 2])
def test_the_square_root_rule_goes_to_its_limit(beta):
    off = [abs(erlang_c(by_square_root(n, beta), n) - halfin_whitt(beta)) for n in (100, 10_000)]
    assert off[1] < 0.002 and off[1] < off[0]


@given(st.floats(0.1, 200), st.floats(0.001, 1))
def test_servers_for_is_enough_and_the_fewest(load, waiting):
    fewest = servers_for(load, waiting)
    assert erlang_c(fewest, load) <= waiting
    assert fewest - 1 <= load or erlang_c(fewest - 1, load) > waiting


def test_the_eighty_percent_rule_is_right_at_one_size():
    assert [servers_for(load, 0.01) - by_utilisation(load) for load in (10, 100, 1000)] == [6, 0, -173]


def test_ninety_percent_says_nothing_without_the_number_of_servers():
    waits = [mmc_wait(c, 0.9 * c) for c in (1, 10, 100)]
    assert [round(wait, 2) for wait in waits] == [9.0, 0.67, 0.02]


def test_the_printed_formula_overflows_where_the_recursion_does_not():
    with pytest.raises(OverflowError):
        sum(200.0**k / factorial(k) for k in range(221))
    assert 0 < erlang_b(220, 200) < 0.02
    assert 0 < erlang_b(100_000, 99_000) < 1


def test_changes_of_the_page():
    assert erlang_c(by_square_root(400, 2), 400) < 0.04
    two, ten = supermarket(2, 0.99), supermarket(10, 0.99)
    assert round(mm1(0.99)) == 100 and 5 < two < 6 and 2 < ten < 3
    again = uneven_wait(0.02, 50)
    assert again == pytest.approx(26.0, abs=0.1)


def uneven_wait(slow, times):
    short = 1 / (1 - slow + slow * times)
    return mg1_wait(0.8, short**2 * (1 - slow + slow * times**2) - 1)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: erlang_b(0, 1), "0 servers, places or choices"),
        (lambda: erlang_c(2, 2), "not between 0 and 2; a line without end is stable only below"),
        (lambda: mm1(1.0), "not between 0 and 1"),
        (lambda: mg1_wait(0.5, -1), "variance of -1: use 0 or more"),
        (lambda: servers_for(5, 0), "share of 0: use more than 0"),
        (lambda: station(Random(0), 1, requests=3), "20 batches need one each"),
    ],
)
def test_errors_say_what_is_wrong(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_program_says_what_it_assumes():
    assert "Guarantee" in queueing.__doc__ and "Left out" in queueing.__doc__
