from exercise import siblings

from snippets.concepts.history import figure_3

D1, D2, D3, D4, D5 = figure_3().values()


def test_two_writers_leave_two_siblings():
    """D3 and D4 both descend from D2, and neither from the other."""
    assert siblings([D1, D2, D3, D4]) == [D3, D4]


def test_a_write_that_read_both_replaces_both():
    """D5 was written by a client that had read D3 and D4."""
    assert siblings([D1, D2, D3, D4, D5]) == [D5]


def test_the_order_of_arrival_decides_nothing():
    """An old version may arrive last; it is still old."""
    assert siblings([D5, D4, D1]) == [D5]
    assert siblings([D4, D3, D2]) == [D4, D3]


def test_one_version_from_two_replicas_is_one_version():
    """Equal clocks descend from each other; keep one of them."""
    assert siblings([D2, dict(D2)]) == [D2]
