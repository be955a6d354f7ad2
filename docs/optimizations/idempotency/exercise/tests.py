from contextlib import suppress

from exercise import pay

from snippets.optimizations.idempotency import Keys, Provider


class Crash(Exception):
    pass


class CrashesOnce(Provider):
    """Charges, or not, and then the server that asked crashes, the first time."""

    def __init__(self, charges_first):
        super().__init__()
        self.charges_first, self.crashed = charges_first, False

    def charge(self, amount, key=""):
        if self.crashed:
            return super().charge(amount, key)
        self.crashed = True
        if self.charges_first:
            super().charge(amount, key)
        raise Crash


def after_a_crash(charges_first):
    keys, provider = Keys(), CrashesOnce(charges_first)
    with suppress(Crash):
        pay(keys, provider, "ann", "k", 5, 0)
    return keys, provider, pay(keys, provider, "ann", "k", 5, 100)


def test_a_retry_after_a_crash_charges_nothing_more():
    """The first try had charged, and crashed before it stored the reply. The provider knows, if it is asked with the same key."""
    _, provider, reply = after_a_crash(charges_first=True)
    assert provider.charges == [5] and reply.status == 201


def test_a_crash_before_the_charge_loses_nothing():
    """The reply is stored when the charge has been made, not before."""
    _, provider, reply = after_a_crash(charges_first=False)
    assert provider.charges == [5] and reply.status == 201


def test_two_clients_with_the_same_key_pay_both():
    """Ann's k1 is not Bob's k1."""
    keys, provider = Keys(), Provider()
    replies = {pay(keys, provider, client, "k1", 5, 0) for client in ("ann", "bob")}
    assert provider.charges == [5, 5] and len(replies) == 2


def test_two_payments_of_one_amount_are_two():
    """Another key is another payment, even if all else is equal."""
    keys, provider = Keys(), Provider()
    for key in ("k1", "k2"):
        pay(keys, provider, "ann", key, 5, 0)
    assert provider.charges == [5, 5]


def test_the_reply_is_the_same_each_time():
    """What was stored is sent again."""
    keys, provider = Keys(), Provider()
    assert len({pay(keys, provider, "ann", "k", 5, at_s) for at_s in (0, 1, 500)}) == 1
