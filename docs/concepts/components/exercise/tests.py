from exercise import WriteBack

from snippets.concepts.components import Entry, Reply, Store, newest
from snippets.simnet import Send

OLD, NEW, NEWER = Entry(1, "B", "old"), Entry(2, "B", "new"), Entry(3, "C", "newer")


def reader():
    client = WriteBack("A", ("S1", "S2", "S3"), newest)
    client.read("x")
    client.receive("S1", Reply(1, OLD))
    return client, client.receive("S2", Reply(1, NEW))


def test_a_read_stores_what_it_found():
    """After the majority's answers every server is sent the newest entry of them."""
    _, effects = reader()
    stores = [e for e in effects if isinstance(e, Send)]
    assert stores == [Send(name, Store(2, "x", NEW)) for name in ("S1", "S2", "S3")]


def test_it_does_not_end_before_a_majority_has_stored_it():
    """One server that stored it is not enough: the other two may still answer with the old entry."""
    client, _ = reader()
    assert client.done == []
    client.receive("S1", Reply(2, NEW))
    assert client.done == []
    client.receive("S3", Reply(2, NEW))
    assert client.done == [("read", "x", NEW)]


def test_it_returns_what_it_stored():
    """A newer entry in the second answers is on one server, perhaps, and nobody has stored it for this reader."""
    client, _ = reader()
    client.receive("S1", Reply(2, NEW))
    client.receive("S2", Reply(2, NEWER))
    assert client.done == [("read", "x", NEW)]


def test_a_write_still_takes_two_rounds():
    """Query, Store, done: a third round would store the same entry twice."""
    client = WriteBack("A", ("S1", "S2", "S3"), newest)
    client.write("x", "mine")
    client.receive("S1", Reply(1, OLD))
    client.receive("S2", Reply(1, OLD))
    client.receive("S1", Reply(2, Entry(2, "A", "mine")))
    client.receive("S2", Reply(2, Entry(2, "A", "mine")))
    assert client.done == [("wrote", "x", Entry(2, "A", "mine"))]
