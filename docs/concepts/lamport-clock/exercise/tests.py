from exercise import stamp


def local(proc, at):
    return {"proc": proc, "kind": "local", "at": at}


def send(proc, at):
    return {"proc": proc, "kind": "send", "at": at}


def recv(proc, msg, at):
    return {"proc": proc, "kind": "recv", "msg": msg, "at": at}


def test_a_good_clock_is_left_alone():
    """Where the wall clock respects causality, the stamp is the wall clock."""
    assert stamp([]) == []
    assert stamp([send("A", 10), local("C", 3), recv("B", 0, 15), local("A", 11)]) == [
        10,
        3,
        15,
        11,
    ]


def test_a_receive_is_later_than_its_send():
    """A message from a clock that is ahead moves the receiver, by as little as possible."""
    assert stamp([send("A", 100), recv("B", 0, 15)]) == [100, 101]
    assert stamp([send("A", 100), recv("B", 0, 100)]) == [100, 101]


def test_what_follows_the_receive_is_later_too():
    """The receiver's clock is still behind: its next events follow the receive."""
    events = [send("A", 100), recv("B", 0, 15), send("B", 16), recv("A", 2, 90), local("B", 300)]
    assert stamp(events) == [100, 101, 102, 103, 300]


def test_a_clock_that_is_set_back_does_not_set_the_stamp_back():
    """On one process each event is later than the one before it."""
    assert stamp([local("A", 50), local("A", 40), local("A", 41), local("A", 60)]) == [
        50,
        51,
        52,
        60,
    ]


def test_others_are_not_moved():
    """Only a message moves a clock: C has heard nothing."""
    assert stamp([send("A", 100), recv("B", 0, 1), local("C", 2)]) == [100, 101, 2]
