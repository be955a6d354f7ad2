"""LRU, Che, the TTL, the stampede, the race, and what the page claims of them."""

import math
import runpy
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.optimizations.caching import (
    DATABASE_MS,
    HIT_MS,
    LRU,
    Event,
    che,
    demo,
    interleavings,
    popularity,
    race,
    replay,
    served_after_revocation,
    stale_share,
    stampede,
    traffic,
)
from tools.programs import ROOT

keys = st.lists(st.integers(0, 6), max_size=60)
events = st.lists(
    st.builds(Event, st.integers(0, 50).map(float), st.integers(0, 3), st.booleans()), max_size=60
).map(lambda made: sorted(made, key=lambda event: event.at_s))


class Textbook:
    """LRU as one would define it: a list, the most recent last."""

    def __init__(self, size):
        self.size, self.order = size, []

    def use(self, key):
        hit = key in self.order
        if hit:
            self.order.remove(key)
        self.order = [*self.order, key][-self.size :]
        return hit


class FirstIn(LRU):
    """The variant that forgets to renew on a hit: first in, first out."""

    def get(self, key):
        return self.entries.get(key)


def agrees_with_the_textbook(cache, asked):
    textbook = Textbook(cache.size)
    for key in asked:
        hit = cache.get(key) is not None
        if not hit:
            cache.put(key, key + 1)
        if hit != textbook.use(key) or list(cache.entries) != textbook.order:
            return False
    return True


@given(keys, st.integers(1, 5))
def test_lru_holds_what_the_textbook_holds_after_every_request(asked, size):
    assert agrees_with_the_textbook(LRU(size), asked)


def test_without_renewal_on_a_hit_it_is_another_policy():
    assert not agrees_with_the_textbook(FirstIn(2), [0, 1, 0, 2])


@given(keys)
def test_a_larger_lru_holds_all_that_a_smaller_one_holds(asked):
    small, large = LRU(2), LRU(4)
    for key in asked:
        for cache in (small, large):
            if cache.get(key) is None:
                cache.put(key, True)
        assert small.entries.keys() <= large.entries.keys()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_without_renewal_it_hits_less(seed):
    hits = []
    for cache in (LRU(100), FirstIn(100)):
        asked = [event.key for event in traffic(Random(seed), 10_000, keys=1000)]
        hits.append(0)
        for key in asked:
            if cache.get(key) is None:
                cache.put(key, True)
            else:
                hits[-1] += 1
    assert hits[0] > 1.03 * hits[1]


def test_more_room_can_hurt_without_renewal():
    """Belady's anomaly: first in, first out does not have the law above."""
    asked = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
    misses = {}
    for size in (3, 4):
        cache, misses[size] = FirstIn(size), 0
        for key in asked:
            if cache.get(key) is None:
                misses[size] += 1
                cache.put(key, True)
    assert misses == {3: 9, 4: 10}


# Che


@pytest.mark.parametrize("alpha, size", [(0.8, 100), (1.0, 30), (1.0, 1000), (1.2, 50)])
def test_che_predicts_lru_for_every_seed(alpha, size):
    said = che(popularity(2000, alpha), size)
    for seed in (1, 2):
        calls = traffic(Random(seed), 20_000, keys=2000, alpha=alpha)
        assert replay(calls, size, warm_s=5).hit_ratio() == pytest.approx(said, abs=0.02)


def test_che_is_exact_where_all_keys_are_alike():
    for size in (1, 10, 99):
        assert che(popularity(100, 0.0), size) == pytest.approx(size / 100, abs=1e-6)


def test_che_does_not_predict_a_scan():
    loop = [Event(float(at), at % 101, False) for at in range(6000)]
    assert replay(loop, 100).hits == 0
    assert che(popularity(101, 0.0), 100) > 0.98
    assert replay(loop, 101).hits == 6000 - 101


def test_the_mean_is_the_formula_at_the_measured_hit_ratio():
    for _, said, hit, expected_ms, mean_ms in demo(events=20_000):
        assert mean_ms == pytest.approx(hit * HIT_MS + (1 - hit) * (HIT_MS + DATABASE_MS))
        assert abs(mean_ms - expected_ms) == pytest.approx(abs(hit - said) * DATABASE_MS)


def test_a_cache_that_never_hits_is_slower_than_none():
    once = [Event(float(key), key, False) for key in range(50)]
    assert replay(once, 10).mean_ms() == HIT_MS + DATABASE_MS > DATABASE_MS


def test_with_every_key_alike_the_hit_ratio_is_the_share_that_fits():
    calls = traffic(Random(1), 20_000, keys=1000, alpha=0.0)
    assert replay(calls, 300, warm_s=5).hit_ratio() == pytest.approx(0.3, abs=0.02)


def test_a_cold_cache_sends_the_database_several_times_as_many_queries():
    calls = traffic(Random(1), 30_000)
    cold = replay([call for call in calls if call.at_s < 1], 3000).hit_ratio()
    warm = replay(calls, 3000, warm_s=15).hit_ratio()
    assert 1 - cold > 2 * (1 - warm)


def rows():
    room = runpy.run_path(str(ROOT / "docs/optimizations/caching/measured.py"))
    return room["paper"]()


def test_every_row_of_the_papers_holds():
    for row in rows():
        assert row.holds(), f"{row.claim}: {row.said} and {row.got}"


# The TTL


@given(events, st.integers(1, 4), st.sampled_from((0.0, 1.0, 5.0, math.inf)))
def test_no_answer_is_older_than_the_ttl(history, size, ttl_s):
    """Stale is possible only within a TTL of the write, and never at TTL 0."""
    run = replay(history, size, ttl_s)
    writes = [event for event in history if event.write]
    near = sum(
        not event.write
        and any(w.key == event.key and 0 <= event.at_s - w.at_s < ttl_s for w in writes)
        for event in history
    )
    assert run.stale <= near
    assert run.hits + run.failed <= run.reads == len(history) - len(writes)


@given(events, st.integers(1, 4))
def test_deletes_on_write_leave_nothing_stale_as_long_as_nothing_interleaves(history, size):
    assert replay(history, size, delete=True).stale == 0


def test_without_ttl_and_deletes_an_entry_is_stale_for_ever():
    history = [Event(0.0, 1, False), Event(1.0, 1, True)]
    history += [Event(float(at), 1, False) for at in range(2, 30)]
    assert replay(history, 1).stale == 28
    assert replay(history, 1, ttl_s=5).stale == 3


@pytest.mark.parametrize("ttl_s", [1, 10, 60])
def test_staleness_follows_the_formula(ttl_s):
    said = stale_share(1, 0.1, ttl_s)
    runs = [
        replay(traffic(Random(seed), 20_000, keys=1, per_s=1.1, writes=1 / 11), 1, ttl_s)
        for seed in (1, 2, 3)
    ]
    assert sum(run.stale_share() for run in runs) / 3 == pytest.approx(said, abs=0.03)


@pytest.mark.parametrize("ttl_s", [1, 10, 60])
def test_a_revoked_credential_is_served_as_often_as_the_formula_says(ttl_s):
    runs = 3000 if ttl_s == 1 else 300
    served = [served_after_revocation(Random(seed), ttl_s) for seed in range(runs)]
    said = ttl_s / (1 + ttl_s) * ttl_s / 2
    assert sum(served) / runs == pytest.approx(said, rel=0.2)
    assert served_after_revocation(Random(1), 0) == 0


def test_a_longer_ttl_answers_more_of_an_outage():
    calls = traffic(Random(1), 36_000, per_s=100.0)
    runs = [
        replay(calls, 3000, ttl_s, warm_s=300, down_s=(300, math.inf))
        for ttl_s in (0, 60, math.inf)
    ]
    assert all(run.hits + run.failed == run.reads for run in runs)
    shares = [run.hit_ratio() for run in runs]
    assert shares[0] == 0 and shares == sorted(shares) and shares[1] < 0.25 < shares[2]


# The stampede


@pytest.mark.parametrize("beta", [0.5, 1, 2])
def test_xfetch_starts_e_to_the_one_over_beta_queries(beta):
    for first in (0, 10_000):
        runs = [stampede(Random(first + seed), beta) for seed in range(400)]
        mean = sum(queries for queries, _ in runs) / 400
        assert mean == pytest.approx(math.exp(1 / beta), rel=0.2)
        assert sum(waited for _, waited in runs) < 0.05 * 400


def test_without_care_every_reader_of_a_query_asks_too():
    for per_s, delta_s in ((100, 1), (10, 3)):
        runs = [stampede(Random(s), per_s=per_s, delta_s=delta_s) for s in range(200)]
        assert all(queries == waited for queries, waited in runs)
        mean = sum(queries for queries, _ in runs) / 200
        assert mean == pytest.approx(1 + per_s * delta_s, rel=0.05)


def test_longer_queries_make_the_stampede_larger_and_leave_xfetch_alone():
    def mean(beta, delta_s):
        runs = [stampede(Random(seed), beta, delta_s=delta_s) for seed in range(150)]
        return sum(queries for queries, _ in runs) / 150

    assert mean(0, 3) == pytest.approx(3 * mean(0, 1), rel=0.1)
    assert mean(1, 3) == pytest.approx(math.e, rel=0.25)


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0])
def test_single_flight_sends_exactly_one_query(beta):
    for seed in range(60):
        queries, waited = stampede(Random(seed), beta, single_flight=True, per_s=20)
        assert queries == 1
        assert beta or waited > 1


# The race


def test_one_of_six_interleavings_leaves_the_old_value():
    orders = interleavings()
    assert len(set(orders)) == len(orders) == 6
    assert [order for order in orders if race(order, lease=False) == "old"] == ["RWDF"]


def left_old(reader, writer, lease):
    return [o for o in interleavings(reader, writer) if race(o, lease) == "old"]


def test_a_lease_leaves_nothing_old_wherever_the_miss_falls():
    assert left_old("RF", "WD", lease=True) == left_old("MRF", "WD", lease=True) == []
    assert left_old("MRF", "WD", lease=False) == ["MRWDF"]


def test_deleting_first_is_worse_and_a_lease_does_not_mend_it():
    assert len(left_old("RF", "DW", lease=False)) == 4
    assert sorted(left_old("MRF", "DW", lease=True)) == ["DMRFW", "DMRWF"]


@given(st.text("RF", max_size=3), st.text("WD", max_size=3))
def test_interleavings_keep_both_orders_and_are_all_of_them(reader, writer):
    orders = interleavings(reader, writer)
    assert len(orders) == math.comb(len(reader + writer), len(reader))
    for order in orders:
        assert "".join(step for step in order if step in "RF") == reader
        assert "".join(step for step in order if step in "WD") == writer


def test_errors_say_what_is_wrong():
    with pytest.raises(ValueError, match="at least 1 entry, not 0"):
        LRU(0)
    with pytest.raises(ValueError, match="size is from 1 to 9, not 10"):
        che(popularity(10, 1.0), 10)
