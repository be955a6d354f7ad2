from exercise import loss

from snippets.concepts.queueing import erlang_b, mm1k_loss


def test_without_a_line_it_is_erlang_b():
    """With as many places as servers nobody can wait: the answer is `erlang_b`."""
    assert round(loss(10, 10, 8), 9) == round(erlang_b(10, 8), 9)


def test_with_one_server_it_is_mm1k():
    """With one server it is `mm1k_loss`, whose places include the server's own."""
    for load in (0.5, 1, 1.2):
        assert round(loss(1, 5, load), 9) == round(mm1k_loss(load, 5), 9)


def test_two_servers_and_one_place_in_line():
    """Load 1: the states weigh 1, 1, 1/2, 1/4. One request keeps one server busy."""
    assert round(loss(2, 3, 1), 9) == round(0.25 / 2.75, 9)


def test_a_longer_line_loses_less_but_never_less_than_the_excess():
    """At load 12 ten servers can do 10 of 12, whatever the line: 1/6 is lost."""
    assert loss(10, 20, 12) > loss(10, 40, 12) > 1 / 6
    assert round(loss(10, 300, 12), 6) == round(1 / 6, 6)
