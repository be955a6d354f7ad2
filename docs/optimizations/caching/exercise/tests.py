from exercise import get_or_load

from snippets.optimizations.caching import LRU

TABLE = {"a": 1, "zero": 0, "empty": ""}


def ask(keys, size=10):
    cache, queries = LRU(size), []

    def load(key):
        queries.append(key)
        return TABLE.get(key)

    return [get_or_load(cache, key, load) for key in keys], queries


def test_absence_is_loaded_once():
    """Three requests for a key that does not exist: one query."""
    assert ask(["x", "x", "x"]) == ([None, None, None], ["x"])


def test_a_value_is_loaded_once():
    """The ordinary case still holds, and the caller sees the value itself."""
    assert ask(["a", "a"]) == ([1, 1], ["a"])


def test_values_that_look_like_nothing_are_values():
    """0 and the empty string are answers of the database."""
    assert ask(["zero", "zero", "empty", "empty"]) == ([0, 0, "", ""], ["zero", "empty"])


def test_absence_is_evicted_like_all_else():
    """A cache of 2 that has seen x, a and zero has room for the last two only."""
    assert ask(["x", "a", "zero", "x"], size=2)[1] == ["x", "a", "zero", "x"]
