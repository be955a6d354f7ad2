"""A lock whose holder was paused protects nothing unless the storage checks tokens."""

import time

import pytest

from snippets.production import fencing_token_etcd as program
from tests.production.servers import play, said, until

NAME = "fencing_token_etcd"


@pytest.fixture
def free(etcd, monkeypatch):
    monkeypatch.setattr(program, "ETCD", etcd)
    yield etcd
    program.call("kv/deleterange", key=program.KEY)


def test_it_prints_what_its_comments_say(free):
    assert play(NAME, {"ETCD_URL": free}) == said(NAME)


def test_a_holder_that_is_not_paused_keeps_the_lock_longer_than_a_lease(free):
    """So it is the pause that takes it away above."""
    token = program.lock()
    other = program.call("lease/grant", TTL=program.LEASE_S)["ID"]
    end = time.monotonic() + 2 * program.LEASE_S
    while time.monotonic() < end:
        assert program.try_lock(other) is None
        time.sleep(0.2)
    program.call("kv/deleterange", key=program.KEY)  # given back
    fresh = program.call("lease/grant", TTL=60)["ID"]
    assert until(lambda: program.try_lock(fresh), "it is free") > token


def test_a_fence_lets_the_same_holder_write_again():
    storage = program.Storage(fenced=True)
    assert [storage.write(token, "v") for token in (4, 4, 7, 4, 7)] == [
        "written", "written", "written", "refused", "written"
    ]
