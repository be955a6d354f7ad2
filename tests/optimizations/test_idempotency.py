"""Idempotency: what a key is answered, every crash and every overlap of a handler, and what they cost."""

from collections import Counter
from functools import partial
from math import comb
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.optimizations.idempotency import (
    DAY_S,
    DESIGNS,
    Keys,
    Provider,
    Reply,
    again,
    claim,
    demo,
    explore,
    finish,
    lossy,
    races,
    replayed,
    run,
    transaction,
    writes,
    wrong,
)

SAFE = ("transaction, unique key", "lease, provider's key")

# What is remembered -------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["claim", "finish"]),
        st.sampled_from(["ann", "bob"]),
        st.sampled_from(["k1", "k2"]),
        st.sampled_from([b"5", b"6"]),
        st.integers(0, 40),
    ),
    max_size=30,
)


def check(keys_class, steps):
    """Within the window: one payload a key, one reply a key, one worker a lease."""
    keys, now_s = keys_class(keep_s=100, lease_s=10), 0
    first, reply, worker = {}, {}, {}
    for what, client, key, payload, wait_s in steps:
        now_s += wait_s
        who = client, key
        if who in first and now_s - first[who][1] >= 100:
            for known in (first, reply, worker):
                known.pop(who, None)
        if what == "finish":
            if who not in worker:
                continue
            reply.setdefault(who, Reply(200, f"at {now_s}"))
            assert keys.finish(client, key, Reply(200, f"at {now_s}")) == reply[who]
            continue
        got = keys.claim(client, key, payload, now_s)
        if who not in first:
            assert got is None
            first[who], worker[who] = (payload, now_s), now_s
        elif payload != first[who][0]:
            assert got.status == 422
        elif who in reply:
            assert got == reply[who]
        elif now_s - worker[who] < 10:
            assert got.status == 409
        else:
            assert got is None
            worker[who] = now_s


@given(STEPS)
def test_a_key_stands_for_one_payload_one_reply_and_one_worker_at_a_time(steps):
    check(Keys, steps)


class OneForAll(Keys):
    """Broken: forgets whose key it is."""

    def claim(self, client, key, payload, now_s):
        return super().claim("all", key, payload, now_s)

    def finish(self, client, key, reply):
        return super().finish("all", key, reply)


class LastReply(Keys):
    """Broken: a slow worker overwrites the reply that was given."""

    def finish(self, client, key, reply):
        self.rows[client, key].reply = reply
        return reply


@pytest.mark.parametrize("broken, steps", [
    (OneForAll, [("claim", "ann", "k1", b"5", 0), ("claim", "bob", "k1", b"5", 0)]),
    (LastReply, [("claim", "ann", "k1", b"5", 0), ("finish", "ann", "k1", b"5", 1),
                 ("finish", "ann", "k1", b"5", 1)]),
])
def test_the_check_notices_a_broken_memory(broken, steps):
    check(Keys, steps)
    with pytest.raises(AssertionError):
        check(broken, steps)


def test_a_key_is_kept_until_the_window_ends_and_no_longer():
    keys = Keys()
    assert keys.claim("ann", "k", b"5", 0) is None
    done = keys.finish("ann", "k", Reply(200, "charge 1"))
    assert keys.claim("ann", "k", b"5", DAY_S - 1) == done
    assert keys.claim("ann", "k", b"5", DAY_S) is None  # the retry of a day later pays again


def test_a_missing_key_is_refused_and_remembered_nowhere():
    keys = Keys()
    assert keys.claim("ann", "", b"5", 0).status == 400 and not keys.rows


def test_a_refusal_is_a_reply_like_any_other():
    """Limits: the stored decline comes back; a new attempt needs a new key."""
    keys = Keys()
    keys.claim("ann", "k", b"5", 0)
    keys.finish("ann", "k", Reply(402, "declined"))
    assert keys.claim("ann", "k", b"5", 9).status == 402
    assert keys.claim("ann", "k2", b"5", 9) is None


@pytest.mark.parametrize("lease_s, keep_s", [(0, 10), (10, 10), (20, 10)])
def test_a_lease_that_cannot_be_is_refused(lease_s, keep_s):
    with pytest.raises(ValueError, match="use a lease above 0 and below what is kept"):
        Keys(keep_s=keep_s, lease_s=lease_s)


# Every crash, every overlap -----------------------------------------------------------------


def test_the_verdict_of_each_crash_is_the_pictures():
    bad = {
        name: {step: verdict for step, verdict in steps.items() if verdict != "once"}
        for name, steps in demo().items()
    }
    assert bad == {
        "no key": {"reply": "twice"},
        "record, then charge": {"charge": "lost"},
        "charge, then record": {"record": "twice"},
        "look, then transaction": {},
        "claim": {"charge": "stuck", "finish": "stuck"},
        "claim with a lease": {"finish": "twice"},
        "transaction, unique key": {},
        "lease, provider's key": {},
    }


@pytest.mark.parametrize("name", SAFE)
def test_two_designs_survive_every_overlap_and_every_crash(name):
    assert wrong(explore(DESIGNS[name])) == wrong(races(DESIGNS[name])) == 0


@pytest.mark.parametrize("name", [name for name in DESIGNS if name not in SAFE])
def test_the_others_do_not(name):
    assert wrong(explore(DESIGNS[name])) > 0


def test_check_then_insert_charges_twice_in_four_of_six_interleavings():
    found = races(partial(transaction, unique=False))
    assert len(found) == 6 and Counter(one.verdict for one in found)["twice"] == 4
    assert wrong(races(partial(transaction, unique=True))) == 0


def test_a_lease_alone_is_as_bad_as_no_claim():
    lease, plain = (explore(DESIGNS[n]) for n in ("claim with a lease", "charge, then record"))
    assert Counter(r.verdict for r in lease) == Counter(r.verdict for r in plain)


def test_the_runs_explored_are_all_different_and_all_possible():
    """Two chains of n steps interleave in C(2n, n) ways: nothing is left out."""
    for name in DESIGNS:
        schedules = [one.schedule for one in explore(DESIGNS[name])]
        assert len(schedules) == len(set(schedules))
    assert len(explore(DESIGNS["lease, provider's key"], crashes=False)) >= 20
    # no key: 2 steps a try, each may end after 0, 1 or 2 steps; C(a + b, a) orders of each pair,
    # and a crash is a move of its own.
    lengths = [1, 2, 2]  # crash at once, crash after the charge, reply
    assert len(explore(DESIGNS["no key"])) == sum(comb(a + b, a) for a in lengths for b in lengths)


def test_a_claim_that_is_stuck_stays_so_whatever_the_client_does():
    one, alive = run(DESIGNS["claim"], "AaBB")
    assert not alive and one.verdict == "stuck" and one.charges == 0


def test_a_provider_charges_once_a_key():
    provider = Provider()
    assert [provider.charge(5, "k"), provider.charge(5, "k"), provider.charge(5)] == [
        "charge 1", "charge 1", "charge 2"]


def test_another_provider_key_each_try_is_none():
    """Change it: a key that is made anew in each try."""
    tries = iter(range(10**6))

    def fresh(world):
        return claim(world, lease=True, provider_key=f"try {next(tries)}")

    assert wrong(explore(fresh)) == wrong(explore(DESIGNS["claim with a lease"]))


def test_the_constraint_alone_decides_without_a_look():
    """Change it: leave out the look."""

    def no_look(world):
        yield "charge + record"
        if not world.row:
            world.charge()
            world.write("paid")
        yield "reply"
        return world.row

    assert wrong(explore(no_look)) == wrong(races(no_look)) == 0


def test_a_stored_answer_costs_a_write_or_two_more():
    assert [writes(DESIGNS[n]) for n in ("no key", *SAFE)] == [1, 2, 3]
    assert finish(DESIGNS["no key"](type("W", (), {"charge": lambda self: None})())) == "paid"


# The link, the methods, the copy ------------------------------------------------------------


@pytest.mark.parametrize("loss", [0.02, 0.1, 0.3])
def test_without_a_key_as_many_are_charged_twice_as_replies_are_lost(loss):
    for seed in range(3):
        plain = lossy(Random(seed), 30, False, loss, 8_000)
        assert plain.twice == pytest.approx(loss, abs=4 * (loss / 8_000) ** 0.5)
        once = lossy(Random(seed), 1, False, loss, 8_000)
        assert once.unpaid == pytest.approx(loss, abs=4 * (loss / 8_000) ** 0.5)
        assert lossy(Random(seed), 30, True, loss, 8_000).twice == 0


def test_with_two_tries_some_are_missing_and_some_charged_twice():
    """Change it."""
    found = lossy(Random(1), 2, keyed=False)
    assert found.unpaid > 0.005 and found.twice > 0.05


@pytest.mark.parametrize("arguments", [(1, True, 1.0), (0, True, 0.1), (1, True, 0.1, 0)])
def test_a_link_that_cannot_be_is_refused(arguments):
    with pytest.raises(ValueError, match="use a loss from 0 below 1"):
        lossy(Random(1), *arguments)


@given(st.sampled_from(["GET", "HEAD", "PUT", "DELETE"]), st.integers(2, 9))
def test_a_method_that_is_idempotent_is_so_any_number_of_times(method, times):
    assert again(method, times) and not again("POST", times)


def test_methods_and_counts_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="use GET, HEAD, PUT, DELETE or POST"):
        again("BREW")
    with pytest.raises(ValueError, match="1 times: use 2 or more"):
        again("PUT", 1)


def test_a_copied_request_charges_once_within_the_window():
    assert (replayed(False), replayed(True)) == (11, 1)
