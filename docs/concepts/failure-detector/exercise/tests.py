from exercise import Monitor


def fed(gaps, window, first_ms=1000.0):
    monitor, now = Monitor(first_ms, window), 0.0
    monitor.heartbeat(now)
    for gap in gaps:
        now += gap
        monitor.heartbeat(now)
    return monitor, now


def test_before_any_heartbeat_nobody_is_suspected():
    """There is nothing to measure from."""
    assert not Monitor(1000.0, 5).suspects(10**9)


def test_the_first_timeout_is_the_given_one():
    """One heartbeat, no gap: 1,000 ms are fine, 1,001 ms are not."""
    monitor, _ = fed([], 5)
    assert not monitor.suspects(1000.0) and monitor.suspects(1001.0)


def test_the_largest_of_the_gaps_counts():
    """Gaps of 100 and 400 ms in turns: the timeout is 1,200 ms."""
    monitor, now = fed([100.0, 400.0, 100.0, 400.0], 4)
    assert not monitor.suspects(now + 1200.0) and monitor.suspects(now + 1201.0)


def test_a_long_pause_is_forgotten_after_the_window():
    """A pause of a minute, then five gaps of 100 ms, window 5: the timeout is 300 ms again."""
    monitor, now = fed([60_000.0] + [100.0] * 5, 5)
    assert monitor.suspects(now + 301.0) and not monitor.suspects(now + 300.0)


def test_it_is_not_forgotten_before():
    """After four more gaps the pause is the oldest of five, and counts."""
    monitor, now = fed([60_000.0] + [100.0] * 4, 5)
    assert not monitor.suspects(now + 100_000.0)
