from exercise import weighted_least


def picked(weights, connections, up=None):
    pick = weighted_least(weights)
    return pick(tuple(up or range(len(weights))), connections.__getitem__, 0)


def test_a_strong_server_takes_more():
    """Two connections on a server of weight 4 are less than one on a server of weight 1."""
    assert picked([1, 4], [1, 2]) == 1


def test_an_idle_system_begins_with_the_strongest():
    """All have 0 connections; what counts is the load after the request."""
    assert picked([1, 4, 2], [0, 0, 0]) == 1


def test_connections_settle_in_proportion():
    """Fill 70 connections into weights 1, 2 and 4: each server holds its share."""
    held, pick = [0, 0, 0], weighted_least([1, 2, 4])
    for _ in range(70):
        held[pick((0, 1, 2), held.__getitem__, 0)] += 1
    assert held == [10, 20, 40]


def test_a_server_that_is_down_is_never_picked():
    """Only the servers in `up` can answer."""
    assert picked([1, 4, 1], [0, 0, 3], up=(0, 2)) == 0
