from exercise import overall


def test_a_quiet_slow_server_hardly_counts():
    """It answered 10 of 1,000 requests: 99 % of all took 1."""
    assert overall([[1.0] * 990, [50.0] * 10]) == 1.0


def test_a_busy_slow_server_counts():
    """A fifth of all requests took 50, and so did the slowest hundredth."""
    assert overall([[1.0] * 400, [50.0] * 100]) == 50.0


def test_the_slow_requests_may_sit_on_one_of_many_servers():
    """Twenty servers, one of them with 2 % of all requests slow: the slowest 1 % is among those."""
    fast = [[1.0] * 50 for _ in range(19)]
    assert overall([*fast, [1.0] * 30 + [9.0] * 20]) == 9.0


def test_a_server_that_served_nothing_adds_nothing():
    """An empty list has no percentile, but it must not stop the others."""
    assert overall([[1.0, 2.0], []]) == 2.0
