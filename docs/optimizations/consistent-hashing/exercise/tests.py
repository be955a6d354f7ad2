from exercise import place

KEYS = range(6_000)


def share(weights, node):
    return sum(place(key, weights) == node for key in KEYS) / len(KEYS)


def test_keys_are_in_proportion_to_the_weights():
    """A node of weight 2 beside two of weight 1 holds half of the keys; one of 0.5 a fifth."""
    assert abs(share({b"a": 1, b"b": 1, b"big": 2}, b"big") - 0.5) < 0.03
    assert abs(share({b"a": 1, b"b": 1, b"small": 0.5}, b"small") - 0.2) < 0.03


def test_equal_weights_are_equal_shares():
    """Weights of 3 and 3 are as good as 1 and 1."""
    assert abs(share({b"a": 3, b"b": 3}, b"a") - 0.5) < 0.03


def test_a_larger_weight_moves_keys_to_its_node_only():
    """Raise the weight of a: no key may move between b and c. And the same for b, and for c."""
    before = {b"a": 1, b"b": 1, b"c": 1}
    for raised in before:
        after = {**before, raised: 1.5}
        for key in range(600):
            assert place(key, after) in (place(key, before), raised)


def test_a_node_that_leaves_moves_its_own_keys_only():
    """Take a away: every key of b and c stays."""
    before = {b"a": 1, b"b": 2, b"c": 1}
    for gone in before:
        after = {node: weight for node, weight in before.items() if node != gone}
        for key in range(600):
            old = place(key, before)
            assert old == gone or place(key, after) == old
