from random import Random

from exercise import allow

from snippets.optimizations.rate_limiting import GCRA


def test_a_weight_of_one_is_the_gate_itself():
    """Nothing changes for the requests there were."""
    rng, mine, plain, now_ms = Random(1), GCRA(100, 5), GCRA(100, 5), 0
    for _ in range(500):
        now_ms += int(rng.random() * 150)
        assert allow(mine, now_ms, 1) == plain.allow(now_ms)


def test_a_refused_request_takes_nothing():
    """Eight of ten are gone. Eight more are refused, and two still fit."""
    gate = GCRA(100, 10)
    assert [allow(gate, 0, weight) for weight in (8, 8, 2)] == [True, False, True]


def test_the_weight_counts_in_full():
    """In no span passes more than the burst and what was gained in it."""
    rng, gate, now_ms, passed = Random(2), GCRA(100, 10), 0, []
    for _ in range(400):
        now_ms += int(rng.random() * 200)
        weight = 1 + int(rng.random() * 10)
        if allow(gate, now_ms, weight):
            passed.append((now_ms, weight))
    for first in range(len(passed)):
        total = 0
        for at_ms, weight in passed[first:]:
            total += weight
            assert total <= 10 + (at_ms - passed[first][0]) / 100


def test_what_can_never_pass_is_refused_with_a_reason():
    """A weight above the burst, or below 1, is a mistake of the caller."""
    for weight in (0, 11):
        try:
            allow(GCRA(100, 10), 0, weight)
        except ValueError:
            continue
        raise AssertionError(f"weight {weight} was let through to a decision")
