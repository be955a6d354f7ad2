from itertools import product

from exercise import outcome

from snippets.concepts.two_phase_commit import reachable, with_crash


def situations():
    """(answers, outcomes that some state with these answers still allows), for three managers.

    M1 is prepared and asks; M2 and M3 answer or do not. A working manager that is asked refuses.
    """
    allowed = {}
    for state in reachable(3, with_crash)[0]:
        if state.managers[0] != "prepared":
            continue
        for answer in product((True, False), repeat=2):
            answers = tuple(
                each if said else None for each, said in zip(state.managers[1:], answer, strict=True)
            )
            known = {*state.managers, state.coordinator} & {"committed", "aborted"}
            if "working" in answers:
                known = {"aborted"}
            allowed.setdefault(answers, []).append(known or {"committed", "aborted"})
    return allowed


def test_no_state_contradicts_the_decision():
    """For some state of the system in which the managers answer this, another has decided
    otherwise, or the coordinator has. A prepared manager that is alone cannot tell them apart."""
    for answers, states in situations().items():
        decided = outcome(answers)
        for possible in states:
            assert decided is None or decided in possible, f"{answers}: {decided} may be wrong"


def test_one_who_knows_is_enough():
    """Whoever has committed or aborted has heard the decision."""
    assert outcome(("committed", None)) == "committed"
    assert outcome(("prepared", "aborted")) == "aborted"


def test_one_who_has_promised_nothing_is_enough():
    """Nobody can have been told to commit, and it will refuse from now on."""
    assert outcome(("working", None)) == "aborted"


def test_all_prepared_have_to_wait():
    """Nobody here knows what the coordinator decided before it crashed."""
    assert outcome(("prepared", "prepared")) is None
    assert outcome((None, None)) is None
