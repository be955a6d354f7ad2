from exercise import messages

from snippets.concepts.raft import FIGURE_7

LEADER = FIGURE_7["leader"]


def test_a_short_log_is_met_at_its_end():
    """When the follower has no entry at prev, it can say how long its log is."""
    assert messages(LEADER, FIGURE_7["b"]) == (5, 2)


def test_a_term_takes_one_message():
    """Log f has entries of two terms that the leader has none of: name the term, and where
    it begins in the follower's log."""
    assert messages(LEADER, FIGURE_7["f"]) == (4, 3)


def test_nothing_is_sent_that_the_follower_has():
    """Logs e and the leader share two entries of term 4. When the leader has entries of the
    follower's term, the first place to try is behind the last of them."""
    assert [messages(LEADER, FIGURE_7[name])[0] for name in "abcdef"] == [10, 5, 11, 11, 6, 4]


def test_long_logs_cost_no_more():
    """700 entries of two terms that the leader does not have are two messages and one more."""
    leader, follower = (1,) * 3 + (4,) * 800, (1,) * 3 + (2,) * 400 + (3,) * 300
    upto, sent = messages(leader, follower)
    assert upto == 4 and sent <= 4


def test_logs_without_a_common_entry_meet_before_the_first():
    """nextIndex 1 has nothing before it, so it is always accepted."""
    assert messages((2, 2, 3), (1, 1))[0] == 1
    assert messages((2, 2, 3), ())[0] == 1
