"""Consistent hashing: what each placement may move, how even it is, and what is refused."""

from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.optimizations.consistent_hashing import (
    Maglev,
    Ring,
    arcs,
    as_bytes,
    bounded,
    busiest,
    demo,
    deviation,
    disruption,
    hash64,
    jump,
    loads,
    modulo,
    moved,
    named,
    newcomer,
    placements,
    populate,
    rendezvous,
    spread,
)

names = st.one_of(st.binary(min_size=1, max_size=8), st.integers(0, 2**64 - 1))
nodes = st.lists(names, min_size=2, max_size=10, unique_by=as_bytes)
keys = st.lists(
    st.one_of(st.binary(max_size=10), st.integers(0, 2**64 - 1)), min_size=1, max_size=40, unique=True
)


def by_ring(nodes, keys):
    ring = Ring(nodes, 5)
    return {key: ring.place(key) for key in keys}


def by_bids(nodes, keys):
    return {key: rendezvous(key, nodes) for key in keys}


def by_remainder(nodes, keys):
    return {key: modulo(key, nodes) for key in keys}


def moves_only_to(newcomer, before, after):
    """The law: every key that moves goes to the newcomer."""
    return all(after[key] == newcomer for key in before if after[key] != before[key])


# Ring and rendezvous ------------------------------------------------------------------------


@pytest.mark.parametrize("place", [by_ring, by_bids])
@given(nodes, keys)
@settings(max_examples=60)
def test_a_newcomer_takes_keys_and_moves_no_others(place, nodes, keys):
    before, after = place(nodes[:-1], keys), place(nodes, keys)
    assert moves_only_to(nodes[-1], before, after)


@pytest.mark.parametrize("place", [by_ring, by_bids])
@given(nodes, keys)
@settings(max_examples=60)
def test_the_order_of_the_list_does_not_matter(place, nodes, keys):
    assert place(nodes, keys) == place(nodes[::-1], keys)


def test_a_remainder_breaks_both_laws():
    ten, many = named(10), range(500)
    assert not moves_only_to(b"n9", by_remainder(ten[:-1], many), by_remainder(ten, many))
    assert by_remainder(ten, many) != by_remainder(ten[::-1], many)


@given(nodes, keys)
@settings(max_examples=60)
def test_a_ring_is_the_same_whether_built_or_changed(nodes, keys):
    ring = Ring(nodes[1:], 4)
    ring.add(nodes[0])
    ring.remove(nodes[-1])
    again = Ring(nodes[:-1], 4)
    assert ring.points == again.points
    assert sum(ring.shares().values()) == pytest.approx(1)


@given(nodes, st.integers(0, 2**64 - 1), st.integers(1, 12))
@settings(max_examples=60)
def test_the_copies_are_different_and_those_that_stay_keep_the_key(nodes, key, copies):
    ring = Ring(nodes, 6)
    before = ring.owners(key, copies)
    assert len(set(before)) == len(before) == min(copies, len(nodes))
    assert before[0] == ring.place(key)
    gone = before[0]
    ring.remove(gone)
    if ring.nodes:
        assert ring.owners(key, copies)[: len(before) - 1] == before[1:]


def test_a_key_at_a_token_belongs_to_it_and_one_past_the_last_to_the_first():
    class Fixed(Ring):
        def _at(self, key):  # the key is its own place on the ring
            at = [h for h in self.hashes if h >= key]
            return self.hashes.index(at[0]) if at else 0

    ring = Fixed(named(3), 2)
    owner = dict(ring.points)
    assert all(ring.place(at) == owner[at] for at in ring.hashes)
    assert ring.place(ring.hashes[-1] + 1) == ring.points[0][1]
    # and the real ring finds what a walk from the key finds
    ring = Ring(named(7), 9)
    for key in range(300):
        ahead = [node for at, node in ring.points if at >= hash64(key)]
        assert ring.place(key) == (ahead or [ring.points[0][1]])[0]


def test_arcs_are_exact():
    """The share of many keys is the node's part of the ring."""
    ring, n = Ring(named(5), 20), 20_000
    placed = [ring.place(key) for key in range(n)]
    for node, part in ring.shares().items():
        assert placed.count(node) / n == pytest.approx(part, abs=4 * (part / n) ** 0.5)


@pytest.mark.parametrize("tokens, rings", [(1, 60), (10, 20), (100, 4)])
def test_the_spread_is_the_formulas(tokens, rings):
    assert deviation(arcs(50, tokens, rings)) == pytest.approx(spread(50, tokens), rel=0.15)


def test_four_times_the_tokens_halve_the_spread():
    assert spread(1000, 400) == pytest.approx(spread(1000, 100) / 2, rel=0.001)
    assert spread(1000, 100) == pytest.approx(0.1, rel=0.01)


def test_one_token_spreads_wide_and_a_hundred_narrow():
    """ "Consistent hashing moves 1/n": on average."""
    one, hundred = newcomer(1, 100), newcomer(100, 60)
    assert one[5] < 0.3 and one[94] > 1.9
    assert 0.75 < hundred[3] < 1 < hundred[56] < 1.25
    assert sum(hundred) / 60 == pytest.approx(1, abs=0.04)


# Jump ---------------------------------------------------------------------------------------

# Guava's test and the paper's Figure 1 agree on these, keys 0 to 19 in 100 buckets.
GOLDEN = [0, 55, 62, 8, 45, 59, 86, 97, 82, 59, 73, 37, 17, 56, 86, 21, 90, 37, 38, 83]


def test_jump_is_the_papers():
    assert [jump(key, 100) for key in range(20)] == GOLDEN


@given(st.integers(0, 2**64 - 1), st.integers(1, 500))
def test_jump_stays_or_goes_to_the_new_bucket(key, buckets):
    assert jump(key, buckets + 1) in (jump(key, buckets), buckets)
    assert 0 <= jump(key, buckets) < buckets


def test_jump_stirs_plain_numbers():
    """Change it: without a hash in front the keys still spread."""
    counts = [0] * 10
    for key in range(5_000):
        counts[jump(key, 10)] += 1
    assert max(counts) < 1.25 * 500 and min(counts) > 0.75 * 500


# Maglev -------------------------------------------------------------------------------------


def test_the_table_is_that_of_the_papers_example():
    """Table 1, as dgryski/go-maglev tests it: backend 1 of 3 is removed."""
    starts = [(3, 4), (0, 2), (3, 1)]
    assert populate(starts, 7) == [1, 0, 1, 0, 2, 2, 0]
    assert populate([starts[0], starts[2]], 7) == [0, 0, 0, 0, 1, 1, 1]


@given(nodes, st.sampled_from([11, 13, 101, 997]))
@settings(max_examples=60)
def test_every_node_has_its_even_share_of_the_table(nodes, size):
    table = Maglev(nodes, size).table
    counts = [table.count(node) for node in nodes]
    assert sum(counts) == size
    assert max(counts) - min(counts) <= 1
    assert table == Maglev(nodes[::-1], size).table


def test_a_skip_that_shares_a_factor_with_the_size_would_never_end():
    """Why the size is prime: with 8 entries a skip of 4 sees two of them."""
    assert {(0 + j * 4) % 8 for j in range(8)} == {0, 4}
    assert {(0 + j * 4) % 7 for j in range(7)} == set(range(7))
    with pytest.raises(ValueError, match="must be prime, not 65536"):
        Maglev(named(3), 65536)


def test_maglev_moves_some_keys_of_others_and_fewer_in_a_larger_table():
    small, large = disruption(50, 499, 1), disruption(50, 10007, 1)
    assert 0 < large < small < 0.1


# Bounded loads ------------------------------------------------------------------------------


@given(nodes, keys, st.sampled_from([1.01, 1.1, 1.25, 2.0]))
@settings(max_examples=60)
def test_no_node_is_above_the_bound(nodes, keys, c):
    placed = bounded(keys, Ring(nodes, 3), c)
    room = ceil(c * len(keys) / len(nodes))
    assert set(placed) == set(keys)
    assert all(list(placed.values()).count(node) <= room for node in nodes)
    assert placed == bounded(keys[::-1], Ring(nodes, 3), c)


def test_the_plain_ring_is_above_the_bound():
    ring, many = Ring(named(100), 1), range(10_000)
    assert busiest({key: ring.place(key) for key in many}, 100) > 3
    assert busiest(bounded(many, ring, 1.25), 100) == pytest.approx(1.25)
    far = bounded(many, ring, 100)
    assert far == {key: ring.place(key) for key in many}


def test_a_tighter_bound_sends_more_keys_away_and_moves_more():
    rows = [loads(c, leave=3) for c in (100, 2, 1.25, 1.1)]
    assert [most for most, _, _ in rows[1:]] == pytest.approx([2, 1.25, 1.1])
    away, left = [a for _, a, _ in rows], [m for _, _, m in rows]
    assert away == sorted(away) and away[0] == 0 and away[-1] > 0.5
    assert left == sorted(left) and left[-1] > 5 * left[0]


def test_one_hot_key_stays_on_one_node():
    """Bounds count keys: what one key brings is on one node, whatever c."""
    hot = bounded(range(100), Ring(named(10)), 1.1)[7]
    assert isinstance(hot, bytes)


# The picture --------------------------------------------------------------------------------


def test_a_dead_node_in_the_middle_is_what_jump_cannot_do():
    rows = {name: (most, all_moved, needless) for name, most, all_moved, needless in demo(3_000)}
    assert rows["jump"][1] > 0.6 and rows["modulo"][2] > 0.7
    for name in ("ring, 1", "ring, 10", "ring, 100", "rendezvous"):
        assert rows[name][2] == 0
    assert 0 < rows["Maglev"][2] < 0.03
    assert rows["rendezvous"][1] == pytest.approx(0.1, abs=0.02)
    assert rows["ring, 1"][0] > 1.8 > rows["ring, 100"][0]


def test_jump_with_a_spare_in_the_dead_nodes_place_moves_only_its_keys():
    """Change it: buckets are numbers; give the number to another machine."""
    ten = named(10)
    spare = [*ten[:3], b"spare", *ten[4:]]
    before = placements(ten, range(1_000))["jump"]
    after = placements(spare, range(1_000))["jump"]
    assert {before[key] for key in before if before[key] != after[key]} == {b"n3"}
    assert 0.07 < moved(before, after) < 0.13


def test_twice_the_tokens_about_twice_the_keys():
    """Change it."""
    ring = Ring(named(10))
    ring.tokens = 200
    ring.add(b"big")
    assert ring.shares()[b"big"] == pytest.approx(200 / 1200, rel=0.3)


# What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["text", -1, 2**64, 1.5, None, True])
def test_a_key_of_another_kind_is_refused(wrong):
    ring = Ring(named(3), 1)
    for place in (hash64, ring.place, Maglev(named(3), 7).place, lambda k: jump(k, 5)):
        with pytest.raises(ValueError, match="use bytes, or an integer from 0 to"):
            place(wrong)


def test_what_cannot_be_placed_is_refused_in_one_sentence():
    ring = Ring(named(2), 1)
    for call, said in [
        (lambda: jump(7, 0), "at least one bucket, not 0"),
        (lambda: Ring(named(2), 0), "1 token or more, not 0"),
        (lambda: Ring([b"a", b"a"]), "b'a' is on the ring already"),
        (lambda: ring.remove(b"x"), "b'x' is not on the ring"),
        (lambda: Ring().place(1), "the ring is empty"),
        (lambda: ring.owners(1, 0), "1 copy or more, not 0"),
        (lambda: rendezvous(1, []), "no node to bid"),
        (lambda: Maglev([]), "0 nodes: name at least one"),
        (lambda: Maglev(named(9), 7), "at most as many as entries, 7"),
        (lambda: Maglev(named(2), 9), "must be prime, not 9"),
        (lambda: bounded([1], ring, 1.0), "more than 1, the mean load, not 1.0"),
        (lambda: bounded([1], Ring()), "the ring is empty"),
    ]:
        with pytest.raises(ValueError, match=said):
            call()


def test_long_names_are_names_too():
    long = [b"x" * 65, b"x" * 66]
    assert {rendezvous(key, long) for key in range(40)} == set(long)
