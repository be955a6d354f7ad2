"""Data sharding: what each placement may move, how even it is, what the page claims."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.optimizations.data_sharding import (
    Ranges,
    demo,
    half_seen,
    kafka_partition,
    keys_on_one,
    modulo,
    moved_share,
    murmur2,
    names,
    redis_slot,
    rendezvous,
    some_shard_down,
    throughput,
    users,
)

KEYS = users(2_000)
machine_lists = st.lists(
    st.text("abcdefgh", min_size=1, max_size=4), min_size=2, max_size=12, unique=True
)


def moves_only_to(newcomer, before, after):
    """The law of a good placement: every key that moves goes to the newcomer."""
    return all(after[key] == newcomer for key in before if after[key] != before[key])


@given(machine_lists, st.lists(st.text(max_size=8), min_size=1, max_size=30, unique=True))
def test_a_newcomer_wins_its_bids_and_changes_no_others(machines, keys):
    before = {key: rendezvous(key, machines[:-1]) for key in keys}
    after = {key: rendezvous(key, machines) for key in keys}
    assert moves_only_to(machines[-1], before, after)


def test_modulo_breaks_the_law_that_the_others_keep():
    before = {key: modulo(key, names(10)) for key in KEYS}
    after = {key: modulo(key, names(11)) for key in KEYS}
    assert not moves_only_to("m10", before, after)
    assert moved_share(before, after) == pytest.approx(10 / 11, abs=0.03)


def test_modulo_bears_doubling():
    """Change it: from 10 to 20 machines half the keys stay."""
    before = {key: modulo(key, names(10)) for key in KEYS}
    after = {key: modulo(key, names(20)) for key in KEYS}
    assert moved_share(before, after) == pytest.approx(0.5, abs=0.04)


def test_placement_does_not_depend_on_the_order_of_the_list_except_for_modulo():
    machines, turned = names(7), names(7)[::-1]
    assert all(rendezvous(key, machines) == rendezvous(key, turned) for key in KEYS[:200])
    assert any(modulo(key, machines) != modulo(key, turned) for key in KEYS[:200])


@given(st.lists(st.text("abc", min_size=1, max_size=6), min_size=20, max_size=60, unique=True))
def test_ranges_keep_keys_in_order_and_a_split_moves_one_half_of_one_range(keys):
    ranges = Ranges(names(4), keys)
    before = {key: ranges.place(key) for key in keys}
    order = [ranges.owners.index(before[key]) for key in sorted(keys)]
    assert order == sorted(order)
    ranges.split("m4", keys)
    after = {key: ranges.place(key) for key in keys}
    assert moves_only_to("m4", before, after)
    assert len({before[key] for key in keys if after[key] == "m4"}) == 1


def test_the_run_moves_what_the_formula_says():
    rows = {row.name: row for row in demo()}
    assert rows["modulo"].moved == pytest.approx(10 / 11, abs=0.006)
    assert rows["rendezvous"].moved == pytest.approx(1 / 11, abs=0.006)


@pytest.mark.parametrize("seed", range(3))
def test_the_four_effects_have_their_sign_under_any_seed(seed):
    assert throughput(1, Random(seed), 8_000) == 1_000
    assert 2_000 < throughput(8, Random(seed), 8_000) < 8_000
    assert some_shard_down(8, Random(seed), 8_000) == pytest.approx(1 - 0.99**8, abs=0.012)
    assert half_seen(1, Random(seed), 4_000) == 0
    # Two uniform delays over 9 ms differ by 3 ms on average; seven pairs in eight are split.
    assert half_seen(8, Random(seed), 20_000) == pytest.approx(0.03 * 7 / 8, abs=0.006)
    assert keys_on_one(1) == 1
    assert keys_on_one(8) == pytest.approx(1 / 8, rel=0.1)


# Kafka's own vectors, from its UtilsTest.testMurmur2; Java's integers are signed.
KAFKA = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}


def test_the_hash_is_kafkas():
    assert {key: murmur2(key.encode()) for key in KAFKA} == {
        key: signed % 2**32 for key, signed in KAFKA.items()
    }


def test_the_sign_bit_is_masked_and_not_turned():
    masked = {kafka_partition(key.encode(), 1000) for key in KAFKA}
    turned = {abs(signed) % 1000 for signed in KAFKA.values()}
    assert masked == {(signed % 2**31) % 1000 for signed in KAFKA.values()} != turned
    with pytest.raises(ValueError, match="one partition or more: 0"):
        kafka_partition(b"x", 0)


def test_a_slot_is_the_clusters():
    """The specification's check value, and its rules for tags."""
    assert redis_slot(b"123456789") == 0x31C3
    assert redis_slot(b"{user1000}.following") == redis_slot(b"user1000")
    assert redis_slot(b"foo{}{bar}") != redis_slot(b"bar")  # an empty tag is none
    assert redis_slot(b"foo{{bar}}zap") == redis_slot(b"{bar")
    assert redis_slot(b"foo{bar}{zap}") == redis_slot(b"bar")
    assert redis_slot(b"}foo{bar") != redis_slot(b"bar")  # never closed


@given(st.binary(max_size=40), st.integers(1, 50))
def test_a_partition_exists(key, partitions):
    assert 0 <= kafka_partition(key, partitions) < partitions
    assert 0 <= redis_slot(key) < 16_384
