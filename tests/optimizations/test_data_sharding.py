"""Data sharding: what each placement may move, how even it is, what the page claims."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.optimizations.data_sharding import (
    Ranges,
    Ring,
    bystanders_moved,
    demo,
    half_seen,
    hash64,
    jump,
    kafka_partition,
    keys_on_one,
    modulo,
    moved_share,
    moved_when_one_dies,
    murmur2,
    names,
    redis_slot,
    rendezvous,
    some_shard_down,
    taken_by_newcomer,
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
def test_a_newcomer_on_the_ring_takes_keys_and_moves_no_others(machines, keys):
    old, new = Ring(machines[:-1], tokens=5), Ring(machines, tokens=5)
    before = {key: old.place(key) for key in keys}
    after = {key: new.place(key) for key in keys}
    assert moves_only_to(machines[-1], before, after)


@given(machine_lists, st.lists(st.text(max_size=8), min_size=1, max_size=30, unique=True))
def test_a_newcomer_wins_its_bids_and_changes_no_others(machines, keys):
    before = {key: rendezvous(key, machines[:-1]) for key in keys}
    after = {key: rendezvous(key, machines) for key in keys}
    assert moves_only_to(machines[-1], before, after)


@given(st.integers(0, 2**64 - 1), st.integers(1, 500))
def test_jump_stays_or_goes_to_the_new_bucket(key, buckets):
    assert jump(key, buckets + 1) in (jump(key, buckets), buckets)
    assert 0 <= jump(key, buckets) < buckets


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


def test_jump_refuses_to_place_on_nothing():
    with pytest.raises(ValueError, match="at least one bucket, not 0"):
        jump(7, 0)


def test_placement_does_not_depend_on_the_order_of_the_list_except_for_modulo_and_jump():
    machines, turned = names(7), names(7)[::-1]
    assert all(rendezvous(key, machines) == rendezvous(key, turned) for key in KEYS[:200])
    assert all(Ring(machines).place(key) == Ring(turned).place(key) for key in KEYS[:20])
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
    for name in ("rendezvous", "jump"):
        assert rows[name].moved == pytest.approx(1 / 11, abs=0.006)
    # A ring's newcomer takes a random share: within the spread of 100 tokens.
    assert rows["ring, 100 tokens"].moved * 11 == pytest.approx(1, abs=0.3)


def test_one_token_spreads_wide_and_a_hundred_narrow():
    one, hundred = taken_by_newcomer(1, 200), taken_by_newcomer(100, 200)
    assert one[10] < 0.2 and one[189] > 2
    assert 0.75 < hundred[10] < 1 < hundred[189] < 1.25


def test_more_tokens_give_a_newcomer_more_keys():
    """Change it: twice the tokens, about twice the keys."""
    ring = Ring(names(10))
    ring.points = sorted(ring.points + [(hash64("big", str(i)), "big") for i in range(200)])
    ring.hashes = [point for point, _ in ring.points]
    share = sum(ring.place(key) == "big" for key in KEYS) / len(KEYS)
    assert share == pytest.approx(200 / 1200, rel=0.25)


def test_jump_stirs_plain_numbers():
    """Change it: without a hash in front the keys still spread."""
    counts = [0] * 10
    for key in range(5_000):
        counts[jump(key, 10)] += 1
    assert max(counts) < 1.25 * 500 and min(counts) > 0.75 * 500


def test_a_dead_machine_in_the_middle_is_what_jump_cannot_do():
    dies = moved_when_one_dies(4_000)
    assert dies["jump"] > 0.6
    assert dies["rendezvous"] == pytest.approx(0.1, abs=0.015)
    assert bystanders_moved(2_000) == 0


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
