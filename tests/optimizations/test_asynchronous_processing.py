"""The queue, Little's law, crashes of the consumer, the order, the map's cells."""

from itertools import pairwise
from math import inf
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.optimizations.asynchronous_processing import (
    ACCEPT_S,
    ORDERS,
    PATIENCE_S,
    WORK_S,
    arrivals,
    check_to_use_s,
    demo,
    effects,
    in_system,
    little,
    lost_while_down,
    not_yet_visible,
    outcomes,
    overtaken,
    percentile,
    queued,
    serve,
    synchronous,
)

TIMES = st.lists(st.floats(0, 10), min_size=1, max_size=60).map(sorted)
SEEDS = range(5)


def times_in_system(jobs):
    return [job.done_s - job.arrived_s for job in jobs if job]


# ---------------------------------------------------------------------- the queue


@given(TIMES, st.floats(0.001, 1), st.integers(1, 4), st.sampled_from([0, 1, 5, inf]))
def test_workers_take_the_oldest_job_and_never_more_than_they_are(times, work_s, workers, room):
    jobs = serve(times, work_s, workers, room)
    assert [job is None or job.arrived_s for job in jobs] == [
        job is None or at for job, at in zip(jobs, times)
    ]
    done = [job for job in jobs if job]
    for one, other in pairwise(done):
        assert one.begun_s <= other.begun_s
    for job in done:
        assert job.arrived_s <= job.begun_s < job.done_s
        busy = sum(each.begun_s <= job.begun_s < each.done_s for each in done)
        assert busy <= workers


@given(TIMES, st.integers(1, 4), st.integers(0, 5))
def test_a_bounded_queue_is_full_when_it_refuses_and_never_longer(times, workers, room):
    done = []
    for at, job in zip(times, serve(times, 0.4, workers, room)):
        waiting = sum(each.arrived_s <= at < each.begun_s for each in done)
        if job is None:
            assert waiting == room
        else:
            done.append(job)
            assert waiting + (job.begun_s > at) <= room


@given(TIMES, st.integers(1, 3), st.sampled_from([0, 2, inf]))
def test_littles_law_is_exact_over_a_run_that_begins_and_ends_empty(times, workers, room):
    number, rate, time_s = little(serve(times, 0.3, workers, room))
    assert number == pytest.approx(rate * time_s, rel=1e-9)


def test_littles_law_fails_for_a_window_that_ends_in_the_middle_of_the_burst():
    """The two sides are measured apart, so they can differ, and here they do."""
    jobs = [job for job in demo()["queue without a bound"][1] if job.arrived_s < 30]
    number = sum(in_system(jobs, tenth / 10) for tenth in range(300)) / 300
    rate, time_s = len(jobs) / 30, sum(times_in_system(jobs)) / len(jobs)
    assert rate * time_s > 1.5 * number


@pytest.mark.parametrize("seed", range(3))
def test_arrivals_come_at_the_rates_that_were_asked_for(seed):
    times = arrivals(Random(seed), ((100, 50.0), (200, 200.0)))
    assert times == sorted(times) and times[-1] < 200
    early = sum(at < 100 for at in times)
    assert early == pytest.approx(5_000, rel=0.06)
    assert len(times) - early == pytest.approx(20_000, rel=0.03)


# ------------------------------------------------------------------- the burst


@pytest.mark.parametrize("seed", SEEDS)
def test_the_queue_answers_at_once_and_finishes_no_earlier(seed):
    arrived = arrivals(Random(seed))
    worked = synchronous(arrived)
    accepted, jobs = queued(arrived)
    assert percentile(times_in_system(accepted), 0.99) < 0.02
    assert percentile(times_in_system(worked), 0.99) > 7
    late = sum(wait > PATIENCE_S for wait in times_in_system(worked)) / len(worked)
    assert 0.5 < late < 0.7
    for one, other in zip(worked, jobs):
        # The handler's own queue delays a job by some milliseconds, never advances it.
        assert -1e-9 < other.done_s - one.done_s < 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bound_trades_waiting_for_refusals(seed):
    _, jobs = queued(arrivals(Random(seed)), room=100)
    assert max(times_in_system(jobs)) <= 101 * WORK_S + 1e-9
    assert max(in_system(jobs, second / 4) for second in range(240)) <= 101
    assert 0.15 < sum(job is None for job in jobs) / len(jobs) < 0.27


def test_the_smaller_room_of_change_it_refuses_more_and_waits_less():
    small, large = (demo(room)[f"queue of {room}"][1] for room in (20, 100))
    assert max(times_in_system(small)) < 0.25 < max(times_in_system(large))
    assert small.count(None) > large.count(None)


def test_two_workers_keep_the_queue_short_as_change_it_says():
    accepted = serve(arrivals(Random(1)), ACCEPT_S)
    jobs = serve([job.done_s for job in accepted], WORK_S, workers=2)
    assert max(in_system(jobs, second / 4) for second in range(240)) < 100


@pytest.mark.parametrize("seed", SEEDS)
def test_lasting_overload_makes_the_wait_grow_without_end(seed):
    waits = [
        times_in_system(serve(arrivals(Random(seed), ((60 * minutes, 120.0),)), WORK_S))[-1]
        for minutes in (1, 2, 4)
    ]
    # (120 - 100) / 100 of the time that has passed, up to the noise of the arrivals.
    assert waits == [pytest.approx(12, abs=3.5), pytest.approx(24, abs=5), pytest.approx(48, abs=7)]


def test_a_full_queue_of_ten_times_the_threads_takes_eleven_times_the_work():
    """Beyer et al. 2016, chapter 22: 1.1 s, most of it in the queue."""
    for seed in range(4):
        jobs = serve(arrivals(Random(seed), ((20, 200.0),)), 0.1, workers=10, room=100)
        assert max(times_in_system(jobs)) == pytest.approx(1.1, abs=0.02)


# ------------------------------------------------------------------ crash points


def test_no_place_of_the_ack_gives_one_effect_but_one_write_does():
    expected = {
        ("ack", "effect"): [0, 1],
        ("effect", "ack"): [1, 2, 3],
        ("record", "effect", "ack"): [0, 1],
        ("effect", "record", "ack"): [1, 2, 3],
        ("effect and record", "ack"): [1],
    }
    assert {steps: outcomes(steps) for steps in ORDERS} == expected


@pytest.mark.parametrize("crashes", range(5))
def test_the_one_write_holds_for_any_number_of_crashes(crashes):
    assert outcomes(("effect and record", "ack"), crashes) == [1]
    assert outcomes(("effect", "ack"), crashes) == list(range(1, crashes + 2))
    assert outcomes(("ack", "effect"), crashes) == ([1] if crashes == 0 else [0, 1])


@given(st.sampled_from(ORDERS), st.lists(st.integers(0, 3), max_size=6))
def test_a_job_whose_effect_comes_before_the_ack_is_never_lost(steps, crashes):
    positions = [index for index, step in enumerate(steps) if "effect" in step]
    times = effects(steps, crashes)
    if positions[0] == 0:
        assert times >= 1
    if "effect and record" in steps:
        assert times == 1


# -------------------------------------------------------------------- the order


@pytest.mark.parametrize("consumers", [1, 2, 3, 4, 10])
def test_competing_consumers_swap_the_share_of_the_formula(consumers):
    expected = (consumers - 1) / (2 * consumers)
    for seed in range(3):
        swapped = overtaken(Random(seed), consumers, by_key=False, pairs=8_000)
        assert swapped == pytest.approx(expected, abs=0.02)
        assert overtaken(Random(seed), consumers, by_key=True, pairs=8_000) == 0


# --------------------------------------------------------------- the map's cells


@pytest.mark.parametrize("seed", SEEDS)
def test_a_queue_keeps_what_arrives_while_the_worker_is_down(seed):
    assert lost_while_down(Random(seed), queue=False) == pytest.approx(1 / 6, abs=0.02)
    assert lost_while_down(Random(seed), queue=True) == 0


def test_a_queue_with_too_little_room_loses_them_after_all():
    """The check can fail: 10 s of 50 a second do not fit into room for 100."""
    arrived = arrivals(Random(1), ((60, 50.0),))
    _, jobs = queued(arrived, room=100, down_s=(20.0, 30.0))
    assert 300 < jobs.count(None) < 500


@pytest.mark.parametrize("seed", SEEDS)
def test_users_miss_their_own_write_only_where_the_answer_comes_first(seed):
    arrived = arrivals(Random(seed))
    worked = synchronous(arrived)
    assert not_yet_visible(worked, worked, after_s=0.0) == 0
    missed = [not_yet_visible(*queued(arrived), after_s=after_s) for after_s in (0.0, 0.1, 1.0, 60.0)]
    assert missed == sorted(missed, reverse=True)
    assert missed[0] == 1 and 0.5 < missed[1] < 0.8 and missed[3] == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_permission_is_as_old_as_the_queue_unless_it_is_checked_again(seed):
    assert check_to_use_s(Random(seed), recheck=False) > 7
    assert check_to_use_s(Random(seed), recheck=True) == pytest.approx(WORK_S)


@settings(max_examples=50)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=50), st.sampled_from([0.01, 0.5, 0.99, 1.0]))
def test_a_percentile_is_the_smallest_value_that_covers_its_share(values, share):
    found = percentile(values, share)
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


@pytest.mark.parametrize("bad", [{"work_s": 0}, {"work_s": 1, "workers": 0}, {"work_s": 1, "room": -1}])
def test_a_queue_that_cannot_work_is_refused(bad):
    with pytest.raises(ValueError):
        serve([1.0], **bad)
