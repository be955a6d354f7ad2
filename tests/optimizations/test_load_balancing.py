"""The laws of the policies, the herd, the black hole, and the rows of the page."""

import math
import runpy
from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.optimizations.load_balancing import (
    MEAN_MS,
    MOST_MS,
    SPEEDS,
    Request,
    at_random,
    best_of,
    by_client,
    demo,
    exponential,
    fullest,
    heavy_tailed,
    honest_in_time,
    least_connections,
    limited,
    missed_own_write,
    round_robin,
    serve,
    smooth_weighted,
    workload,
)
from tools.programs import ROOT

TEN = tuple(range(10))
lengths = st.lists(st.integers(0, 9), min_size=1, max_size=8)
weights = st.lists(st.integers(1, 7), min_size=1, max_size=5)


def blocks(parts):
    """Weighted round robin that is not smooth: a a a a a b c."""
    order = [s for s, weight in enumerate(parts) for _ in range(weight)]
    turn = iter(order * 100)
    return lambda up, queue, client: next(turn)


def burst(pick, parts):
    """The longest run of one server in four turns."""
    up = tuple(range(len(parts)))
    picks = [pick(up, None, 0) for _ in range(4 * sum(parts))]
    longest = run = 1
    for before, now in pairwise(picks):
        run = run + 1 if before == now else 1
        longest = max(longest, run)
    return longest


# The policies


@given(st.integers(1, 9), st.integers(1, 5))
def test_round_robin_gives_every_server_the_same_number_in_full_turns(servers, turns):
    pick, up = round_robin(), tuple(range(servers))
    assert Counter(pick(up, None, 0) for _ in range(servers * turns)) == dict.fromkeys(up, turns)


@given(weights)
def test_smooth_weights_give_exact_shares_in_every_full_turn(parts):
    pick, up = smooth_weighted(parts), tuple(range(len(parts)))
    for _ in range(3):
        turn = Counter(pick(up, None, 0) for _ in range(sum(parts)))
        assert turn == dict(enumerate(parts))


@given(weights)
def test_smooth_weights_are_never_a_full_request_ahead_of_their_share(parts):
    pick, up, had = smooth_weighted(parts), tuple(range(len(parts))), Counter()
    for number in range(1, 2 * sum(parts) + 1):
        had[pick(up, None, 0)] += 1
        for s, weight in enumerate(parts):
            assert had[s] - number * weight / sum(parts) < 1


def test_the_same_shares_in_blocks_run_ahead_and_burst():
    assert burst(blocks((5, 1, 1)), (5, 1, 1)) == 5
    assert burst(smooth_weighted((5, 1, 1)), (5, 1, 1)) == 4  # a a over the end of a turn
    had = Counter()
    pick = blocks((5, 1, 1))
    for _ in range(5):
        had[pick((0, 1, 2), None, 0)] += 1
    assert had[0] - 5 * 5 / 7 > 1


@given(lengths, st.integers(0, 20))
def test_least_connections_never_passes_a_shorter_queue(queues, before):
    pick, up = least_connections(), tuple(range(len(queues)))
    for _ in range(before + 1):
        assert queues[pick(up, queues.__getitem__, 0)] == min(queues)


def test_least_connections_takes_turns_among_equals():
    pick = least_connections()
    assert [pick((0, 1, 2), lambda s: 0, 0) for _ in range(6)] == [0, 1, 2, 0, 1, 2]


@given(lengths, st.integers(1, 4), st.randoms(use_true_random=False))
def test_d_choices_avoid_the_longest_queue_unless_they_drew_nothing_else(queues, d, rng):
    class Recording:
        def __init__(self):
            self.drawn = []

        def random(self):
            self.drawn.append(rng.random())
            return self.drawn[-1]

    recording = Recording()
    chosen = best_of(recording, d)(tuple(range(len(queues))), queues.__getitem__, 0)
    drawn = [queues[int(u * len(queues))] for u in recording.drawn]
    assert len(drawn) == d and queues[chosen] == min(drawn)


def moved(pick_of):
    pick = pick_of()
    before = {client: pick(TEN, None, client) for client in range(500)}
    after = {client: pick(TEN[:-1], None, client) for client in range(500)}
    return {client for client in before if before[client] != after[client]}, before


def test_by_client_moves_only_the_clients_of_the_server_that_left():
    gone, before = moved(by_client)
    assert gone == {client for client, server in before.items() if server == 9}
    assert len(set(before.values())) == 10


def test_hashing_by_remainder_moves_the_clients_of_others_too():
    gone, before = moved(lambda: lambda up, queue, client: up[client % len(up)])
    assert any(before[client] != 9 for client in gone)


# The servers


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from((0.3, 0.9, 1.5)))
def test_one_server_follows_lindleys_recursion(rng, load):
    calls = workload(rng, 60, load, (2,))
    run, wait, last_ms = serve(calls, at_random(rng), (2,)), 0.0, 0.0
    for call, took_ms in zip(calls, run.response_ms, strict=True):
        wait = max(0.0, wait - (call.at_ms - last_ms))
        wait, last_ms = wait + call.work_ms / 2, call.at_ms
        assert took_ms == pytest.approx(wait, abs=1e-6)


@pytest.mark.parametrize("pick", [round_robin, least_connections, by_client])
def test_no_work_is_made_or_lost(pick):
    calls = workload(Random(3), 2000, 0.6)
    run = serve(calls, pick())
    done = sum(busy * speed for busy, speed in zip(run.busy, SPEEDS, strict=True))
    assert done == pytest.approx(sum(call.work_ms for call in calls) / calls[-1].at_ms)
    assert run.lost() == 0 and min(run.response_ms) > 0


def test_the_work_has_the_mean_it_says_and_a_heavy_tail():
    for draw in (heavy_tailed, exponential):
        rng = Random(5)
        work = [draw(rng) for _ in range(60_000)]
        assert sum(work) / len(work) == pytest.approx(MEAN_MS, rel=0.05)
        if draw is heavy_tailed:
            assert MOST_MS / 4 < max(work) <= MOST_MS
            assert sum(sorted(work)[-600:]) > 0.15 * sum(work)  # the largest hundredth


# What the page says


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_more_a_policy_sees_the_shorter_the_wait_though_weights_load_most_evenly(seed):
    runs = demo(seed, 20_000)
    mean = {name: run.mean_ms() for name, run in runs.items()}
    assert mean["least connections"] * 1.5 < mean["two choices"]
    assert mean["two choices"] * 1.3 < mean["weighted"]
    assert mean["weighted"] * 1.3 < min(mean["random"], mean["round robin"])
    assert max(mean["random"], mean["round robin"]) * 2 < mean["by client"]
    uneven = {name: run.max_over_mean() for name, run in runs.items()}
    assert min(uneven, key=uneven.get) == "weighted"
    assert max(runs["by client"].busy) > 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_round_robin_does_not_balance_even_equal_servers(seed):
    equal = (1,) * 10
    calls = workload(Random(seed), 20_000, 0.7, equal)
    robin, two, least = (
        serve(calls, pick, equal).mean_ms()
        for pick in (round_robin(), best_of(Random(seed), 2), least_connections())
    )
    assert robin > 2 * two > 2 * 1.4 * least


@pytest.mark.parametrize("seed", [1, 2])
def test_old_queues_make_a_herd_of_the_shortest_queue_but_not_of_two_choices(seed):
    calls = workload(Random(seed), 10_000, 0.6)
    random_ms = serve(calls, at_random(Random(seed))).mean_ms()
    herd = [serve(calls, least_connections(), refresh_ms=age).mean_ms() for age in (0, 100, 1000)]
    pair = [
        serve(calls, best_of(Random(seed), 2), refresh_ms=age).mean_ms() for age in (0, 100, 1000)
    ]
    assert herd == sorted(herd) and pair == sorted(pair)
    assert herd[0] < pair[0] and pair[1] < herd[1] and pair[2] < herd[2]
    assert herd[2] > 2 * random_ms


def test_without_a_health_check_a_dead_server_loses_its_share():
    calls = workload(Random(1), 10_000, 0.6)
    assert serve(calls, round_robin(), dead=9).lost() == pytest.approx(0.1)
    share = sum(by_client()(TEN, None, call.client) == 9 for call in calls) / len(calls)
    assert serve(calls, by_client(), dead=9).lost() == pytest.approx(share)


def test_once_noticed_it_loses_nothing_more():
    calls = workload(Random(1), 10_000, 0.6)
    run = serve(calls, least_connections(), dead=9, noticed_ms=2000)
    late = [ms for call, ms in zip(calls, run.response_ms, strict=True) if call.at_ms >= 2000]
    assert run.lost() > 0 and len(late) > 1000 and max(late) < math.inf


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_server_that_refuses_at_once_attracts_least_connections(seed):
    calls = workload(Random(seed), 10_000, 0.6)
    assert serve(calls, least_connections(), dead=9).lost() > 0.2


def test_balls_and_bins_stay_in_the_theorems_ranges():
    for seed in range(6):
        assert 5 <= fullest(Random(seed), 4096, 1) <= 10
        assert 3 <= fullest(Random(seed), 4096, 2) <= 4
        assert 2 <= fullest(Random(seed), 4096, 3) <= 3


@settings(max_examples=30)
@given(st.integers(1, 20), st.integers(1, 3), st.randoms(use_true_random=False))
def test_some_bin_holds_the_mean_and_none_more_than_all(bins, d, rng):
    assert 1 <= fullest(rng, bins, d) <= bins


@pytest.mark.parametrize("servers", [1, 3, 10])
def test_missed_writes_follow_the_formula(servers):
    expected = (servers - 1) / servers * 100 / 1100
    got = missed_own_write(Random(servers), servers)
    assert got == pytest.approx(expected, abs=4 * math.sqrt(0.1 / 50_000))
    assert (got == 0) == (servers == 1)


@given(st.lists(st.integers(0, 2000), max_size=60), st.integers(1, 5))
def test_a_bucket_lets_in_no_more_than_burst_and_rate(gaps, burst):
    now, calls = 0, []
    for gap in gaps:
        now += gap
        calls.append(Request(now, 7, 1.0))
    passed = limited(calls, rate_per_s=2, burst=burst)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            seconds = (passed[last].at_ms - passed[first].at_ms) / 1000
            assert last - first + 1 <= burst + 2 * seconds + 1e-6


def test_the_limit_stops_one_flooder_and_not_a_thousand():
    assert honest_in_time(Random(2), False) < 0.1
    assert honest_in_time(Random(2), True) > 0.9
    assert honest_in_time(Random(2), True, attackers=1000) < 0.1


def test_on_equal_servers_the_weights_are_round_robin():
    weighted, robin = smooth_weighted((1,) * 10), round_robin()
    assert all(weighted(TEN, None, 0) == robin(TEN, None, 0) for _ in range(40))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_third_choice_gives_a_small_part_of_what_the_second_gave(seed):
    calls = workload(Random(seed), 15_000, 0.6)
    one, two, three = (serve(calls, best_of(Random(seed), d)).mean_ms() for d in (1, 2, 3))
    assert 0 < two - three < (one - two) / 4


def expected_first():
    """The change to least_connections that the page suggests."""
    turn = [0]

    def pick(up, queue, client):
        turn[0] = (turn[0] + 1) % len(up)
        from_here = up[turn[0] :] + up[: turn[0]]
        return min(from_here, key=lambda s: (queue(s) + 1) / SPEEDS[s])

    return pick


@pytest.mark.parametrize("seed", [1, 2])
def test_the_shortest_expected_time_is_a_little_faster_and_less_even(seed):
    calls = workload(Random(seed), 15_000, 0.6)
    plain, aware = serve(calls, least_connections()), serve(calls, expected_first())
    assert 0.7 * plain.mean_ms() < aware.mean_ms() < plain.mean_ms()
    assert aware.max_over_mean() > 1.2 * plain.max_over_mean()


def test_every_row_of_the_papers_holds():
    room = runpy.run_path(str(ROOT / "docs/optimizations/load-balancing/measured.py"))
    for row in room["paper"]():
        assert row.holds(), f"{row.claim}: {row.said} and {row.got}"


def test_errors_say_what_is_wrong():
    with pytest.raises(ValueError, match="load must be above 0, not 0"):
        workload(Random(0), 1, 0)
    with pytest.raises(ValueError, match="at least 1 choice, not 0"):
        fullest(Random(0), 3, 0)
