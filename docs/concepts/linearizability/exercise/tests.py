from exercise import linearizable


def take(inv, ret, res):
    return {"inv": inv, "ret": ret, "res": res}


def test_overlapping_takes_may_go_in_any_order():
    """Two takes that overlap may be ordered either way, and so may two that touch."""
    assert linearizable([]) is True
    assert linearizable([take(0, 5, 2), take(1, 4, 1)]) is True
    assert linearizable([take(0, 5, 2), take(5, 9, 1)]) is True


def test_a_later_take_has_a_larger_number():
    """Whoever was called after another had returned needs the larger number."""
    assert linearizable([take(0, 5, 2), take(6, 9, 1)]) is False
    assert linearizable([take(0, 5, 1), take(6, 9, 2)]) is True
    assert linearizable([take(3, 9, 1), take(0, 9, 2), take(0, 2, 3)]) is False


def test_no_number_is_given_twice_and_none_below_one():
    """A number belongs to one take, and the first number is 1."""
    assert linearizable([take(0, 5, 1), take(0, 5, 1)]) is False
    assert linearizable([take(0, 5, 0), take(0, 5, 1)]) is False


def test_a_gap_needs_a_take_whose_answer_was_lost():
    """A missing number was taken by somebody, or the history is wrong."""
    assert linearizable([take(0, 5, 2)]) is False
    assert linearizable([take(0, 5, 2), take(0, None, None)]) is True
    assert linearizable([take(0, 5, 3), take(0, None, None)]) is False


def test_a_lost_take_need_not_have_happened():
    """Lost takes are free to have taken nothing."""
    assert linearizable([take(0, 5, 1), take(0, None, None), take(3, None, None)]) is True


def test_a_lost_take_cannot_act_before_its_call():
    """The missing 1 must have been taken before 2 was answered."""
    assert linearizable([take(0, 5, 2), take(6, None, None)]) is False
    assert linearizable([take(0, 5, 2), take(5, None, None)]) is True
