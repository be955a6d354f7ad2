"""The loop of snippets/concepts/characteristics.py: its laws, and the runs that break them."""

import runpy
import struct
from itertools import pairwise
from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.concepts import characteristics as program
from snippets.concepts.characteristics import (
    ACCOUNTS,
    CENTS,
    REQUESTS,
    TRAITS,
    Client,
    Server,
    books,
    kept,
    kept_expected,
    pack,
    rtt_floor_ms,
    run,
    summary,
)
from snippets.simnet import Send, SetTimer, Simulation, uniform
from tools.programs import ROOT

MENDED = [("none", False)] + [(trait, True) for trait in TRAITS[1:]]


def keep_books(nodes):
    """Answered <= booked <= sent: nothing acknowledged is lost, nothing booked is invented."""
    answered, booked, sent = books(nodes)
    assert answered <= booked, f"{answered} cents were acknowledged, {booked} are booked"
    assert booked <= sent, f"{booked} cents are booked, {sent} were sent"


def seen(sim):
    kinds = ("sent", "received", "timeout")
    return [event[:5] for event in sim.trace if event.node == "client" and event.kind in kinds]


# The loop -----------------------------------------------------------------------------


@pytest.mark.parametrize("trait, mended", MENDED)
def test_the_books_balance_after_every_event_of_a_mended_run(trait, mended):
    run(trait, mended, check=keep_books)


def test_the_books_balance_whether_the_request_or_the_reply_is_lost():
    for lost in ("request", "reply"):
        run("independent", mended=True, lost=lost, check=keep_books)


@pytest.mark.parametrize(
    "trait, breach", [("heterogeneous", "were sent"), ("dynamic", "acknowledged")]
)
def test_the_bare_run_breaks_the_books(trait, breach):
    with pytest.raises(AssertionError, match=breach):
        run(trait, check=keep_books)


def test_one_room_of_equal_machines_answers_everything():
    row = summary("none")
    assert (row.right, row.wrong, row.silent, row.unasked) == (REQUESTS, 0, 0, 0)
    assert row.booked == REQUESTS * CENTS


@given(st.integers(1, 50), st.integers(1, ACCOUNTS), st.randoms(use_true_random=False))
def test_every_delay_and_window_gives_the_same_books(high_ms, window, rng):
    """Deposits commute, so only the wait depends on the network while nothing fails."""
    sim = Simulation(rng, delay=uniform(1, high_ms))
    for name in ("S1", "S2", "S3"):
        sim.add(Server(name))
    sim.add(Client("client", ["S1", "S2", "S3"], window=window))
    sim.run(until_ms=REQUESTS * 2 * high_ms, check=keep_books)
    assert books(sim.nodes) == (3600, 3600, 3600)


# Geographic ---------------------------------------------------------------------------


def test_no_answer_comes_before_the_floor():
    row = summary("geographic")
    assert row.wait_ms >= rtt_floor_ms(5570)
    assert row.wait_ms == 2 * ceil(rtt_floor_ms(5570) / 2)


def test_a_window_shortens_the_whole_and_not_the_wait():
    bare, mended = summary("geographic"), summary("geographic", mended=True)
    assert mended.wait_ms == bare.wait_ms
    assert mended.end_ms * ACCOUNTS == bare.end_ms


@given(st.floats(0, 40_000), st.floats(1, 2))
def test_the_floor_is_the_distance_there_and_back_at_the_speed_in_the_glass(km, index):
    assert rtt_floor_ms(km, index) * 299.792458 / index / 2 == pytest.approx(km)
    assert rtt_floor_ms(km) >= rtt_floor_ms(km, index=1)


def test_new_york_to_london():
    assert rtt_floor_ms(5570) == pytest.approx(54.5, abs=0.05)
    assert rtt_floor_ms(5570, index=1) == pytest.approx(37.2, abs=0.05)
    assert 100 // rtt_floor_ms(5570) == 1  # one trip in a tenth of a second


# Independent --------------------------------------------------------------------------


def test_without_a_timeout_one_dead_server_stops_the_work_of_all():
    sim = run("independent")
    assert len(sim.nodes["client"].answers) == 19
    assert sim.nodes["client"].sent == 20
    sim.run(until_ms=10**6)  # waiting longer does not help
    assert sim.nodes["client"].sent == 20


def test_with_a_timeout_exactly_the_accounts_of_the_dead_server_are_unknown():
    client = run("independent", mended=True).nodes["client"]
    assert client.sent == REQUESTS
    assert {number % ACCOUNTS % 3 for number in client.unknown} == {1}
    assert len(client.unknown) + len(client.answers) == REQUESTS


def test_the_client_cannot_tell_a_lost_request_from_a_lost_reply():
    request, reply = (run("independent", mended=True, lost=lost) for lost in ("request", "reply"))
    assert seen(request) == seen(reply)
    assert (
        sum(reply.nodes["S2"].balances.values()) - sum(request.nodes["S2"].balances.values())
        == CENTS
    )


def test_a_shorter_timeout_gives_up_servers_that_are_well():
    """Change it: five milliseconds are less than a slow answer takes."""
    sim = Simulation(Random(3), delay=uniform(1, 6))
    for name in ("S1", "S2", "S3"):
        sim.add(Server(name))
    sim.add(Client("client", ["S1", "S2", "S3"], timeout_ms=5))
    sim.run(until_ms=1000, check=keep_books)
    client = sim.nodes["client"]
    assert client.unknown and client.sent == REQUESTS
    assert books(sim.nodes)[1] == REQUESTS * CENTS  # all were booked, also those given up


def test_an_answer_after_its_timeout_is_ignored():
    client = Client("client", ["S1"], timeout_ms=5)
    assert client.start() == [Send("S1", pack("<", 0, CENTS)), SetTimer("0", 5)]
    assert client.timeout("0") == [Send("S1", pack("<", 1, CENTS)), SetTimer("1", 5)]
    assert client.receive("S1", pack("<", 0, CENTS)) == []
    assert client.answers == {}


# Heterogeneous ------------------------------------------------------------------------


def test_the_first_two_balances_look_right_and_the_carry_gives_it_away():
    nodes = run("heterogeneous").nodes
    assert [nodes["client"].answers[number] for number in (2, 14, 26)] == [100, 200, 44]
    assert nodes["S3"].balances[2] == int.from_bytes((44).to_bytes(4, "little"), "big")


@given(st.integers(1, 255), st.integers(1, 255))
def test_two_deposits_survive_the_wrong_order_exactly_when_no_byte_carries(first, second):
    server = Server("S3", order=">")
    for number, cents in ((0, first), (ACCOUNTS, second)):
        (reply,) = server.receive("client", pack("<", number, cents))
    _, read = struct.unpack("<BI", reply.message)
    assert (read == first + second) == (first + second < 256)


@given(st.integers(0, 255), st.integers(0, 2**32 - 1), st.sampled_from("<>"))
def test_one_agreed_order_is_read_as_written(number, cents, order):
    assert struct.unpack(order + "BI", pack(order, number, cents)) == (number, cents)


def test_a_fixed_layout_does_not_know_a_new_field():
    with pytest.raises(struct.error):
        struct.unpack("<BI", pack("<", 0, 100) + b"\x03")


# Dynamic ------------------------------------------------------------------------------


def test_what_the_newcomer_was_not_given_is_gone():
    bare, mended = run("dynamic").nodes, run("dynamic", mended=True).nodes
    assert books(bare)[0] - books(bare)[1] == sum(bare["S2"].balances.values()) == 6 * CENTS
    assert books(mended)[1] == REQUESTS * CENTS


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_copies_without_repair_follow_the_formula(copies):
    """The mean over 40 seeds; one run of 100 keys strays by several points."""
    for steps in (50, 150, 300):
        mean = sum(kept(100, copies, steps, 0, Random(seed))[-1] for seed in range(40)) / 40
        assert mean == pytest.approx(kept_expected(100, copies, steps), abs=0.02)


def test_one_copy_without_repair_is_the_chance_never_to_be_hit():
    for steps in (1, 10, 300):
        assert kept_expected(100, 1, steps) == pytest.approx(0.99**steps)


def test_two_copies_repaired_at_once_lose_nothing_and_one_copy_is_not_repaired():
    for seed in range(10):
        assert kept(100, 2, 200, 1, Random(seed)) == [1.0] * 200
        assert kept(100, 1, 200, 1, Random(seed)) == kept(100, 1, 200, 0, Random(seed))


def test_slower_repair_loses_more():
    """Change it: the mean over seeds, with two copies."""
    means = [
        sum(kept(100, 2, 200, gap, Random(seed))[-1] for seed in range(20)) / 20
        for gap in (1, 10, 20, 40)
    ]
    assert means[0] == 1.0
    assert all(later < earlier - 0.05 for earlier, later in pairwise(means))


@given(st.randoms(use_true_random=False), st.integers(1, 4), st.integers(0, 5))
def test_a_lost_key_stays_lost(rng, copies, gap):
    left = kept(8, copies, 40, gap, rng)
    assert left == sorted(left, reverse=True)
    assert all(0 <= share <= 1 for share in left)


# The page -----------------------------------------------------------------------------


def test_the_demo_is_one_plain_run_and_eight_others():
    rows = program.demo()
    assert [(row.trait, row.mended) for row in rows][:3] == [
        ("none", False),
        ("geographic", False),
        ("geographic", True),
    ]
    assert len(rows) == 9
    assert all(row.right + row.wrong + row.silent + row.unasked == REQUESTS for row in rows)


def test_each_bare_characteristic_has_a_trouble_of_its_own_kind():
    rows = {row.trait: row for row in program.demo() if not row.mended}
    assert rows["geographic"].wait_ms > rows["none"].wait_ms
    assert rows["independent"].unasked and not rows["none"].unasked
    assert rows["heterogeneous"].wrong and not rows["heterogeneous"].silent
    assert rows["dynamic"].wrong and not rows["dynamic"].silent


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: run("homogeneous"), "unknown 'homogeneous'"),
        (lambda: rtt_floor_ms(-1), "no light travels"),
        (lambda: rtt_floor_ms(10, index=0.9), "no light travels"),
        (lambda: kept(3, 4, 1, 0, Random(0)), "4 copies do not fit"),
    ],
)
def test_a_wrong_argument_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_change_it_a_local_timeout_on_a_long_line_gives_up_everything():
    hop_ms = ceil(rtt_floor_ms(5570) / 2)
    sim = Simulation(Random(1), delay=uniform(hop_ms, hop_ms))
    for name in ("S1", "S2", "S3"):
        sim.add(Server(name))
    sim.add(Client("client", ["S1", "S2", "S3"], timeout_ms=20))
    sim.run(until_ms=5000, check=keep_books)
    assert books(sim.nodes) == (0, REQUESTS * CENTS, REQUESTS * CENTS)
    assert len(sim.nodes["client"].unknown) == REQUESTS


def test_change_it_small_deposits_hide_the_wrong_order(monkeypatch):
    monkeypatch.setattr(program, "CENTS", 50)
    row = summary("heterogeneous")
    assert (row.right, row.wrong) == (REQUESTS, 0)
    assert row.booked > 10**9


def test_the_rows_of_the_page_hold():
    """Agreement where the page says agreement, and the one difference where it says why."""
    rows = runpy.run_path(str(ROOT / "docs/concepts/characteristics/measured.py"))["paper"]()
    assert [row.claim for row in rows if not row.holds()] == []
    (measured,) = [row for row in rows if row.differs]
    assert measured.got < measured.said  # a cable is slower than the floor
