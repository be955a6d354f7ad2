"""Cache eviction: each policy against its definition, Belady's optimum, stacks and anomalies, files."""

import json
import subprocess
import sys
from collections import OrderedDict
from random import Random

import cachetools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.optimizations.cache_eviction import (
    BELADY_1969,
    CLOCK,
    FIFO,
    LFU,
    LRU,
    MIN,
    POLICIES,
    SIEVE,
    demo,
    hits,
    judge,
    load,
    loop,
    outcomes,
    phases,
    scans,
    shift,
    traces,
    zipf,
)
from tools.programs import ROOT

ONLINE = [name for name in POLICIES if name != "MIN"]
some = st.lists(st.integers(0, 7), max_size=60)
sizes = st.integers(1, 6)


# The policies, defined again in the slowest words ------------------------------------------


def by_definition(policy, trace, size):
    """Hits, from one list of [key, came, last use, uses, visited] and no cleverness."""
    cache, hand, found = [], None, 0
    for now, key in enumerate(trace):
        entry = next((e for e in cache if e["key"] == key), None)
        if entry:
            found += 1
            entry.update(last=now, uses=entry["uses"] + 1, visited=True)
            continue
        if len(cache) == size:
            if policy == "CLOCK":
                while cache[0]["visited"]:
                    cache[0]["visited"] = False
                    cache.append(cache.pop(0))
                gone = cache[0]
            elif policy == "SIEVE":  # the paper's: hand is None at first and past the newest
                at = cache.index(hand) if hand else 0
                while cache[at]["visited"]:
                    cache[at]["visited"] = False
                    at = at + 1 if at + 1 < size else 0
                gone = cache[at]
                hand = cache[at + 1] if at + 1 < size else None
            else:
                order = {
                    "FIFO": lambda e: e["came"],
                    "LRU": lambda e: e["last"],
                    "LFU": lambda e: (e["uses"], e["last"]),
                    "MIN": lambda e, now=now: -min(
                        (at for at in range(now, len(trace)) if trace[at] == e["key"]),
                        default=len(trace),
                    ),
                }[policy]
                gone = min(cache, key=order)
            cache.remove(gone)
        cache.append({"key": key, "came": now, "last": now, "uses": 1, "visited": False})
    return found


@pytest.mark.parametrize("policy", POLICIES)
@given(some, sizes)
@settings(max_examples=120)
def test_a_policy_does_what_its_definition_says(policy, trace, size):
    assert hits(policy, trace, size) == by_definition(policy, trace, size)


@pytest.mark.parametrize("policy", POLICIES)
def test_and_on_long_traces(policy):
    for seed in range(4):
        trace = zipf(Random(seed), 500, keys=60)
        assert hits(policy, trace, 9) == by_definition(policy, trace, 9)


@pytest.mark.parametrize(
    "policy, theirs",
    [("LRU", cachetools.LRUCache), ("FIFO", cachetools.FIFOCache), ("LFU", cachetools.LFUCache)],
)
def test_cachetools_agrees(policy, theirs):
    for seed in range(5):
        trace, cache, found = zipf(Random(seed), 2_000, keys=200), theirs(20), 0
        for key in trace:
            found += key in cache
            if key in cache:
                cache[key]
            else:
                cache[key] = key
        assert hits(policy, trace, 20) == found


# Belady's optimum ---------------------------------------------------------------------------


def fewest_misses(trace, size):
    """Every choice of a victim, tried."""
    states = {frozenset(): 0}
    for key in trace:
        after = {}
        for held, misses in states.items():
            if key in held:
                choices = [(held, misses)]
            elif len(held) < size:
                choices = [(held | {key}, misses + 1)]
            else:
                choices = [(held - {gone} | {key}, misses + 1) for gone in held]
            for state, cost in choices:
                after[state] = min(cost, after.get(state, cost))
        states = after
    return min(states.values())


@given(st.lists(st.integers(0, 5), max_size=24), st.integers(1, 4))
@settings(max_examples=150)
def test_min_has_the_fewest_misses_of_all_choices(trace, size):
    assert len(trace) - hits("MIN", trace, size) == fewest_misses(trace, size)


@pytest.mark.parametrize("policy", ONLINE)
def test_no_policy_beats_min_and_each_is_beaten(policy):
    gaps = [
        hits("MIN", trace, 8) - hits(policy, trace, 8)
        for trace in (zipf(Random(seed), 300, keys=40) for seed in range(20))
    ]
    assert min(gaps) >= 0 and max(gaps) > 0


# The stack property and the anomaly -----------------------------------------------------------


@given(some, sizes)
@settings(max_examples=150)
def test_a_larger_lru_cache_holds_all_that_a_smaller_one_holds(trace, size):
    small, large = LRU(size), LRU(size + 1)
    for key in trace:
        small.use(key), large.use(key)
        assert set(small.entries) <= set(large.entries)
    assert hits("LRU", trace, size) <= hits("LRU", trace, size + 1)


@given(some, sizes)
@settings(max_examples=150)
def test_more_room_never_costs_min_a_hit(trace, size):
    assert hits("MIN", trace, size) <= hits("MIN", trace, size + 1)


def test_beladys_anomaly():
    """The reference string of 1969: nine misses with three frames, ten with four."""
    assert [12 - hits("FIFO", BELADY_1969, room) for room in (3, 4)] == [9, 10]
    assert [12 - hits("LRU", BELADY_1969, room) for room in (3, 4)] == [10, 8]
    small, large = FIFO(3), FIFO(4)
    inside = []
    for key in BELADY_1969:
        small.use(key), large.use(key)
        inside.append(set(small.entries) <= set(large.entries))
    assert not all(inside), "FIFO has no stack property"


# (policy, trace, room): one more entry costs a hit.
ANOMALIES = [
    ("CLOCK", [0, 0, 1, 1, 2, 3, 2], 2),
    ("SIEVE", [0, 0, 1, 1, 2, 3, 2], 2),
    ("LFU", [0, 0, 1, 2, 1, 2, 3, 0, 3, 0], 2),
]


@pytest.mark.parametrize("policy, trace, room", ANOMALIES)
def test_the_others_have_the_anomaly_too(policy, trace, room):
    assert hits(policy, trace, room + 1) < hits(policy, trace, room)


# Sleator and Tarjan -----------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["LRU", "FIFO", "CLOCK"])
@given(some, st.integers(1, 6), st.data())
@settings(max_examples=120)
def test_the_competitive_bound_holds(policy, trace, k, data):
    h = data.draw(st.integers(1, k))
    ours, best = (len(trace) - hits(p, trace, s) for p, s in ((policy, k), ("MIN", h)))
    assert ours * (k - h + 1) <= k * best + h * (k - h + 1)


@pytest.mark.parametrize("policy", ["LFU", "SIEVE"])
def test_two_policies_have_no_such_bound(policy):
    """After a set of 80, another one in a loop: every request misses, for as long as it goes on."""
    misses = []
    for rounds in (100, 200, 400):
        trace = [*range(80)] * 2 + [*range(100, 180)] * rounds
        misses.append(len(trace) - hits(policy, trace, 100))
        assert len(trace) - hits("MIN", trace, 100) == 160
    assert misses[1] - misses[0] == 100 * 80 and misses[2] - misses[1] == 200 * 80
    assert misses[2] > 100 * 160 + 100
    for kept in ("LRU", "FIFO", "CLOCK"):
        assert len(trace) - hits(kept, trace, 100) <= 180


def test_a_loop_reaches_the_bound():
    """k + 1 keys in a loop: LRU misses all, MIN one in k."""
    k, trace = 10, loop(6_000, 11)
    assert hits("LRU", trace, k) == 0
    assert 6_000 / (6_000 - hits("MIN", trace, k)) == pytest.approx(k, rel=0.02)


# What the page says ---------------------------------------------------------------------------


def test_lru_does_not_suit_loops():
    assert hits("LRU", loop(6_000), 100) == 0
    assert hits("LRU", loop(6_000), 120) == 6_000 - 120
    assert hits("MIN", loop(6_000), 100) / 6_000 == pytest.approx(99 / 119, abs=0.02)


def test_nobody_is_best_everywhere():
    rows = demo()
    best = {name: max(ONLINE, key=ratios.get) for name, ratios in rows.items()}
    assert best["Zipf, then others"] == "SIEVE" and best["sets of 80"] in ("LRU", "FIFO")
    assert rows["Zipf"]["SIEVE"] > rows["Zipf"]["LRU"] + 0.05
    assert rows["Zipf, then others"]["LFU"] < rows["Zipf, then others"]["FIFO"]
    assert rows["sets of 80"]["SIEVE"] < 0.1 < 0.75 < rows["sets of 80"]["LRU"]
    assert all(rows["loop of 120"][policy] == 0 for policy in ONLINE)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_is_not_the_seeds(seed):
    named = traces(seed + 7, 6_500)
    for name in ("Zipf", "Zipf and scans"):
        got = {policy: hits(policy, named[name], 100) for policy in POLICIES}
        assert got["FIFO"] < got["LRU"] < got["SIEVE"] < got["MIN"]
        assert got["FIFO"] < got["CLOCK"] < got["SIEVE"]


def test_the_hand_stays_behind_the_new_keys():
    """Why the sets of 80 are SIEVE's worst case: who came in the first set stays to the end."""
    cache, trace = SIEVE(100), phases(3_000)
    for key in trace:
        cache.use(key)
    assert {key for key in cache.visited if key < 80} == set(range(80))
    clock = CLOCK(100)
    for key in trace:
        clock.use(key)
    assert not {key for key in clock.visited if key < 80}


def test_a_set_that_fits_beside_the_old_one_is_learned():
    """Change it: sets of 20 are hit before the hand reaches them."""
    small = phases(6_000, keys=20)
    assert hits("SIEVE", small, 100) / 6_000 == 0.8


def test_a_clock_that_marks_new_keys_is_nearer_to_fifo():
    """Change it."""

    class Marked(CLOCK):
        def use(self, key):
            hit = super().use(key)
            self.visited[key] = True
            return hit

    for name in ("Zipf", "Zipf and scans"):
        cache, trace = Marked(100), traces()[name]
        got = sum(cache.use(key) for key in trace)
        assert hits("FIFO", trace, 100) < got < hits("CLOCK", trace, 100)


def test_lfu_that_halves_its_counts_forgets_the_old_favourites():
    """Change it."""

    class Ageing(LFU):
        asked = 0

        def use(self, key):
            self.asked += 1
            if self.asked % 1_000 == 0:
                self.count = {k: (n + 1) // 2 for k, n in self.count.items()}
                self.used = {}
                for k, n in self.count.items():
                    self.used.setdefault(n, OrderedDict())[k] = None
            return super().use(key)

    trace = shift(Random(1), 13_000)
    cache = Ageing(100)
    assert sum(cache.use(key) for key in trace) / len(trace) > hits("LFU", trace, 100) / len(trace) + 0.1


def test_the_traces_are_what_they_are_called():
    trace = scans(Random(3), 13_000)
    once = [key for key in trace if key >= 1_000_000]
    assert len(once) == len(set(once)) == 3_000
    assert set(phases(800)) == set(range(160)) and set(loop(240)) == set(range(120))


# What is refused --------------------------------------------------------------------------------


@given(some, sizes)
@settings(max_examples=30)
def test_a_trace_is_not_changed_and_counts_agree(trace, size):
    before = list(trace)
    for policy in POLICIES:
        assert sum(outcomes(policy, trace, size)) == hits(policy, iter(trace), size)
    assert trace == before
    assert MIN(size, trace).size == size


def test_what_cannot_be_asked_is_refused_in_one_sentence():
    for args, said in [
        (("ARC", [1], 2), "policy 'ARC': use one of FIFO, LRU, CLOCK, SIEVE, LFU, MIN"),
        (("LRU", [1], 0), "at least 1 entry, not 0"),
        (("LRU", [1], 2.5), "at least 1 entry, not 2.5"),
        (("LRU", [1, [2]], 2), r"request 1: \[2\] cannot be a key"),
    ]:
        with pytest.raises(ValueError, match=said):
            hits(*args)


def written(folder, text):
    path = folder / "trace.jsonl"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_is_judged(tmp_path, capsys):
    path = written(tmp_path, "\n".join(json.dumps(key) for key in [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, "é"]))
    assert judge(path, "3") == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "12 requests for 6 keys, room for 3"
    assert out[1] == "  MIN   4 hits, 33.3%"
    assert "  FIFO  2 hits, 16.7%" in out and "  LRU   2 hits, 16.7%" in out
    assert out[-1].endswith("has the most hits; 2 more are possible with the future known")
    assert load(path)[-1] == "é"


@pytest.mark.parametrize(
    "text, size, said",
    [
        ('"a"\n{"k": 1}\n', "", "trace.jsonl:2: this is not one key"),
        ('"a"\nb\n', "", "trace.jsonl:2: this is not one key"),
        ("1.5\n", "", "trace.jsonl:1: this is not one key"),
        ("true\n", "", "trace.jsonl:1: this is not one key"),
        ("[" * 100_000, "", "trace.jsonl:1: this is not one key"),
        ("\n\n", "", "there is no key in this file"),
        ("1\n", "two", "the size is a whole number, not two"),
        ("1\n", "0", "at least 1 entry, not 0"),
    ],
)
def test_a_file_that_is_no_trace_is_refused(tmp_path, capsys, text, size, said):
    assert judge(written(tmp_path, text), size) == 2
    out, err = capsys.readouterr()
    assert out == "" and said in err and err.count("\n") == 1


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert judge(str(tmp_path / "none.jsonl")) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_program_takes_a_file_by_its_name(tmp_path):
    path = written(tmp_path, "1\n2\n1\n")
    command = [sys.executable, "-m", "snippets.optimizations.cache_eviction", path, "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and "3 requests for 2 keys, room for 2" in done.stdout
