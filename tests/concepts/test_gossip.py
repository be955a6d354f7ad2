"""Gossip: what reaches whom, what it costs, and what a quiet end leaves out."""

from itertools import pairwise
from math import exp, log, log2
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.concepts import gossip as program
from snippets.concepts.gossip import MODES, demo, mean, pittel, residue, simulate, tail, tree

FEW = settings(max_examples=40, deadline=None)


def check(run, n, mode):
    """What holds of every run: nobody forgets, a site hears in a cycle at most what can be told."""
    informed = run["informed"]
    assert informed[0] == 1 and informed == sorted(informed)
    assert round((1 - run["residue"]) * n) == informed[-1]
    assert run["t_ave"] <= run["t_last"] <= len(informed)
    assert run["traffic"] * n >= informed[-1] - 1  # who knows was told
    if mode == "push":
        assert all(b <= 2 * a for a, b in pairwise(informed))


@FEW
@given(
    st.integers(0, 2**32),
    st.integers(2, 60),
    st.sampled_from(MODES),
    st.integers(0, 4),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.0, 0.3]),
)
def test_every_run_adds_up(seed, n, mode, k, feedback, counter, cut):
    run = simulate(n, mode, Random(seed), k, feedback, counter, cut, cycles=200)
    check(run, n, mode)


def test_a_site_that_tells_in_the_cycle_it_hears_trips_the_doubling():
    """Planted: push that grows threefold in a cycle."""
    run = simulate(100, "push", Random(1))
    run["informed"] = [3**i for i in range(4)] + [100]
    with pytest.raises(AssertionError):
        check(run, 100, "push")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("cut", [0.0, 0.3])
def test_who_never_stops_reaches_everybody(mode, cut):
    for seed in range(8):
        run = simulate(120, mode, Random(seed), cut=cut)
        assert run["residue"] == 0 and run["informed"][-1] == 120


def test_two_sites_need_one_call():
    assert simulate(2, "push", Random(0)) == {
        "residue": 0, "traffic": 0.5, "t_last": 1, "t_ave": 0.5, "informed": [1, 2],
    }


def test_push_does_not_end_after_log2_n_rounds():
    """Refutes "gossip needs log2 n rounds": no run can be faster, and none is near."""
    rounds = [simulate(1000, "push", Random(seed))["t_last"] for seed in range(15)]
    assert min(rounds) > log2(1000) + 3
    # The constant of the theorem is about 1 here; 15 runs are known to about 1.
    assert sum(rounds) / 15 == pytest.approx(pittel(1000) + 1, abs=1)


def test_pull_squares_the_tail_and_push_divides_it_by_e():
    push = pull = 0.1
    for _ in range(3):
        push, pull = tail(push, "push"), tail(pull, "pull")
    assert pull == pytest.approx(1e-8) and push == pytest.approx(5.8e-3, rel=0.01)
    assert tail(1e-9, "push") == pytest.approx(1e-9 / exp(1))
    for mode in ("push", "pull"):  # a run of 20,000 sites, half of which know, for one cycle
        rng, n, p = Random(4), 20_000, 0.3
        know = [rng.random() >= p for _ in range(n)]
        after = list(know)
        for site in range(n):
            other = int(rng.random() * n)
            if mode == "push" and know[site]:
                after[other] = True
            if mode == "pull" and know[other]:
                after[site] = True
        assert 1 - sum(after) / n == pytest.approx(tail(p, mode), abs=0.01)


def test_the_differential_equation_and_the_run_agree():
    for k in (1, 2):
        s = residue(k)
        assert s < 0.25 and s == pytest.approx(exp(-(k + 1) * (1 - s)))
        run = mean(15, 3, simulate, 1000, "push", k=k, counter=False)
        # Who is told twice in one cycle was no useless call: a little less is left out.
        assert 0.6 * s < run["residue"] <= 1.05 * s


@pytest.mark.parametrize("feedback, counter, k", [(False, False, 3), (True, True, 2), (True, False, 2)])
def test_however_push_stops_it_lies_on_one_line(feedback, counter, k):
    run = mean(12, 5, simulate, 1000, "push", k=k, feedback=feedback, counter=counter)
    assert run["residue"] == pytest.approx(exp(-run["traffic"]), rel=0.25)


def test_pull_lies_far_below_the_line():
    run = mean(8, 5, simulate, 1000, "pull", k=1)
    assert run["residue"] < 0.6 * exp(-run["traffic"])


def test_a_counter_bounds_the_traffic():
    """Demers et al., on counters: m sites removed made at least (k + 1) m - 1 copies."""
    for k in (1, 2, 3):
        run = simulate(300, "push", Random(k), k=k)
        m = run["informed"][-1]
        assert (k + 1) * m - 1 <= round(run["traffic"] * 300)


def test_a_blind_counter_sends_k_copies_each():
    run = simulate(500, "push", Random(1), k=4, feedback=False)
    assert run["traffic"] * 500 == 4 * run["informed"][-1]


def test_a_tree_loses_what_hangs_below_a_cut_link():
    whole = tree(1000, 2, 0.0, Random(0))
    assert whole["residue"] == 0 and whole["traffic"] == 0.999 and whole["t_last"] == 9
    cut = mean(100, 1, tree, n=1000, fanout=2, cut=0.3)
    said = 1 - sum(0.7 ** ((i + 1).bit_length() - 1) for i in range(1000)) / 1000
    assert cut["residue"] == pytest.approx(said, abs=0.02) and said > 0.9
    push = simulate(1000, "push", Random(1), cut=0.3)
    assert push["residue"] == 0 and push["t_last"] < 2 * pittel(1000)


def test_messages_of_push_pull_grow_more_slowly():
    small, large = (
        {mode: mean(6, 2, simulate, n, mode)["traffic"] for mode in MODES} for n in (60, 2_000)
    )
    assert large["push"] - small["push"] > 2 * (large["push-pull"] - small["push-pull"])


def test_what_change_it_says():
    # A star: the first site calls nobody a second time, all hang on it.
    star = mean(50, 1, tree, n=1000, fanout=999, cut=0.3)
    assert star["residue"] == pytest.approx(0.3, abs=0.01) and star["t_last"] == 1
    # Blind with k = 1 tells one site, or nobody new: most runs end at once.
    blind = mean(30, 1, simulate, 1000, "push", k=1, feedback=False)
    assert blind["residue"] > 0.9
    demo_push = demo()["push"]
    again = simulate(1000, "push", Random(1))
    assert demo_push == again


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: simulate(10, "shout", Random(0)), "unknown mode 'shout'"),
        (lambda: simulate(1, "push", Random(0)), "two sites or more"),
        (lambda: simulate(9, "push", Random(0), k=-1), "no negative k"),
        (lambda: simulate(9, "push", Random(0), cut=1.0), "below 1"),
        (lambda: tree(9, 0, 0.1, Random(0)), "one child or more"),
        (lambda: residue(0), "use 1 or more"),
        (lambda: tail(1.5, "push"), "use a share"),
        (lambda: tail(0.5, "push-pull"), "push or pull"),
    ],
)
def test_malformed_input_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_log_is_natural():
    assert program.pittel(8) == pytest.approx(3 + log(8))
