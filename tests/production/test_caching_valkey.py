"""One lock and a second look keep a stampede from the database."""

import redis

from snippets.production import caching_valkey as program
from tests.production.servers import play, said


def test_it_prints_what_its_comments_say(valkey):
    assert play("caching_valkey", {"VALKEY_URL": valkey}) == said("caching_valkey")


def test_a_lock_is_freed_by_its_own_token_alone(valkey):
    """A reader whose lock has expired and was taken by another must not free that one."""
    cache = redis.Redis.from_url(valkey, decode_responses=True)

    def slow():
        cache.set("lock:home", "another reader")  # ours expired, somebody else took it
        return "the page"

    assert program.read(cache, "home", slow) == "the page"
    assert cache.get("lock:home") == "another reader"


def test_a_load_that_fails_leaves_no_lock(valkey):
    cache = redis.Redis.from_url(valkey, decode_responses=True)

    def broken():
        raise ConnectionError("the database is down")

    try:
        program.read(cache, "home", broken)
    except ConnectionError:
        assert program.read(cache, "home", lambda: "back") == "back"
    else:
        raise AssertionError("the reader was not told that the database is down")
