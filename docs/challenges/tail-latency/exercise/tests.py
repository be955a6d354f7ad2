from itertools import pairwise

from exercise import load_test


def quick(sent_ms):
    return sent_ms + 1


def stalls(sent_ms):
    """1 ms, but nothing between 100 and 200 ms."""
    return 200 if 100 <= sent_ms < 200 else sent_ms + 1


def test_a_quick_server_is_measured_as_before():
    """Without a stall each request is sent at its place in the plan and takes 1 ms."""
    assert load_test(quick, 10, 40) == [(0, 1), (10, 1), (20, 1), (30, 1)]


def test_no_request_of_the_plan_is_left_out():
    """300 ms at one in 10 ms are 30 requests, with or without a stall."""
    assert len(load_test(stalls, 10, 300)) == 30


def test_nothing_is_sent_before_the_last_answer():
    """One connection: a request is sent after the answer to the one before."""
    sent = [at for at, _ in load_test(stalls, 10, 300)]
    assert all(stalls(a) <= b for a, b in pairwise(sent))


def test_the_stall_is_seen():
    """The request planned for 110 ms leaves at 200 ms and takes 91 ms of the user's time."""
    found = load_test(stalls, 10, 300)
    assert found[10] == (100, 100)
    assert found[11] == (200, 91)
    assert sum(latency > 10 for _, latency in found) == 10
