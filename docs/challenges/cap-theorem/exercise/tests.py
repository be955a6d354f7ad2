from itertools import product

from exercise import may_answer


def cuts(size, groups):
    """Every way to give each of the regions to one of the groups."""
    regions = [f"R{i}" for i in range(size)]
    for sides in product(range(groups), repeat=size):
        split = [{r for r, side in zip(regions, sides) if side == g} for g in range(groups)]
        yield set(regions), [group for group in split if group]


def test_without_a_cut_all_answer():
    """A group that holds every region is no group at all."""
    for size in range(1, 6):
        regions = {f"R{i}" for i in range(size)}
        assert may_answer(regions, regions) is True


def test_at_most_one_group_answers():
    """Two groups that both answer are two stores: their writes will collide."""
    for size in range(1, 6):
        for regions, groups in cuts(size, 3):
            assert sum(may_answer(group, regions) for group in groups) <= 1


def test_more_than_half_always_answers():
    """The larger side of a cut in two must not stop, wherever the first region is."""
    for size in range(1, 6):
        for regions, groups in cuts(size, 2):
            for group in groups:
                if 2 * len(group) > size:
                    assert may_answer(group, regions) is True


def test_two_halves_are_told_apart():
    """Of two halves exactly one answers, the one with the first region."""
    for size in (2, 4):
        for regions, groups in cuts(size, 2):
            if all(2 * len(group) == size for group in groups):
                assert [may_answer(g, regions) for g in groups] == ["R0" in g for g in groups]
