from exercise import safe


def test_equal_votes_follow_the_rule():
    """With one vote each: r + w above the number of copies, and w above half of it."""
    assert safe([1, 1, 1], 2, 2) is True
    assert safe([1, 1, 1], 1, 3) is True
    assert safe([1, 1, 1], 1, 2) is False


def test_votes_count_and_not_copies():
    """Three copies, four votes: the copies with one vote each are a quorum of two."""
    assert safe([2, 1, 1], 2, 3) is True
    assert safe([2, 1, 1], 2, 2) is False
    assert safe([1, 0, 0], 1, 1) is True


def test_two_writes_must_meet():
    """Reads of everything see every write, but two writes that do not meet both count as the newest."""
    assert safe([1, 1, 1], 3, 1) is False
    assert safe([1, 1, 1, 1], 3, 2) is False
    assert safe([1, 1, 1, 1], 2, 3) is True


def test_the_sum_of_votes_is_not_the_whole_story():
    """With votes 3 and 1, two votes are never reached without the first copy: sets meet although r + w is no more than 4."""
    assert safe([3, 1], 2, 2) is True
    assert safe([3, 1, 1, 1], 3, 3) is False


def test_a_quorum_that_cannot_be_reached_is_not_safe():
    """Nobody can read with more votes than there are."""
    assert safe([1, 1, 1], 4, 2) is False
    assert safe([1, 1], 1, 3) is False
