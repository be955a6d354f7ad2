from itertools import permutations

from exercise import Flag


def copy(flag):
    return Flag(flag.ons, flag.offs)


def state(flag):
    return sorted(flag.ons.items()), sorted(flag.offs.items())


def merged(flags):
    found = Flag()
    for flag in flags:
        found.merge(flag)
    return found


def three():
    a, b = Flag(), Flag()
    a.on("A")
    b.merge(a)
    b.off("B")
    c = copy(a)
    c.off("C")
    c.on("C")
    return a, b, c


def test_a_switch_reaches_the_other_replica():
    """A switches on, B merges and switches off, A merges: it is off at both."""
    a, b = Flag(), Flag()
    a.on("A")
    b.merge(a)
    assert b.value()
    b.off("B")
    a.merge(b)
    assert not a.value() and not b.value()


def test_merging_twice_is_merging_once():
    """Messages are repeated: the second copy changes nothing."""
    a, b, _ = three()
    a.merge(b)
    once = state(a)
    a.merge(b)
    assert state(a) == once


def test_the_order_does_not_matter():
    """Three states merged in any of six orders give one state."""
    assert len({str(state(merged(order))) for order in permutations(three())}) == 1


def test_an_old_message_undoes_nothing():
    """A state that A had long ago comes back late, when A has switched on again."""
    a = Flag()
    a.on("A")
    a.off("A")
    old = copy(a)
    a.on("A")
    a.merge(old)
    assert a.value()


def test_a_replica_does_not_lose_what_only_it_knows():
    """B has heard nothing; its empty state takes nothing away from A."""
    a = Flag()
    a.on("A")
    a.merge(Flag())
    assert a.value()


def test_two_who_switch_off_apart_do_not_block_the_switch():
    """Both switch off; merged, it is off, and one switch turns it on."""
    a, b = Flag(), Flag()
    a.on("A")
    b.merge(a)
    a.off("A")
    b.off("B")
    a.merge(b)
    assert not a.value()
    a.on("A")
    assert a.value()
