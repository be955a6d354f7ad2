"""Application scenarios: who waits for whom decides what a trouble costs."""

import importlib.util
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.concepts.application_scenarios import (
    CURES,
    EVEN,
    PROFILES,
    STRAGGLERS,
    TROUBLES,
    Fleet,
    Profile,
    ablation,
    alone,
    backup_tasks,
    barrier,
    dominating,
    drawn_slowest,
    job,
    loss,
    overtake,
    slowest,
    stream,
    useful,
)

BIG, CLOUD, THINGS, TRAINING = PROFILES
SEEDS = (1, 2, 3)
ROOT = Path(__file__).resolve().parents[2]

small = st.builds(
    Profile,
    name=st.just("small"),
    nodes=st.integers(1, 6),
    slow=st.floats(0, 1),
    slowness=st.sampled_from([1.0, 2.0, 8.0]),
    slow_stays=st.sampled_from([0.0, 0.5, 1.0]),
    lost=st.floats(0, 0.5),
    lost_stays=st.sampled_from([0.0, 0.5]),
    barriers=st.lists(st.integers(1, 12), min_size=1, max_size=4).map(tuple),
)


def run(profile, off=(), seed=1, kind=Fleet):
    fleet = kind(profile, off, Random(seed))
    return (job if profile.barriers else stream)(profile, fleet), fleet


# The verdict ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_trouble_dominates_for_every_seed(seed):
    first = {profile.name: dominating(profile, seed) for profile in PROFILES}
    assert first == {
        "big data": "slow",
        "cloud": "slow",
        "Internet of Things": "lost",
        "AI training": "slow",
    }


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_switching_one_off_and_switching_only_one_on_name_the_same_trouble(seed):
    for profile in PROFILES:
        lonely = {trouble: alone(profile, trouble, seed) for trouble in TROUBLES}
        assert max(lonely, key=lonely.get) == dominating(profile, seed), profile.name


def test_the_verdict_is_computed_from_the_rates():
    """With its dominating trouble cut down, another one takes its place."""
    assert dominating(replace(THINGS, lost=0.001)) == "slow"
    assert dominating(replace(CLOUD, slow=0.0)) in ("old", "lost", "forged")
    assert dominating(replace(CLOUD, slow=0.0, old=0.2)) == "old"


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_the_cure_removes_most_of_what_the_dominating_trouble_costs(seed):
    for profile in PROFILES:
        before = loss(profile, seed)
        gone = before - loss(replace(profile, **CURES[profile.name]), seed)
        assert gone > 0.5 * ablation(profile, seed)[dominating(profile, seed)], profile.name


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_at_the_same_rates_a_lost_piece_costs_training_nearly_all_and_the_cloud_a_piece(seed):
    even = [replace(profile, **EVEN) for profile in PROFILES]
    lost = {profile.name: alone(profile, "lost", seed) for profile in even}
    assert lost["AI training"] > 0.85
    assert lost["cloud"] < 0.005 and lost["Internet of Things"] < 0.005
    assert lost["cloud"] < lost["big data"] < lost["AI training"]
    assert alone(even[3], "slow", seed) > 0.3 > 0.05 > alone(even[1], "slow", seed)


@pytest.mark.parametrize(
    "profile, trouble", [(THINGS, "slow"), (CLOUD, "lost"), (TRAINING, "lost")]
)
def test_overtake_is_the_smallest_power_of_two_that_reaches_the_first(profile, trouble):
    factor = overtake(profile, trouble)
    target = alone(profile, dominating(profile))

    def costs(factor):
        return alone(replace(profile, **{trouble: factor * getattr(profile, trouble)}), trouble)

    assert costs(factor) >= target > costs(factor / 2)


def test_old_gradients_never_cost_as_much_as_the_barrier_in_training():
    assert overtake(TRAINING, "old") is None


# The simulator ----------------------------------------------------------------------


@given(profile=small, seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_lost_piece_is_done_again_and_no_piece_is_counted_twice(profile, seed):
    whole = replace(profile, old=0.0, forged=0.0)
    (paid, worth), _ = run(whole, seed=seed)
    assert worth == sum(profile.barriers)
    assert paid >= worth


class Forgetful(Fleet):
    """Reports a lost piece as done, with nothing in it."""

    def serve(self, node):
        took, fate = super().serve(node)
        return took, "old" if fate == "lost" else fate


def test_a_fleet_that_hides_its_losses_breaks_that_law():
    profile = replace(BIG, nodes=5, barriers=(50, 20), lost=0.2, old=0.0, forged=0.0)
    assert run(profile)[0][1] == 70
    assert run(profile, kind=Forgetful)[0][1] < 70


@given(profile=small, seed=st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_backups_never_make_a_barrier_later(profile, seed):
    """One barrier: with two, the backups would change the draws of the second."""
    plain = replace(profile, lost=0.0, barriers=profile.barriers[:1])
    (without, _), _ = run(plain, seed=seed)
    (with_them, worth), _ = run(replace(plain, backups=True, old=0.0, forged=0.0), seed=seed)
    assert with_them <= without
    assert worth == plain.barriers[0]


@given(profile=small, seed=st.integers(0, 2**32), spare=st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_not_waiting_for_the_last_pieces_is_never_later_and_costs_them(profile, seed, spare):
    n = profile.nodes + spare
    plain = replace(profile, lost=0.0, old=0.0, forged=0.0, nodes=n, barriers=(n,))
    (without, all_of_them), _ = run(plain, seed=seed)
    (with_spare, fewer), _ = run(replace(plain, spare=spare), seed=seed)
    assert with_spare <= without
    assert fewer == all_of_them - spare


def test_without_troubles_nothing_is_wasted():
    assert useful(CLOUD, 1, frozenset(TROUBLES)) == 1
    assert useful(THINGS, 1, frozenset(TROUBLES)) == 1
    assert useful(TRAINING, 1, frozenset(TROUBLES)) == 1
    # 15,000 pieces take 9 rounds of 1,746 nodes and 4,000 take 3: whole rounds.
    assert useful(BIG, 1, frozenset(TROUBLES)) == pytest.approx(19_000 / (1746 * 12))


def test_old_and_forged_pieces_cost_their_share():
    for trouble, cost in (("old", 0.1), ("forged", 0.2)):  # a forged one undoes another
        profile = replace(THINGS, **{trouble: 0.1})
        assert alone(profile, trouble) == pytest.approx(cost, abs=0.02)
    assert alone(replace(CLOUD, forged=0.1), "forged") == pytest.approx(0.1, abs=0.02)


def test_a_failure_in_training_costs_the_restart_and_the_steps_since_the_checkpoint():
    fails = replace(TRAINING, nodes=1, barriers=(1,) * 5, lost=1.0)
    (paid, worth), _ = run(fails, off=("slow", "old", "forged"))
    assert worth == 5
    assert paid == 5 * 60 + (1 + 2 + 3 + 4 + 5)


def test_spells_keep_the_share_but_not_the_scatter():
    """Trouble in spells strikes as often as trouble at random, in longer runs."""
    for stays in (0.0, 0.9):
        fleet = Fleet(replace(THINGS, lost_stays=stays), (), Random(5))
        fates = [fleet.serve(0)[1] == "lost" for _ in range(20_000)]
        turns = sum(a != b for a, b in pairwise(fates)) / len(fates)
        assert sum(fates) / len(fates) == pytest.approx(0.39, abs=0.04)
        assert turns == pytest.approx((1 - stays) * 2 * 0.39 * 0.61, abs=0.02)


def test_an_unknown_trouble_is_refused():
    with pytest.raises(ValueError, match="troubles are old, slow, lost, forged"):
        loss(CLOUD, off=("latency",))


# The formulas -----------------------------------------------------------------------


@pytest.mark.parametrize("n, left", [(1, 0), (10, 0), (10, 9), (100, 4)])
def test_the_slowest_of_n_takes_a_harmonic_number(n, left):
    for seed in SEEDS:
        drawn = drawn_slowest(n, left, 800, Random(seed))
        assert drawn == pytest.approx(slowest(n, left), abs=0.2)
    assert slowest(100) == pytest.approx(5.187, abs=0.001)


def test_the_order_statistics_are_refused_outside_their_range():
    for n, left in ((0, 0), (5, 5), (5, -1)):
        with pytest.raises(ValueError, match=f"leave 0 to {n - 1} of {n} pieces"):
            slowest(n, left)


@pytest.mark.parametrize("n", [1, 10, 100])
def test_the_two_speed_formula_is_what_the_simulator_does(n):
    profile = replace(TRAINING, nodes=n, slow=0.02, barriers=(n,) * (20_000 // max(n, 10)))
    (paid, _), _ = run(profile, off=("lost", "old", "forged"))
    measured = paid / n / len(profile.barriers)
    assert measured == pytest.approx(barrier(n, 0.02, 8), rel=0.15)


# What the page says -----------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_change_it_readings_that_outweigh_300_make_security_dominate(seed):
    assert dominating(replace(THINGS, pull=300), seed) == "forged"


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_change_it_more_workers_lose_more_and_spare_ones_mend_it(seed):
    larger = replace(TRAINING, nodes=200, barriers=(200,) * 150)
    assert loss(larger, seed) > loss(TRAINING, seed)
    assert loss(replace(larger, spare=8), seed) < 0.02


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_change_it_keeping_readings_is_in_vain_when_they_come_too_late(seed):
    assert loss(replace(THINGS, store=True), seed) == loss(THINGS, seed)
    assert loss(replace(THINGS, store=True, deadline=40), seed) < loss(THINGS, seed) - 0.2


def test_a_job_that_waits_for_a_slow_piece_has_time_to_do_a_lost_one_again():
    assert alone(BIG, "lost") > 0.1
    assert ablation(BIG)["lost"] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("seed", SEEDS)
def test_backup_tasks_save_much_time_for_few_pieces(seed):
    """Dean and Ghemawat 2004, section 3.6: no more than a few percent more."""
    longer, twice = backup_tasks(seed)
    assert longer > 0.4
    assert 0 < twice < 0.05


def test_a_barrier_of_slightly_slow_nodes_costs_a_tenth_at_most():
    assert barrier(16_384, STRAGGLERS, 1.1) == pytest.approx(1.1, abs=0.001)


def test_the_rows_of_the_page_hold():
    path = ROOT / "docs" / "concepts" / "application-scenarios" / "measured.py"
    spec = importlib.util.spec_from_file_location("measured_application_scenarios", path)
    measured = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(measured)
    rows = measured.paper()
    assert {row.key for row in rows} == {"renyi1953theory", "dean2004mapreduce"}
    for row in rows:
        assert row.holds(), row
