"""The attacks and controls of snippets/challenges/system_security.py."""

import hmac
import importlib.util
import inspect
import json
from dataclasses import dataclass, replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.challenges import system_security as program
from snippets.challenges.system_security import (
    ATTACKS,
    LADDER,
    Control,
    Node,
    Packet,
    ReplayCache,
    cache_size,
    forge_by_timing,
    hmac_by_hand,
    lowe,
    matrix,
    members,
    sealed,
    steps_of_all,
    steps_until_different,
)
from tools.pages import DOCS

FULL = LADDER[-1]
KEYS = st.binary(min_size=32, max_size=32)


def room(name):
    path = DOCS / "challenges" / "system-security" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"security_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# The matrix -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_the_outcome_of_every_attack_is_the_same_for_all_keys(seed):
    assert matrix(seed) == matrix(1)


def test_every_attack_works_on_the_plain_protocol_and_on_a_bare_hash():
    for outcome in matrix().values():
        assert outcome[:2] == [True, True]


@pytest.mark.parametrize(
    ("attack", "stopped_by"),
    [
        ("tamper", 2),
        ("forge outside", 2),
        ("forge inside", 3),
        ("reflect", 4),
        ("replay", 5),
        ("reorder", 5),
        ("read", 6),
        ("deny", 6),
        ("withhold", 6),
    ],
)
def test_an_attack_is_stopped_by_one_control_and_by_all_after_it(attack, stopped_by):
    assert matrix()[attack] == [True] * stopped_by + [False] * (len(LADDER) - stopped_by)


def test_a_control_stops_something_that_the_one_before_did_not():
    outcomes = list(zip(*matrix().values()))
    wins = [sum(column) for column in outcomes]
    assert wins == [9, 9, 7, 6, 5, 3]


def test_an_honest_packet_is_accepted_under_every_control():
    for control in LADDER:
        alice, bob, _ = members(control, Random(5)).values()
        for amount in (10, 20, 30):
            assert bob.receive(alice.send("bob", amount))
        assert [p.amount for p in bob.done] == [10, 20, 30]


def test_a_peer_without_a_key_cannot_be_sent_to():
    alice, *_ = members(FULL, Random(5)).values()
    with pytest.raises(ValueError, match="alice has no key for mallory"):
        alice.send("mallory", 10)


def test_a_lost_packet_does_not_stop_the_next_one():
    alice, bob, _ = members(FULL, Random(5)).values()
    alice.send("bob", 10)
    assert bob.receive(alice.send("bob", 20))


def test_a_stranger_has_no_key_and_is_refused():
    """Not even with the tag that an empty key gives."""
    for control in LADDER:
        _, bob, _ = members(control, Random(5)).values()
        assert not bob.receive(sealed(control, Packet("mallory", "bob", 1, 10), b""))


def test_a_packet_for_carol_is_refused_by_bob():
    for control in LADDER:
        alice, bob, _ = members(control, Random(5)).values()
        assert not bob.receive(alice.send("carol", 10))


@pytest.mark.parametrize(
    "weaker",
    [
        Control("no key", "hash", names=True, counter=True),
        Control("one key", "shared", names=True, counter=True),
        Control("no names", "pair", counter=True),
        Control("no counter", "pair", names=True),
    ],
    ids=lambda control: control.name,
)
def test_leaving_out_any_one_control_lets_an_attack_through(weaker):
    """"Change it": each rung of the ladder is needed."""
    through, full = (
        {attack.__name__ for attack in ATTACKS if attack(*members(control, Random(1)).values())}
        for control in (weaker, FULL)
    )
    assert through > full


@given(
    rng=st.randoms(use_true_random=False),
    amounts=st.lists(st.integers(0, 10**6), min_size=1, max_size=6),
)
def test_whatever_the_network_does_bob_acts_once_and_in_order(rng, amounts):
    """Any replay, loss, reordering and change: what Bob did is a subsequence of what Alice sent."""
    alice, bob, carol = members(FULL, Random(9)).values()
    wire = [alice.send("bob", amount) for amount in amounts]
    for _ in range(25):
        packet = wire[int(rng.random() * len(wire))]
        what = int(rng.random() * 6)
        if what == 1:
            packet = replace(packet, amount=packet.amount + 1)
        elif what == 2:
            packet = replace(packet, n=packet.n + 1)
        elif what == 3:
            packet = replace(packet, sender="carol")
        elif what == 4:
            packet = sealed(FULL, packet, carol.keys["bob"])
        elif what == 5:
            packet = replace(packet, tag=packet.tag[:-1] + "0")
        bob.receive(packet)
        sent = iter(wire)
        assert all(done in sent for done in bob.done), "not a subsequence"


def test_that_property_fails_without_the_counter():
    """The check above is able to fail."""
    control = LADDER[-2]
    alice, bob, _ = members(control, Random(9)).values()
    wire = [alice.send("bob", 1), alice.send("bob", 2)]
    for packet in (wire[1], wire[0]):
        assert bob.receive(packet)
    sent = iter(wire)
    assert not all(done in sent for done in bob.done)


@dataclass
class Hasty(Node):
    """The broken variant of "Change it": the counter moves before the tag is checked."""

    def receive(self, packet):
        if packet.n <= self.last.get(packet.sender, 0):
            return False
        self.last[packet.sender] = packet.n
        right = sealed(self.control, packet, self.keys[packet.sender])
        return hmac.compare_digest(packet.tag, right.tag)


@pytest.mark.parametrize(("kind", "still_served"), [(Node, True), (Hasty, False)])
def test_a_forged_number_must_not_move_the_counter(kind, still_served):
    alice, bob, _ = members(FULL, Random(5)).values()
    bob = kind(bob.name, bob.control, bob.keys)
    assert not bob.receive(Packet("alice", "bob", 10**9, 1, "forged"))
    assert bob.receive(alice.send("bob", 10)) == still_served


# HMAC -------------------------------------------------------------------------------


@given(key=st.binary(max_size=200), text=st.binary(max_size=300))
def test_hmac_by_hand_is_the_librarys(key, text):
    assert hmac_by_hand(key, text) == hmac.digest(key, text, "sha256")


def test_every_row_of_the_paper_table_holds():
    rows = room("measured").paper()
    assert len(rows) == 9
    for row in rows:
        assert row.holds(), row


def test_a_vector_with_one_wrong_digit_would_be_noticed():
    row = room("measured").paper()[0]
    assert not replace(row, said=row.said[:-1] + "0").holds()


@given(key=KEYS, amount=st.integers(0, 10**9), other=st.integers(0, 10**9))
def test_another_amount_has_another_tag(key, amount, other):
    one, two = (sealed(FULL, Packet("a", "b", 1, n), key).tag for n in (amount, other))
    assert (one == two) == (amount == other)


def test_fields_that_are_run_together_can_be_moved_and_json_keeps_them_apart():
    """The inline block of the page."""
    assert "".join(["bob", "10"]) == "".join(["bob1", "0"])
    assert json.dumps(["bob", "10"]) != json.dumps(["bob1", "0"])


def test_a_hundred_nodes_need_4950_keys():
    assert len(list(combinations(range(100), 2))) == 4950


# Timing -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_a_comparison_that_stops_early_gives_the_tag_away(seed):
    right = Random(seed).getrandbits(256).to_bytes(32, "big")
    found, tried = forge_by_timing(right, steps_until_different)
    assert found == right
    assert tried <= 32 * 256


@pytest.mark.parametrize("seed", range(12))
def test_a_comparison_that_looks_at_every_byte_gives_nothing_away(seed):
    right = Random(seed).getrandbits(256).to_bytes(32, "big")
    found, tried = forge_by_timing(right, steps_of_all)
    assert found != right
    assert tried == 32 * 256


@given(a=KEYS, b=KEYS)
def test_the_two_comparisons_differ_in_their_steps_only(a, b):
    assert steps_of_all(a, b) == 32
    same = next((i for i in range(32) if a[i] != b[i]), 32)
    assert steps_until_different(a, b) == min(same + 1, 32)


# The replay cache -------------------------------------------------------------------


@given(
    window=st.integers(1, 50),
    ahead=st.integers(-60, 60),
    arrivals=st.lists(st.integers(0, 200), min_size=1, max_size=12),
)
def test_a_nonce_is_accepted_at_most_once_whenever_it_comes(window, ahead, arrivals):
    """One stamped packet, delivered at any times: the cache never takes it twice."""
    cache = ReplayCache(window)
    taken = [cache.accept(now, arrivals[0] + ahead, "n") for now in sorted(arrivals)]
    assert sum(taken) <= 1


def test_the_naive_cache_takes_a_replay_of_a_clock_that_is_ahead():
    for naive in (True, False):
        cache = ReplayCache(30, naive)
        assert cache.accept(0, stamped_s=5, nonce="a")
        assert cache.accept(31, stamped_s=5, nonce="a") == naive


def test_without_a_cache_a_window_alone_lets_replays_in():
    """Limits: inside the window the stamp says nothing."""
    fresh = [ReplayCache(30).accept(now, stamped_s=0, nonce="a") for now in (0, 10, 29)]
    assert fresh == [True, True, True]
    assert not ReplayCache(30).accept(31, stamped_s=0, nonce="a")


def test_a_clock_off_by_more_than_the_window_is_refused_though_honest():
    for off in (-31, 31):
        assert not ReplayCache(30).accept(100, 100 + off, "a")


def test_the_cache_forgets_what_has_left_the_window():
    cache = ReplayCache(30)
    for now in range(0, 1000, 10):
        assert cache.accept(now, now, str(now))
        assert len(cache.kept) <= 4


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("rate", "window", "ahead", "delay"), [(100, 30, 5, 0.05), (50, 10, 0, 2), (100, 5, -2, 0.1)])
def test_the_cache_holds_what_littles_law_says(rate, window, ahead, delay, seed):
    expected = rate * (window + ahead - delay)
    got = cache_size(rate, window, ahead, delay, Random(seed))
    # The count is Poisson; about 40 windows are about 20 to 40 independent looks at it.
    assert got == pytest.approx(expected, abs=4 * (expected / 20) ** 0.5)


@pytest.mark.parametrize(("rate", "window"), [(0, 30), (100, 0)])
def test_a_stream_without_rate_or_window_is_refused(rate, window):
    with pytest.raises(ValueError, match="must be above zero"):
        cache_size(rate, window, 0, 0, Random(1))


def test_the_share_of_honest_packets_refused_follows_the_clocks():
    refused = room("measured").refused
    for window in (5, 15, 30):
        assert refused(window) == pytest.approx(max(0, 1 - window / 20))


# Needham-Schroeder ------------------------------------------------------------------


def test_the_search_finds_lowes_attack():
    attack, _ = lowe(fixed=False)
    assert [line.split(" sends ")[-1] for line in attack[:-1]] == [
        "('I', '1', 'Na', 'A')",
        "('A', '2', 'Na', 'Nb')",
        "('I', '3', 'Nb')",
    ]
    assert attack[-1] == "B gets ('B', '3', 'Nb'), believes A"


def test_with_bs_name_in_message_two_there_is_no_attack():
    attack, states = lowe(fixed=True)
    assert attack == ()
    assert states > 20  # the search went somewhere


def test_a_name_that_nobody_reads_protects_nobody():
    """"Change it": the repair is the check, not the field."""
    source = inspect.getsource(lowe)
    assert source.count("not fixed or m[4] == a[1]") == 1
    space = dict(vars(program))
    exec(source.replace("not fixed or m[4] == a[1]", "True"), space)
    attack, _ = space["lowe"](fixed=True)
    assert attack[-1].endswith("believes A")


def test_no_attack_is_shorter_than_lowes():
    """Breadth first: four steps is the minimum."""
    assert len(lowe(fixed=False)[0]) == 4


def test_the_paper_rows_would_notice_a_wrong_repair(monkeypatch):
    """Broken variant: a repair that A does not check is no repair."""
    rows = {row.claim: row.got for row in room("measured").paper()[-2:]}
    assert sorted(rows.values()) == ["B takes I for A", "no attack"]
    real = program.lowe
    monkeypatch.setattr(program, "lowe", lambda fixed: real(False))
    assert not all(row.holds() for row in room("measured").paper()[-2:])
