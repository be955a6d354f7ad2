"""Limit requests with a token bucket that several gateways share in Valkey.

Source: Valkey documentation, EVAL: a script runs to its end before any other
command does.
Guarantee: in any span of t seconds at most CAPACITY + RATE * t requests pass,
whatever the number of gateways.
Assumes: one primary. After a failover the bucket may be an older, fuller one.
Left out: a limit for each user is a key for each user, nothing else.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import redis

URL = os.environ.get("VALKEY_URL", "redis://localhost:6379")
CAPACITY = 10  # tokens: a burst of this many requests passes at once
GATEWAYS = 40

# --8<-- [start:bucket]
TAKE = """
local capacity, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')  -- the server's, so that one clock counts
local now = clock[1] + clock[2] / 1000000
local tokens = tonumber(redis.call('HGET', KEYS[1], 'tokens') or capacity)
local last = tonumber(redis.call('HGET', KEYS[1], 'at') or now)
tokens = math.min(capacity, tokens + math.max(0, now - last) * rate)
local allowed = 0
if tokens >= 1 then
  tokens, allowed = tokens - 1, 1
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at',
           string.format('%.6f', now))
if rate > 0 then  -- an idle bucket is full again, and need not be kept
  redis.call('EXPIRE', KEYS[1], math.ceil(capacity / rate) + 1)
end
return allowed
"""


def take(server: redis.Redis, key: str, capacity: float, per_s: float) -> bool:
    """Whether a request may pass: one call, one round trip."""
    return bool(server.eval(TAKE, 1, key, capacity, per_s))
# --8<-- [end:bucket]


# --8<-- [start:naive]
def take_naive(server, key, capacity, meanwhile=lambda: None) -> bool:
    """Read, decide, write: between the two calls others read the same."""
    tokens = int(server.get(key) or capacity)
    meanwhile()
    if tokens < 1:
        return False
    server.set(key, tokens - 1)
    return True
# --8<-- [end:naive]


def at_once(call) -> int:
    """How many of GATEWAYS simultaneous requests pass."""
    with ThreadPoolExecutor(GATEWAYS) as pool:
        return sum(pool.map(lambda _: call(), range(GATEWAYS)))


if __name__ == "__main__":
    server = redis.Redis.from_url(URL)
    server.delete("naive", "atomic")
    all_read = threading.Barrier(GATEWAYS)  # the worst order, every time

    def together() -> None:
        all_read.wait(timeout=30)

    passed = at_once(lambda: take_naive(server, "naive", CAPACITY, together))
    print(f"GET and SET: {passed} of {GATEWAYS} pass, {CAPACITY} may")
    #> GET and SET: 40 of 40 pass, 10 may
    passed = at_once(lambda: take(server, "atomic", CAPACITY, 0))
    print(f"one script: {passed} of {GATEWAYS} pass")
    #> one script: 10 of 40 pass
    print("one more:", take(server, "atomic", CAPACITY, 0))
    #> one more: False
