"""A token bucket that many gateways share lets through what it may, because it is one step."""

import time

import redis

from snippets.production import rate_limiting_valkey as program
from tests.production.servers import play, said, until


def test_it_prints_what_its_comments_say(valkey):
    assert play("rate_limiting_valkey", {"VALKEY_URL": valkey}) == said("rate_limiting_valkey")


def test_the_bucket_fills_and_never_gives_more_than_it_may(valkey):
    server = redis.Redis.from_url(valkey)
    began = time.monotonic()
    passed = sum(program.take(server, "k", 10, 50) for _ in range(300))
    # The span is measured from outside, so it is the longer one and the bound is safe.
    assert 10 <= passed <= 10 + 50 * (time.monotonic() - began)
    assert until(lambda: program.take(server, "k", 10, 50), "the bucket fills again")
    assert 0 < server.ttl("k") <= 2


def test_time_that_runs_backwards_takes_no_tokens_away(valkey):
    """After a failover the new primary's clock may be behind."""
    server = redis.Redis.from_url(valkey)
    server.hset("k", mapping={"tokens": 5, "at": time.time() + 3600})
    assert sum(program.take(server, "k", 10, 0) for _ in range(10)) == 5
