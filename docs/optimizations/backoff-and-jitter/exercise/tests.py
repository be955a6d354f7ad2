from random import Random

from exercise import waits

from snippets.optimizations.backoff_and_jitter import full_jitter


def test_without_a_tight_deadline_nothing_changes():
    """With an hour to go there is one wait between two tries, as before."""
    rng = Random(3)
    assert waits(Random(3), 5, 3_600_000) == [full_jitter(rng, n, 0.0) for n in range(1, 5)]


def test_no_try_comes_after_the_deadline():
    """The waits of a client add up to the deadline at most."""
    assert all(sum(waits(Random(seed), 10, 300)) <= 300 for seed in range(200))


def test_a_wait_is_never_shortened():
    """Each wait is the one that was drawn; otherwise all clients come back at the deadline."""
    for seed in range(200):
        rng = Random(seed)
        found = waits(Random(seed), 10, 300)
        assert found == [full_jitter(rng, n, 0.0) for n in range(1, len(found) + 1)]


def test_the_first_wait_that_does_not_fit_is_the_end():
    """Nothing is tried after it: the next wait that was drawn would pass the deadline."""
    for seed in range(200):
        rng = Random(seed)
        drawn = [full_jitter(rng, n, 0.0) for n in range(1, 10)]
        found = waits(Random(seed), 10, 300)
        if len(found) < len(drawn):
            assert sum(found) + drawn[len(found)] > 300
