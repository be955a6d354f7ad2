from random import Random

from exercise import Session

from snippets.challenges.data_consistency import Answer, Get, Stamp
from snippets.simnet import Send

OLD, NEW = Stamp(10, "B"), Stamp(20, "B")


def session():
    client = Session("A", lambda: 0, Random(1), ("R1", "R2", "R3"))
    client.read("R1")
    client.receive("R1", Answer(client.round, NEW, "new"))
    return client


def test_an_older_answer_is_refused_and_asked_for_again():
    """R2 lags behind R1. The user has seen "new", so R2 is asked until it has caught up."""
    client = session()
    client.read("R2")
    again = client.receive("R2", Answer(client.round, OLD, "old"))
    assert again == [Send("R2", Get(client.round))]
    assert client.history[-1].end_ms is None


def test_it_ends_when_the_replica_has_caught_up():
    """An equal stamp is the same value, not an older one."""
    client = session()
    client.read("R2")
    client.receive("R2", Answer(client.round, OLD, "old"))
    client.receive("R2", Answer(client.round, NEW, "new"))
    assert (client.history[-1].value, client.history[-1].end_ms) == ("new", 0)


def test_what_was_read_later_counts_too():
    """The memory grows with each read, not only with the first."""
    client = session()
    newer = Stamp(30, "B")
    client.read("R2")
    client.receive("R2", Answer(client.round, newer, "newer"))
    client.read("R1")
    assert client.receive("R1", Answer(client.round, NEW, "new")) == [Send("R1", Get(client.round))]


def test_a_late_answer_to_an_earlier_read_changes_nothing():
    """Its round is over: no question, and no memory of a value that the user never saw."""
    client = session()
    assert client.receive("R3", Answer(1, Stamp(99, "C"), "late")) == []
    client.read("R1")
    client.receive("R1", Answer(client.round, NEW, "new"))
    assert client.history[-1].value == "new"
