from random import Random

from exercise import Guarded

from snippets.optimizations.cache_eviction import hits, scans


def outcome(trace, size):
    cache = Guarded(size)
    return [cache.use(key) for key in trace]


def test_while_there_is_room_every_key_is_kept():
    """Three keys, room for three: the second round hits."""
    assert outcome(["a", "b", "c", "a", "b", "c"], 3) == [False] * 3 + [True] * 3


def test_a_key_that_comes_once_pushes_nothing_out():
    """With the cache full, x comes once, and a and b are still there."""
    assert outcome(["a", "b", "x", "a", "b"], 2) == [False, False, False, True, True]


def test_a_key_that_comes_again_is_kept():
    """The first x is refused, the second is a miss that is kept, the third hits."""
    assert outcome(["a", "b", "x", "x", "x"], 2) == [False, False, False, False, True]


def test_what_was_refused_long_ago_is_forgotten():
    """Two refused keys are remembered here: x is gone when y and z have come, and is refused again."""
    assert outcome(["a", "b", "x", "y", "z", "x", "x", "x"], 2) == [False] * 7 + [True]


def test_the_scans_cost_fewer_hits():
    """On Zipf traffic with scans the guarded cache hits more often than LRU."""
    trace = scans(Random(1), 6_500)
    assert sum(outcome(trace, 100)) > hits("LRU", trace, 100)
