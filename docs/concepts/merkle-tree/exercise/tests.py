from exercise import grow, head

from snippets.concepts.merkle_tree import root

ENTRIES = [b"entry %d" % i for i in range(40)]


def grown(size):
    peaks = []
    for at, entry in enumerate(ENTRIES[:size]):
        peaks = grow(peaks, at, entry)
    return peaks


def test_two_entries_make_one_subtree():
    """The second entry closes a subtree of two: one hash is left."""
    assert len(grown(1)) == 1
    assert grown(2) == [root(ENTRIES[:2])]


def test_the_head_is_the_root_of_all_entries():
    """For 7 entries the smaller subtrees on the right are joined first, and the largest last."""
    for size in range(1, 41):
        assert head(grown(size)) == root(ENTRIES[:size]), f"{size} entries"


def test_as_few_hashes_are_kept_as_the_size_has_ones():
    """The eighth entry closes three subtrees, one after the other."""
    for size in range(1, 41):
        assert len(grown(size)) == size.bit_count(), f"{size} entries"


def test_the_old_roots_are_left_as_they_were():
    """Somebody may still need the root of the shorter log."""
    peaks = grown(3)
    kept = list(peaks)
    grow(peaks, 3, b"more")
    assert peaks == kept
