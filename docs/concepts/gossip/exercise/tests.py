from random import Random

from exercise import Rumor


def heat(k, answers):
    rumor = Rumor(k)
    found = []
    for knew in answers:
        rumor.called(knew)
        found.append(rumor.hot)
    return found


def test_useful_calls_never_bore():
    """As long as the others did not know, the rumor is hot."""
    assert all(heat(2, [False] * 20))


def test_k_useless_calls_in_a_row_are_enough():
    """With k = 3 the third useless call in a row is the last."""
    assert heat(3, [True, True, True]) == [True, True, False]


def test_a_useful_call_makes_it_hot_again():
    """Two useless calls, a useful one, two useless ones: with k = 3 it is still hot."""
    assert heat(3, [True, True, False, True, True, True]) == [True] * 5 + [False]


def spread(rng, k, n=200):
    knows = {0: Rumor(k)}
    for _ in range(100):  # cycles; a rumor that is still hot then will stay so
        for rumor in list(knows.values()):
            if rumor.hot:
                other = int(rng.random() * n)
                rumor.called(other in knows)
                knows.setdefault(other, Rumor(k))
    return 1 - len(knows) / n


def test_more_patience_leaves_fewer_out():
    """Mean share of 200 sites that never hear of it, 20 runs: k = 3 against k = 1."""
    few, many = (sum(spread(Random(s), k) for s in range(20)) for k in (3, 1))
    assert few < many / 3
