"""Keep a cache stampede from the database with a lock in Valkey.

Source: Valkey documentation, the command SET with NX and PX, and "Distributed
locks with Valkey": a lock is freed only by the token that took it.
Guarantee: while the lock's holder lives and is quicker than HOLD_MS, one
reader asks the database and the others wait for its answer.
Left out: a lock that expires too early lets a second reader ask. That costs a
query; where it costs more, use a fencing token.
"""

import os
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import redis

URL = os.environ.get("VALKEY_URL", "redis://localhost:6379")
HOLD_MS = 30_000  # the lock of a reader that died is gone after this long
READERS = 50


# --8<-- [start:read]
RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
"""


def read(cache, key, load, look_again=True, pause=lambda: None):
    """The value of a key; ``load`` asks the database when it is missing.

    look_again=False is the usual mistake. ``pause`` stands for a slow moment
    of this reader, between its miss and its try for the lock.
    """
    token = uuid.uuid4().hex
    while (value := cache.get(key)) is None:
        pause()
        if not cache.set(f"lock:{key}", token, nx=True, px=HOLD_MS):
            time.sleep(0.01)  # somebody is asking; wait for the value
            continue
        try:
            # The lock may have been free because the work is done.
            if look_again and (value := cache.get(key)) is not None:
                return value
            value = load()
            cache.set(key, value, ex=60)
        finally:
            cache.eval(RELEASE, 1, f"lock:{key}", token)
    return value
# --8<-- [end:read]


# --8<-- [start:naive]
def read_naive(cache, key, load, pause=lambda: None):
    """No lock: whoever misses asks the database."""
    if (value := cache.get(key)) is None:
        pause()
        value = load()
        cache.set(key, value, ex=60)
    return value
# --8<-- [end:naive]


class Database:
    """Counts the queries."""

    def __init__(self):
        self.queries, self._lock = 0, threading.Lock()

    def load(self) -> str:
        with self._lock:
            self.queries += 1
        time.sleep(0.05)  # the query takes a while
        return "the page"


def stampede(cache, reader) -> int:
    """Queries that READERS readers of one missing key cause together."""
    cache.flushdb()
    database, missed = Database(), threading.Barrier(READERS)
    first = threading.local()

    def pause():
        """Each reader's first miss comes before anybody's answer."""
        if not hasattr(first, "past"):
            first.past = True
            missed.wait(timeout=30)

    with ThreadPoolExecutor(READERS) as pool:
        readers = [
            pool.submit(reader, cache, "home", database.load, pause=pause)
            for _ in range(READERS)
        ]
        assert {one.result() for one in readers} == {"the page"}
    return database.queries


# --8<-- [start:late]
def late(cache, look_again: bool) -> int:
    """Queries of two readers; one sleeps, after a miss, past the other."""
    cache.flushdb()
    database = Database()

    def meanwhile():
        if cache.get("home") is None:
            read(cache, "home", database.load, look_again)

    read(cache, "home", database.load, look_again, pause=meanwhile)
    return database.queries
# --8<-- [end:late]


if __name__ == "__main__":
    cache = redis.Redis.from_url(URL, decode_responses=True)
    print("no lock:", stampede(cache, read_naive), "queries")
    #> no lock: 50 queries
    print("SET NX, two readers, one late:", late(cache, False), "queries")
    #> SET NX, two readers, one late: 2 queries
    print("looks again under the lock:", late(cache, True), "query")
    #> looks again under the lock: 1 query
    print("and with 50 readers:", stampede(cache, read), "query")
    #> and with 50 readers: 1 query
