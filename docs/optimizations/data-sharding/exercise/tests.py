from exercise import owners

from snippets.optimizations.data_sharding import names, rendezvous, users


def test_the_first_owner_is_the_highest_bidder():
    """A client that needs one copy only must still find it."""
    for key in users(50):
        assert owners(key, names(5), 2)[0] == rendezvous(key, names(5))


def test_the_owners_are_different_machines():
    """Two copies on one machine are lost together."""
    for key in users(50):
        assert len(set(owners(key, names(5), 3))) == 3
    assert sorted(owners("user:000001", names(2), 3)) == names(2)


def test_the_owners_that_stay_keep_the_key():
    """Take one machine away: the owners that are left must own the key still, in the same order."""
    for key in users(50):
        before = owners(key, names(6), 3)
        for gone in names(6):
            after = owners(key, [name for name in names(6) if name != gone], 3)
            left = [name for name in before if name != gone]
            assert after[: len(left)] == left
