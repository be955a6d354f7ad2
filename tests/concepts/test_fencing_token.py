"""Fencing tokens: no old holder writes over a newer one, and nothing acknowledged is lost."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.concepts.fencing_token import (
    CARE,
    FENCES,
    HARD,
    Acquire,
    Busy,
    Client,
    Done,
    Granted,
    Lock,
    Read,
    Refused,
    Release,
    Storage,
    Value,
    Write,
    backwards,
    contend,
    demo,
    lost,
    orders,
    trouble,
)
from snippets.simnet import Note, Send, SetTimer, Simulation

BOTH = "reads and writes"


def never_backwards(nodes):
    applied = nodes["store"].applied
    assert not backwards(applied), f"old over new: {applied}"


def nothing_lost(nodes):
    """Every increment that was acknowledged is in the counter."""
    assert lost(nodes) == 0, f"{lost(nodes)} lost, count {nodes['store'].count}"


def one_lease(nodes):
    """The lock service has one holder, and only clients it named have a token."""
    lock = nodes["lock"]
    assert all(node.token <= lock.token for node in nodes.values() if isinstance(node, Client))


# The protocol, checked after every event ------------------------------------------------------


@pytest.mark.parametrize("late", [0.0, 0.1, 0.3])
def test_with_a_fence_on_reads_and_writes_nothing_goes_wrong(late):
    def check(nodes):
        never_backwards(nodes), nothing_lost(nodes), one_lease(nodes)

    good = 0
    for seed in range(15):
        nodes = contend(Random(seed), BOTH, careful=seed % 2 == 0, late=late, check=check).nodes
        good += nodes["store"].count
    assert good > 100, "and work gets done"


def test_a_fence_on_writes_never_lets_an_old_holder_write_over_a_newer():
    for seed in range(25):
        contend(Random(seed), "writes", **HARD, check=never_backwards)


@pytest.mark.parametrize(
    "fence, check", [("none", never_backwards), ("none", nothing_lost), ("writes", nothing_lost)]
)
def test_without_it_the_same_check_fails(fence, check):
    """The checks above can fail: each weaker fence trips one."""
    with pytest.raises(AssertionError, match=r"lost|old over new"):
        for seed in range(25):
            contend(Random(seed), fence, **HARD, check=check)


def test_a_fence_costs_nothing_when_nothing_goes_wrong():
    nodes = contend(Random(3), BOTH, pauses=False).nodes
    assert nodes["store"].count == 30 and nodes["store"].applied == tuple(sorted(nodes["store"].applied))


def test_without_pauses_and_with_fast_messages_no_fence_is_missed():
    """So it is the pause, or the late message, that does the harm."""
    for seed in range(10):
        contend(Random(seed), "none", pauses=False, check=nothing_lost)


def test_what_a_client_can_do_alone_makes_it_rarer_and_not_impossible():
    gone = {name: trouble(fence="none", **how)[1] for name, how in CARE.items()}
    plain, careful, slow, late = gone.values()
    assert 0 < careful < slow < plain / 5
    assert late > 10


# Every order ------------------------------------------------------------------------------------


def test_a_unique_token_loses_nothing_and_lets_an_old_holder_come_back():
    """Sanfilippo's answer: no order is needed to lose nothing. What it lacks is the last word."""
    assert {o: what for o, what in orders("unique").items() if what} == {"rwRW": "old over new"}
    back = 0
    for seed in range(25):
        nodes = contend(Random(seed), "unique", **HARD, check=nothing_lost).nodes
        back += backwards(nodes["store"].applied)
    assert back > 0


def test_the_fences_leave_five_two_and_no_wrong_orders():
    wrong = {fence: {o for o, what in orders(fence).items() if what} for fence in FENCES}
    assert [len(wrong[fence]) for fence in FENCES] == [5, 2, 0, 1]
    assert wrong["writes"] == {"RrWw", "rRWw"}
    assert all("old over new" not in what for what in orders("writes").values())
    assert len(orders("none")) == 6 and orders("none")["RWrw"] == ""


# The picture -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wakes_ms, none, writes, both",
    [
        (40, (33, 34), (33, 34), (33, 34)),
        (60, (33, 34), (33, 34), (33, 34)),
        (90, (33, 34), (33, 34), (34,)),
        (120, (34, 33), (34,), (34,)),
    ],
)
def test_when_the_paused_client_wakes(wakes_ms, none, writes, both):
    got = [demo(wakes_ms, fence).nodes["store"].applied for fence in FENCES[:3]]
    assert got == [none, writes, both]


def test_client_1_overwrites_client_2_and_33_is_refused_after_34():
    sim = demo(120, "none")
    assert sim.nodes["store"].applied == (34, 33) and lost(sim.nodes) == 1
    sim = demo(120, "writes")
    assert any(e.what == "refuses 33" for e in sim.trace) and lost(sim.nodes) == 0


def test_before_the_newer_token_arrives_the_older_is_taken():
    """A fence on writes lets the old holder through, and its increment is then lost."""
    sim = demo(90, "writes")
    assert sim.nodes["C1"].done == (33,) and sim.nodes["C2"].done == (34,) and sim.nodes["store"].count == 1
    assert lost(demo(90, BOTH).nodes) == 0


# Parts --------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 9), max_size=30))
def test_what_is_applied_never_goes_back_in_any_order_of_arrival(tokens):
    store, plain = Storage("store", "writes"), Storage("store", "none")
    for number, token in enumerate(tokens):
        store.receive("c", Write(token, number)), plain.receive("c", Write(token, number))
    assert backwards(store.applied) == 0
    assert plain.applied == tuple(tokens)
    assert (backwards(plain.applied) > 0) == (tokens != sorted(tokens))


def test_equal_tokens_are_one_holder_and_are_not_ordered():
    """A limit: a repeated, late message of the same holder is taken."""
    store = Storage("store")
    for count in (1, 2, 1):
        store.receive("C1", Write(33, count))
    assert store.count == 1


def test_two_storages_know_two_things():
    """A limit: only the one that has seen 34 refuses 33."""
    a, b = Storage("a"), Storage("b")
    a.receive("C2", Write(34, 1))
    assert a.receive("C1", Write(33, 9))[-1] == Send("C1", Refused(33))
    assert b.receive("C1", Write(33, 9))[-1] == Send("C1", Done(33))


def test_a_lock_is_given_to_one_and_the_token_grows():
    lock = Lock("lock", lease_ms=50)
    assert lock.receive("C1", Acquire()) == [SetTimer("lease 33", 50), Send("C1", Granted(33, 50))]
    assert lock.receive("C2", Acquire()) == [Send("C2", Busy())]
    assert lock.timeout("lease 33") == [Note("lease 33 ends")]
    assert lock.receive("C2", Acquire())[-1] == Send("C2", Granted(34, 50))
    assert lock.receive("C1", Release(33)) == [] and lock.holder == "C2", "a late release"
    assert lock.timeout("lease 33") == [] and lock.holder == "C2", "a late timer"


def test_a_paused_client_does_nothing_and_then_everything():
    now = [0]
    client = Client("C1", lambda: now[0])
    client.start()
    client.pause(100)
    assert client.receive("lock", Granted(33, 50)) == []
    assert client.timeout("wakes") == [Send("store", Read(33))]
    assert client.receive("store", Value(33, 4)) == [SetTimer("work 4", 10)]
    now[0] = 50
    assert client.timeout("work 4") == [Send("lock", Release(33))], "careful: the lease is over"


def test_a_fixed_lock_delay_is_not_enough_either():
    """Change it: wait before the lock is given again; a longer pause still comes through."""

    def applied(wakes_ms, lease_ms):
        sim = Simulation(Random(1), delay=lambda *_: (5,))
        sim.add(Lock("lock", lease_ms=lease_ms))
        sim.add(Storage("store", "none"))
        for name, work_ms in (("C1", 10), ("C2", 20)):
            sim.add(Client(name, sim.clock(), work_ms=work_ms))
        sim.at(31, sim.call, "C1", "pause", wakes_ms - 31)
        sim.run(400)
        return sim.nodes["store"].applied

    assert applied(120, 50) == (34, 33)
    assert applied(120, 150) == (33, 34)
    assert applied(250, 150) == (34, 33)


def test_a_clock_ten_per_cent_slow_believes_in_its_lease_longer():
    client = Client("C1", lambda: 54, slow=0.1)
    client.token, client.until_ms = 33, 50
    assert client.timeout("work 0") == [SetTimer("send 0", 1)]
    client.slow = 0.0
    assert client.timeout("work 0") == [Send("lock", Release(33))]
