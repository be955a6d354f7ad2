from itertools import permutations

from exercise import Storage


def after(*messages):
    store = Storage()
    return [store.write(*message) for message in messages], store.value


def test_an_old_holder_is_refused():
    """33 comes after 34, with a number as large as you like."""
    assert after((34, 1, "new"), (33, 9, "old")) == (["done", "refused"], "new")


def test_a_new_holder_begins_at_1():
    """34 writes its first message after 33 has written three."""
    assert after((33, 3, "old"), (34, 1, "new")) == (["done", "done"], "new")


def test_a_late_copy_changes_nothing():
    """The first message comes again after the second."""
    assert after((33, 1, "a"), (33, 2, "b"), (33, 1, "a"))[1] == "b"


def test_the_same_message_again_is_done():
    """The answer was lost and the client asks again."""
    assert after((33, 1, "a"), (33, 1, "a")) == (["done", "done"], "a")


def test_the_last_word_is_the_newest_in_any_order():
    """However four messages are ordered on the way, the newest value stays."""
    messages = [(33, 1, "a"), (33, 2, "b"), (34, 1, "c"), (34, 2, "d")]
    for order in permutations(messages):
        assert after(*order)[1] == "d"
