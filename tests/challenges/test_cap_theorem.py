"""CAP by enumeration, checked by another checker; PACELC by runs, checked after every event."""

from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.challenges import cap_theorem as program
from snippets.challenges.cap_theorem import (
    DESIGNS,
    READ,
    REGIONS,
    WORLDS,
    WRITE,
    Client,
    Read,
    Region,
    Reply,
    Write,
    available,
    consistent,
    count_policies,
    demo,
    history,
    measure,
    operations,
    run,
    stale,
)
from snippets.concepts.linearizability import linearizable
from snippets.simnet import Send

# The theorem ---------------------------------------------------------------------------------


def as_operations(seen):
    """For the checker: an error did nothing, what waits never returned."""
    ops = []
    for at, (node, asked, answered) in enumerate(seen):
        if answered == "error":
            continue
        op = {"p": node, "f": asked, "inv": 10 * at, "ret": 10 * at + 5}
        if answered == "wait":
            op["ret"] = None
        if asked == "write":
            op["arg"] = 1 if node == "A" else 2
        else:
            op["res"] = None if answered == "nothing" else answered
        ops.append(op)
    return ops


def test_consistent_is_linearizable():
    """On every history of every policy behind a cut."""
    verdicts = set()
    for wa, wb, ra, rb in product(WRITE, WRITE, READ, READ):
        answers = {("A", "write"): wa, ("B", "write"): wb, ("A", "read"): ra, ("B", "read"): rb}
        for world in WORLDS:
            seen = history(lambda node, asked, _, table=answers: table[node, asked], world)
            verdicts.add(verdict := consistent(seen))
            assert verdict is linearizable(as_operations(seen)), seen
    assert verdicts == {True, False}


def test_behind_a_cut_no_policy_is_both():
    """Gilbert and Lynch 2002, theorem 1."""
    total, answering, right, both = count_policies(cut=True)
    assert total == 3 * 3 * 5 * 5 and both == 0
    assert answering == 3 * 3, "both writes ok, each read one of three values"
    assert right > 0


def test_with_the_link_exactly_one_policy_is_both():
    total, answering, right, both = count_policies(cut=False)
    assert total == 3 * 3 * 25 * 25 and answering == 9 * 9 and both == 1 < right


def test_a_node_that_sees_through_the_cut_would_disprove_it():
    """Planted: the enumeration can find a policy that is both, if there is one."""

    def psychic(node, asked, knows):
        return "ok" if asked == "write" else knows or "nothing"

    runs = [history(psychic, world) for world in WORLDS]
    assert all(map(available, runs)) and all(map(consistent, runs))


def test_every_world_is_needed_or_harmless():
    """Without the worlds in which somebody writes, answering nothing would be both."""
    quiet = [world for world in WORLDS if "write" not in world]
    runs = [history(lambda *_: "nothing", world) for world in quiet]
    assert runs and all(map(available, runs)) and all(map(consistent, runs))


# The store -----------------------------------------------------------------------------------


def always_linearizable(nodes):
    ops = [op for node in nodes.values() if isinstance(node, Client) for op in node.log]
    assert linearizable(ops), "no order explains the reads"


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(["", "Tokyo", "London", "New York"]))
def test_pc_ec_is_linearizable_after_every_event_cut_or_not(rng, cut):
    run(rng, "C", "C", cut=cut, todo=3, jitter_ms=20, check=always_linearizable)


@pytest.mark.parametrize(
    ("design", "cut"),
    [("PA/EL", ""), ("PC/EL", ""), ("PA/EL", "Tokyo"), ("PA/EC", "Tokyo"), ("PC/EL", "Tokyo")],
)
def test_the_other_designs_trip_that_check(design, cut):
    with pytest.raises(AssertionError, match="no order"):
        for seed in range(20):
            run(Random(seed), *DESIGNS[design], cut=cut, check=always_linearizable)


def test_a_region_keeps_the_largest_stamp_and_passes_on_what_is_new():
    region = Region("London")
    news = Write(3, (5, "a"), "x")
    assert region.receive("at London", news) == [
        Send("at London", Reply(3, (5, "a"), "x")),
        Send("New York", Write(0, (5, "a"), "x")),
        Send("Tokyo", Write(0, (5, "a"), "x")),
    ]
    assert region.receive("Tokyo", Write(0, (4, "b"), "old")) == []
    assert region.receive("at London", Read(4)) == [Send("at London", Reply(4, (5, "a"), "x"))]


def test_a_cut_shows_who_refuses_and_who_answers():
    for seed in range(10):
        for name, policy in DESIGNS.items():
            for op in operations(run(Random(seed), *policy, cut="Tokyo")):
                refused = op["ret"] is None
                far = name == "PC/EC" or (name == "PC/EL" and op["f"] == "write")
                assert refused == (far and op["p"] == "at Tokyo")


def healed(sim):
    sim.heal()
    sim.run(until_ms=sim.now_ms + 1_000)
    return len({sim.nodes[name].stamp for name in REGIONS}) == 1


def test_after_the_cut_all_regions_agree_again():
    for seed in range(10):
        for policy in DESIGNS.values():
            assert healed(run(Random(seed), *policy, cut="Tokyo"))


def test_regions_that_never_repeat_themselves_stay_apart(monkeypatch):
    monkeypatch.setattr(Region, "timeout", lambda self, timer: [])
    assert not all(healed(run(Random(seed), "A", "L", cut="Tokyo")) for seed in range(10))


def test_a_read_is_stale_only_if_the_newer_write_had_returned():
    write = {"f": "write", "inv": 0, "ret": 10, "stamp": (0, "a")}
    read = {"f": "read", "inv": 11, "ret": 12, "stamp": (0, "")}
    assert stale([write, read]) == 1
    assert stale([write, read | {"inv": 10}]) == 0
    assert stale([write | {"ret": None}, read]) == 0
    assert stale([write, read | {"stamp": (0, "a")}]) == 0


def test_no_design_has_everything_on_the_cut_network_and_pacelc_holds_on_the_whole():
    whole, cut = demo("", runs=25), demo("Tokyo", runs=25)
    assert all((cut[name]["refused"] > 0) == name.startswith("PC") for name in DESIGNS)
    assert all(cut[name]["stale"] > 0 for name in DESIGNS if name != "PC/EC")
    assert cut["PC/EC"]["stale"] == 0
    for name, row in whole.items():
        assert row["refused"] == 0
        local = name.endswith("EL")
        assert (row["read_ms"] < 20) == local == (row["stale"] > 0)


# Change it -----------------------------------------------------------------------------------


def test_an_impatient_client_cuts_a_network_that_is_whole():
    def many(patience_ms):
        return [
            operations(run(Random(seed), "A", "C", patience_ms=patience_ms, jitter_ms=10))
            for seed in range(60)
        ]

    hasty, calm = many(40), many(400)
    assert any(linearizable(ops) is False for ops in hasty)
    assert all(linearizable(ops) for ops in calm)
    assert not any(op["home"] for ops in calm for op in ops)
    assert measure(calm)["read_ms"] > measure(hasty)["read_ms"]


def test_cutting_off_the_primary_refuses_the_two_others():
    histories = [operations(run(Random(s), "C", "C", cut="New York")) for s in range(10)]
    assert measure(histories)["refused"] == pytest.approx(2 / 3)
    assert all(linearizable(ops) for ops in histories)


def test_the_distances_are_those_of_light_in_glass():
    from snippets.concepts.characteristics import rtt_floor_ms

    for km, ends in (
        (5_570, ("London", "New York")),
        (10_850, ("New York", "Tokyo")),
        (9_560, ("London", "Tokyo")),
    ):
        assert program.ONE_WAY_MS[ends] == pytest.approx(rtt_floor_ms(km) / 2, abs=0.5)
