"""tools.measure: verdicts by their sign, and rows that neither agree nor differ by accident."""

from fractions import Fraction

import pytest

from tools.measure import CHALLENGES, Effect, Paper


def effect(without, with_it, better):
    return Effect("system-performance", "a measure", without, with_it, better)


def paper(said, got, **more):
    return Paper("lamport1978time", "section 1", "a claim", said, got, **more)


@pytest.mark.parametrize(
    "without, with_it, better, verdict",
    [
        (100, 50, "lower", "helps"),
        (100, 50, "higher", "hurts"),
        (50, 100, "lower", "hurts"),
        (50, 100, "higher", "helps"),
        (-50, -100, "lower", "helps"),
        (-50, -100, "higher", "hurts"),
        (-1, 1, "higher", "helps"),
        (0, 0.001, "lower", "hurts"),
        (0.001, 0, "lower", "helps"),
        (0, 0, "lower", "no change"),
        (100, 100, "higher", "no change"),
        (100, 95, "lower", "no change"),  # a twentieth of the larger, exactly
        (95, 100, "lower", "no change"),
        (100, 94, "lower", "helps"),
        (94, 100, "lower", "hurts"),
        (-100, -95, "higher", "no change"),
        (-100, -94, "higher", "helps"),
    ],
)
def test_a_verdict(without, with_it, better, verdict):
    assert effect(without, with_it, better).verdict == verdict


@pytest.mark.parametrize("challenge", CHALLENGES)
def test_every_challenge_is_known(challenge):
    assert Effect(challenge, "a measure", 1, 2, "higher").verdict == "helps"


@pytest.mark.parametrize("challenge", ["hunger", "", "System-Performance"])
def test_an_unknown_challenge(challenge):
    with pytest.raises(ValueError, match=f"unknown challenge '{challenge}': use one of"):
        Effect(challenge, "a measure", 1, 2, "lower")


def test_an_unknown_direction():
    with pytest.raises(ValueError, match="better is 'more': use 'lower' or 'higher'"):
        effect(1, 2, "more")


AGREES = [
    (5, 5, 0),
    (5, 5.0, 0),
    (0.3, 0.1 + 0.2, 0),  # the rounding of binary fractions
    (Fraction(1, 3), 1 / 3, 0),
    (5, 5.5, 0.5),
    (5, 4.5, 0.5),
    (0, 0, 0),
    ((1, 2), 1, 0),  # a range, with its ends
    ((1, 2), 2, 0),
    ((1, 2), 1.5, 0),
    ((1, 2), 0.75, 0.25),
    ((1, 2), 2.25, 0.25),
    ((1, 2), (1, 2), 0),  # a pair that must be equal
    ((1, 2, 3), (1, 2, 3), 0),
    ("linearizable", "linearizable", 0),
    (None, None, 0),
]
DISAGREES = [
    (5, 5.001, 0),
    (5, 5.6, 0.5),
    (5, 4.4, 0.5),
    (0, 1e-9, 0),
    (5, "5", 0),
    (5, float("nan"), 1),
    ((1, 2), 0.9, 0),
    ((1, 2), 2.1, 0),
    ((1, 2), 2.3, 0.25),
    ((1, 2), (1, 3), 0),
    ((1, 2), (2, 1), 5),
    ((1, 2, 3), 2, 0),
    ((1, 2, 3), (1, 2), 0),
    ("linearizable", "causal", 0),
    (None, 0, 0),
]


@pytest.mark.parametrize("said, got, tolerance", AGREES)
def test_an_agreement_holds_and_a_difference_it_claims_does_not(said, got, tolerance):
    assert paper(said, got, tolerance=tolerance).agrees()
    assert paper(said, got, tolerance=tolerance).holds()
    assert not paper(said, got, tolerance=tolerance, differs="we lose no messages").holds()


@pytest.mark.parametrize("said, got, tolerance", DISAGREES)
def test_a_disagreement_holds_only_with_a_reason(said, got, tolerance):
    assert not paper(said, got, tolerance=tolerance).agrees()
    assert not paper(said, got, tolerance=tolerance).holds()
    assert paper(said, got, tolerance=tolerance, differs="we lose no messages").holds()
