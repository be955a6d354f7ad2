from math import isclose

from exercise import available

from snippets.concepts.advantages import majority


def test_one_of_n():
    """All n are down at once with chance (1 - p)**n."""
    assert isclose(available(0.9, 3, 1), 1 - 0.1**3)


def test_all_of_n():
    """All must be up: p**n."""
    assert isclose(available(0.9, 5, 5), 0.9**5)


def test_more_than_half_is_the_majority():
    """The rule that the page measures is one of these."""
    for n in (3, 4, 5):
        assert isclose(available(0.99, n, n // 2 + 1), majority(0.99, n))


def test_needing_nothing_never_fails():
    """With need 0 every case counts, and their chances add up to one."""
    assert isclose(available(0.7, 4, 0), 1.0)
