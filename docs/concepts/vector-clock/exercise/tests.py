from exercise import ready


def test_an_answer_waits_for_its_question():
    """Bob had seen Ann's first post. Who has not seen it waits."""
    assert ready("bob", {"ann": 1, "bob": 1}, {}) is False
    assert ready("bob", {"ann": 1, "bob": 1}, {"ann": 1}) is True


def test_posts_of_one_author_come_in_order_and_once():
    """The second post waits for the first, and the first is not shown twice."""
    assert ready("ann", {"ann": 2}, {}) is False
    assert ready("ann", {"ann": 2}, {"ann": 1}) is True
    assert ready("ann", {"ann": 1}, {"ann": 1}) is False


def test_who_has_seen_more_need_not_wait():
    """Cam's posts are news that Bob had not seen. They are in nobody's way."""
    assert ready("bob", {"ann": 1, "bob": 1}, {"ann": 3, "cam": 2}) is True
