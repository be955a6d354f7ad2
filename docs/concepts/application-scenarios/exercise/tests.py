from exercise import barrier


def test_a_straggler_is_overtaken():
    """The second run begins at 1.5 and takes 1."""
    assert barrier([1.0, 1.0, 8.0, 1.0], 1.5) == (2.5, 1)


def test_a_piece_that_was_nearly_done_wins_against_its_second_run():
    """It ends at 2.0, before the second run does at 2.5; the first run must not be stopped."""
    assert barrier([1.0, 2.0], 1.5) == (2.0, 1)


def test_nobody_is_slow():
    """No second runs, no cost."""
    assert barrier([1.0, 1.2, 1.5], 1.5) == (1.5, 0)


def test_every_slow_piece_runs_twice_and_is_counted():
    """What the second runs cost is the price of the technique, so count all of them."""
    assert barrier([8.0, 1.0, 3.0, 1.8], 1.5) == (2.5, 3)
