"""Valkey loses an acknowledged write on failover; WAIT says so beforehand."""

import pytest
import redis

from snippets.production import data_consistency_valkey as program
from tests.production.servers import FaultProxy, ended, play, said

NAME = "data_consistency_valkey"


@pytest.fixture
def pair(start_valkey):
    """A primary, its replica, and the link between them that can be cut."""
    primary = start_valkey()
    link = FaultProxy(primary.port)
    replica = start_valkey("--replicaof", f"127.0.0.1 {link.port}")
    with ended(primary, replica, link):
        yield primary, replica, link


def run(pair, cut):
    primary, replica, _ = pair
    return play(
        NAME,
        {"VALKEY_URL": primary.url, "VALKEY_REPLICA_URL": replica.url},
        {"cut the link between the two": cut, "kill -9 the primary": primary.kill9},
    )


def test_an_acknowledged_write_is_lost_and_wait_had_said_so(pair):
    assert run(pair, pair[2].cut) == said(NAME)


def test_with_the_link_whole_the_write_survives(pair):
    """So what is lost above is lost by the cut."""
    primary, replica, _ = pair
    program.until_synced(redis.Redis.from_url(replica.url, decode_responses=True))
    client = redis.Redis.from_url(primary.url, decode_responses=True)
    program.write(client, "balance", 50)
    primary.kill9()
    promoted = redis.Redis.from_url(replica.url, decode_responses=True)
    promoted.replicaof("NO", "ONE")
    assert promoted.get("balance") == "50"
