from exercise import Once

from snippets.concepts.characteristics import ACCOUNTS, CENTS, pack
from snippets.simnet import Send


def test_the_same_number_is_booked_once():
    """A client whose answer was lost sends the very same message again."""
    server = Once("S1")
    server.receive("client", pack("<", 3, CENTS))
    server.receive("client", pack("<", 3, CENTS))
    assert server.balances == {3: 100}


def test_the_repeated_message_is_answered():
    """Without an answer the client asks for ever; with another balance it believes something false."""
    server = Once("S1")
    first = server.receive("client", pack("<", 3, CENTS))
    server.receive("client", pack("<", 3 + ACCOUNTS, CENTS))
    assert server.receive("client", pack("<", 3, CENTS)) == first
    assert first == [Send("client", pack("<", 3, 100))]


def test_the_next_deposit_into_the_account_is_another_one():
    """Numbers 3 and 15 go to the same account: two deposits, not one twice."""
    server = Once("S1")
    server.receive("client", pack("<", 3, CENTS))
    server.receive("client", pack("<", 3 + ACCOUNTS, CENTS))
    assert server.balances == {3: 200}


def test_two_servers_remember_for_themselves():
    """What S1 has booked, S2 has not."""
    one, two = Once("S1"), Once("S2")
    one.receive("client", pack("<", 3, CENTS))
    two.receive("client", pack("<", 3, CENTS))
    assert (one.balances, two.balances) == ({3: 100}, {3: 100})
