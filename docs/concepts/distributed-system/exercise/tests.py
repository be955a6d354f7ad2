from exercise import Patient

from snippets.concepts.distributed_system import Ask, Part, Report
from snippets.simnet import Send, SetTimer


def asked():
    caller = Patient("caller", ("W1", "W2", "W3"), 200)
    caller.ask()
    caller.receive("W1", Part(1, 120, 0))
    return caller


def test_the_silent_are_asked_again():
    """W1 has answered; a second question to it is a message for nothing."""
    expected = [Send("W2", Ask(1)), Send("W3", Ask(1)), SetTimer("deadline", 200)]
    assert asked().timeout("deadline") == expected


def test_an_answer_to_either_question_counts():
    """Both questions carry number 1: a part that comes now completes the sum, with W1's part in it."""
    caller = asked()
    caller.timeout("deadline")
    caller.receive("W2", Part(1, 80, 0))
    caller.receive("W3", Part(1, 100, 0))
    assert caller.report == Report(300, ())


def test_the_second_deadline_is_the_last():
    """A worker that is down never answers; the caller must end all the same."""
    caller = asked()
    caller.timeout("deadline")
    caller.timeout("deadline")
    assert caller.report == Report(120, ("W2", "W3"))


def test_the_next_question_has_its_own_second_chance():
    """What was repeated for question 1 says nothing about question 2."""
    caller = asked()
    caller.timeout("deadline")
    caller.timeout("deadline")
    caller.ask()
    assert Send("W2", Ask(2)) in caller.timeout("deadline")
