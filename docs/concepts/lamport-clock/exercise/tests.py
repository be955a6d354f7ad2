from exercise import may_print

from snippets.concepts.lamport_clock import Stamp

MINE = Stamp(5, "bob")


def test_the_smallest_is_served_when_all_have_spoken_later():
    """Bob's request is the smallest, and whatever Ann and Cam send now is later still."""
    assert may_print("bob", [MINE], {"ann": Stamp(6, "ann"), "cam": Stamp(9, "cam")}) is True
    assert may_print("bob", [MINE, Stamp(7, "cam")], {"ann": Stamp(6, "ann"), "cam": Stamp(7, "cam")}) is True


def test_somebody_may_have_asked_earlier():
    """Ann was last heard at 2: a request with 3 may be on its way."""
    assert may_print("bob", [MINE], {"ann": Stamp(2, "ann"), "cam": Stamp(9, "cam")}) is False


def test_a_smaller_request_goes_first():
    """Ann's 4 stands before Bob's 5."""
    heard = {"ann": Stamp(8, "ann"), "cam": Stamp(9, "cam")}
    assert may_print("bob", [MINE, Stamp(4, "ann")], heard) is False


def test_equal_times_are_ordered_by_the_process():
    """Ann stands before Bob when their times are equal, and Cam behind him. What was heard last may itself be equal."""
    later = {"ann": Stamp(8, "ann"), "cam": Stamp(9, "cam")}
    assert may_print("bob", [MINE, Stamp(5, "ann")], later) is False
    assert may_print("bob", [MINE, Stamp(5, "cam")], later) is True
    assert may_print("bob", [MINE], later | {"cam": Stamp(5, "cam")}) is True
    assert may_print("bob", [MINE], later | {"ann": Stamp(5, "ann")}) is False
