"""Chains, amplification, metastable failure, delivery, and the two generals."""

from itertools import product
from math import inf
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.challenges import system_reliability as program
from snippets.challenges.system_reliability import (
    Client,
    Server,
    agreeing_rules,
    calls_at_the_bottom,
    chain,
    down_s,
    over_a_lossy_link,
    overload,
    two_orders,
)
from snippets.simnet import Simulation, uniform
from tools.programs import SNIPPETS, read

SOURCE = read(SNIPPETS / "challenges" / "system_reliability.py")


def changed(*edits):
    """The program as a reader changes it: its names after the edits."""
    text = SOURCE
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the program"
        text = text.replace(old, new)
    names = {"__name__": "changed"}
    exec(compile(text, "changed.py", "exec"), names)
    return names


def last_minute(counts):
    return sum(counts[-60:]) / 60


# ---------------------------------------------------------------- chains and layers


def test_a_chain_is_as_available_as_a_run_of_independent_services():
    rng, requests = Random(3), 100_000
    served = sum(all(rng.random() < 0.99 for _ in range(5)) for _ in range(requests))
    assert served / requests == pytest.approx(chain(0.99, 5), abs=0.002)


def test_a_retry_mends_only_faults_that_are_independent():
    """One coin for both tries, as in an outage, and the retry mends nothing."""
    rng, requests = Random(4), 100_000
    together = sum(rng.random() < 0.9 for _ in range(requests)) / requests
    assert chain(0.9, 1, tries=2) == pytest.approx(0.99)
    assert together < 0.91


@given(st.floats(0, 1), st.integers(1, 20), st.integers(1, 4))
def test_longer_chains_are_worse_and_more_tries_are_better(availability, services, tries):
    assert chain(availability, services + 1, tries) <= chain(availability, services, tries)
    assert chain(availability, services, tries + 1) >= chain(availability, services, tries)


@given(st.integers(0, 4), st.integers(1, 4), st.integers(0, 4))
def test_the_calls_at_the_bottom_are_the_product_over_the_layers_that_retry(layers, tries, retrying):
    assert calls_at_the_bottom(layers, tries) == tries**layers
    assert calls_at_the_bottom(layers, tries, retrying) == tries ** min(retrying, layers)


# ----------------------------------------------------------------------- overload


@pytest.mark.parametrize("seed", range(2, 4))
def test_one_retry_keeps_the_service_down_and_none_lets_it_heal(seed):
    good, sent = overload(Random(seed), tries=2)
    assert max(good[40:]) == 0
    assert last_minute(sent) == pytest.approx(560, abs=15)
    good, sent = overload(Random(seed), tries=1)
    assert last_minute(good) == pytest.approx(280, abs=10)
    assert 100 < down_s(good) < 170


@pytest.mark.parametrize("seed", range(2, 4))
def test_the_outage_is_the_trigger_without_it_one_retry_does_no_harm(seed):
    good, _ = overload(Random(seed), tries=2, outage_s=(0.0, 0.0), seconds=120)
    assert down_s(good) == 0


@pytest.mark.parametrize("seed", range(2, 4))
def test_a_budget_helps_when_it_fits_into_the_spare_capacity(seed):
    assert last_minute(overload(Random(seed), 2, budget=0.10)[0]) == 0
    assert last_minute(overload(Random(seed), 2, budget=0.02)[0]) > 260


def test_a_budget_of_five_per_cent_heals_but_needs_more_than_five_minutes():
    """Section 2.1: fewer than 20 retries a second; 5 % of 280 are 14, 8 % would be 22."""
    good, _ = overload(Random(1), 2, budget=0.05, seconds=600)
    assert sum(good[300:340]) == 0
    assert last_minute(good) > 260
    assert last_minute(overload(Random(1), 2, budget=0.08, seconds=600)[0]) == 0


@pytest.mark.parametrize("seed", range(2, 4))
def test_a_random_wait_before_the_retry_does_not_end_the_overload(seed):
    good, sent = overload(Random(seed), 2, backoff_s=10.0)
    assert last_minute(good) == 0
    assert last_minute(sent) == pytest.approx(560, abs=15)


@pytest.mark.parametrize("seed", range(2, 4))
def test_a_short_queue_brings_the_service_back_at_once(seed):
    good, _ = overload(Random(seed), 2, longest_s=0.5)
    assert down_s(good) <= 12


def test_the_service_heals_by_itself_where_twice_the_load_fits():
    """The two loads of "Change it"."""
    for seed in range(2):
        assert last_minute(overload(Random(seed), 2, load_per_s=140)[0]) > 120
        assert last_minute(overload(Random(seed), 2, load_per_s=160)[0]) == 0


def test_another_service_gets_stuck_in_the_same_way():
    small = {"load_per_s": 80, "capacity_per_s": 100, "timeout_s": 2}
    for seed in range(3):
        assert last_minute(overload(Random(seed), 2, **small)[0]) == 0
        assert last_minute(overload(Random(seed), 1, **small)[0]) == pytest.approx(80, abs=6)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 3), st.sampled_from([0.1, inf]), st.sampled_from([0.5, inf]))
def test_no_more_is_answered_than_sent_and_than_the_database_can(seed, tries, budget, longest_s):
    good, sent = overload(Random(seed), tries, budget, longest_s=longest_s, seconds=10,
                          outage_s=(3.0, 5.0))
    done = asked = 0
    for answered, arrived in zip(good, sent):
        done, asked = done + answered, asked + arrived
        assert done <= asked and answered <= 301


# --------------------------------------------------------------------- delivery


@pytest.mark.parametrize("seed", range(2))
def test_a_lossy_link_loses_or_repeats_the_share_that_it_drops(seed):
    never, again, unsure = over_a_lossy_link(Random(seed), tries=1, orders=2500)
    assert (never, again) == (pytest.approx(0.10, abs=0.03), 0)
    assert unsure == pytest.approx(1 - 0.9**2, abs=0.035)
    never, again, unsure = over_a_lossy_link(Random(seed), tries=20, orders=2500)
    assert (never, unsure) == (0, 0)
    assert again == pytest.approx(0.10, abs=0.03)


def never_twice(nodes):
    assert all(times == 1 for times in nodes["shop"].executed.values())


def confirmed_is_executed(nodes):
    assert set(nodes["client"].confirmed) <= set(nodes["shop"].executed)


def run(rng, acks, dedupe, check):
    """A few orders over a lossy link, with crashes at times the generator chooses."""
    sim = Simulation(rng, delay=uniform(1, 20, loss=0.2))
    sim.add(Client("client", tries=30))
    sim.add(Server("shop", acks, dedupe))
    for number in range(3):
        sim.at(number * 2000, sim.call, "client", "buy", number)
        down = number * 2000 + int(rng.random() * 100)
        sim.at(down, sim.crash, "shop")
        sim.at(down + 1 + int(rng.random() * 100), sim.restart, "shop")
    sim.run(until_ms=6000, check=check)
    return sim.nodes


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_numbers_and_an_ack_after_the_work_give_each_order_one_effect(rng):
    def invariant(nodes):
        never_twice(nodes)
        confirmed_is_executed(nodes)

    nodes = run(rng, "application", True, invariant)
    # Only a draw that loses nearly everything leaves an order without an answer.
    for number in nodes["client"].confirmed:
        assert nodes["shop"].executed[number] == 1


def test_three_orders_are_executed_once_on_every_seed():
    for seed in range(40):
        nodes = run(Random(seed), "application", True, never_twice)
        assert nodes["shop"].executed == {0: 1, 1: 1, 2: 1}


@pytest.mark.parametrize(
    ("acks", "dedupe", "invariant"),
    [("application", False, never_twice), ("transport", True, confirmed_is_executed)],
)
def test_each_half_of_the_remedy_alone_breaks_its_invariant(acks, dedupe, invariant):
    def breaks(seed):
        try:
            run(Random(seed), acks, dedupe, invariant)
        except AssertionError:
            return True
        return False

    assert any(breaks(seed) for seed in range(40))


def test_the_two_orders_of_the_picture():
    expected = {
        ("transport", False): {1: 2}, ("transport", True): {1: 1},
        ("application", False): {1: 2, 2: 1}, ("application", True): {1: 1, 2: 1},
    }
    for (acks, dedupe), executed in expected.items():
        nodes = two_orders(acks, dedupe).nodes
        assert nodes["shop"].executed == executed
        assert set(nodes["client"].confirmed) == {1, 2}


def test_a_memory_that_does_not_survive_the_crash_executes_again():
    """The last item of "Change it"."""
    names = changed(
        ('durable = ("executed",)', "durable = ()"),
        ("sim.at(111, sim.crash", "sim.at(40, sim.crash"),
        ("sim.at(140, sim.restart", "sim.at(45, sim.restart"),
    )
    trace = names["two_orders"]("application", True).trace
    assert [event.what for event in trace if event.kind == "note"].count("executes 1") == 2


# ------------------------------------------------------------------ two generals


@pytest.mark.parametrize("messages", range(1, 31))
def test_no_rule_lets_two_generals_always_agree(messages):
    agree, rules = agreeing_rules(messages)
    assert agree == 0
    assert rules == (messages // 2) * ((messages + 1) // 2)


@pytest.mark.parametrize("messages", [2, 3, 4])
def test_nor_does_any_rule_at_all(messages):
    """Every pair of functions from what has arrived to a decision, not only thresholds.

    Where all arrive or none does, rules that agree exist: the check is able to find one.
    """
    a_most, b_most = messages // 2, (messages + 1) // 2

    def agreeing(lasts):
        return sum(
            all(a[last // 2] == b[(last + 1) // 2] for last in lasts)
            for a in product((False, True), repeat=a_most + 1)
            for b in product((False, True), repeat=b_most + 1)
            if a[a_most] and b[b_most] and not a[0] and not b[0]
        )

    assert agreeing(range(messages + 1)) == 0
    assert agreeing((0, messages)) > 0


# ----------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    "call",
    [
        lambda: chain(1.5, 3),
        lambda: calls_at_the_bottom(-1, 3),
        lambda: calls_at_the_bottom(2, 0),
        lambda: overload(Random(0), 0),
        lambda: overload(Random(0), 1, load_per_s=0),
    ],
)
def test_arguments_without_meaning_are_refused(call):
    with pytest.raises(ValueError):
        call()


def test_the_demo_tells_what_the_page_tells():
    ends = {name: last_minute(good) > 140 for name, (good, _) in program.demo().items()}
    assert ends == {
        "no retry": True, "one retry": False, "one retry after 1 to 11 s": False,
        "one retry, budget 10 %": False, "one retry, budget 2 %": True,
        "one retry, queue of 0.5 s": True,
    }
