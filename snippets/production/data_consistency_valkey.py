"""Lose a write that Valkey has acknowledged, and see what WAIT can tell.

Source: Valkey documentation, "Replication" and the commands WAIT and
REPLICAOF. Replication is asynchronous: the primary answers before a replica
has the write.
Guarantee: WAIT n says how many replicas have acknowledged what this
connection wrote. It cannot take a write back.
Assumes: two servers, the second started with --replicaof and the address of
the first. You cut the link and kill the primary when the program asks.
Left out: Sentinel and Cluster, which promote a replica by themselves, with
the same gap.
"""

import os
import sys
import time

import redis

PRIMARY = os.environ.get("VALKEY_URL", "redis://localhost:6379")
REPLICA = os.environ.get("VALKEY_REPLICA_URL", "redis://localhost:6380")
SECONDS = 30  # no wait is longer


def please(fault: str) -> None:
    """Ask whoever runs this for a fault, and wait until it is done."""
    print(f"-> {fault}", file=sys.stderr, flush=True)
    input()


# --8<-- [start:write]
class NotReplicated(Exception):
    """The write is on the primary. Whether it will survive is unknown."""


def write(primary: redis.Redis, key: str, value, copies: int = 1) -> None:
    """Return when ``copies`` replicas have the write; else NotReplicated."""
    primary.set(key, value)  # answered as soon as the primary has it
    have = primary.wait(copies, 500)  # at most 500 ms
    if have < copies:
        raise NotReplicated(f"{have} of {copies} replicas have {key}")
# --8<-- [end:write]


def until_synced(replica: redis.Redis) -> None:
    end = time.monotonic() + SECONDS
    while replica.info("replication").get("master_link_status") != "up":
        if time.monotonic() > end:
            raise TimeoutError("the replica never reached its primary")
        time.sleep(0.05)


# --8<-- [start:refuse]
def writes_until_refused(primary: redis.Redis) -> int:
    """How many more writes are acknowledged before the guard closes."""
    primary.config_set("min-replicas-to-write", 1)
    primary.config_set("min-replicas-max-lag", 1)  # seconds without a word
    end = time.monotonic() + SECONDS
    done = 0
    while time.monotonic() < end:
        try:
            primary.incr("written")
            done += 1
        except redis.ResponseError as error:
            if not str(error).startswith("NOREPLICAS"):
                raise
            return done
        time.sleep(0.02)
    raise TimeoutError("min-replicas-to-write never refused")
# --8<-- [end:refuse]


if __name__ == "__main__":
    primary = redis.Redis.from_url(PRIMARY, decode_responses=True)
    replica = redis.Redis.from_url(REPLICA, decode_responses=True)
    until_synced(replica)
    write(primary, "balance", 100)
    print("both have", replica.get("balance"))
    #> both have 100

    please("cut the link between the two")
    print("SET balance 50:", primary.set("balance", 50))
    #> SET balance 50: True
    try:
        write(primary, "balance", 50)
    except NotReplicated as error:
        print("with WAIT:", error)
        #> with WAIT: 0 of 1 replicas have balance
    more = writes_until_refused(primary)
    print("min-replicas-to-write refused the first write:", more == 0)
    #> min-replicas-to-write refused the first write: False

    please("kill -9 the primary")
    replica.replicaof("NO", "ONE")  # the failover
    print("after the failover balance is", replica.get("balance"))
    #> after the failover balance is 100
    print("written is", replica.get("written"))
    #> written is None
