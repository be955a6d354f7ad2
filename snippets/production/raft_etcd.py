"""Kill the leader of an etcd cluster while a client writes.

Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus
Algorithm", 2014, sections 5.2 and 5.4.
Guarantee: what was acknowledged is known to a majority, a leader is elected
by a majority, so the new leader has all of it.
Assumes: three members. You kill the leader and start it again when asked.
Left out: the time in between. Nothing is written until a new leader is
elected, which takes one election timeout or more.
"""

import os
import sys
import time
from base64 import b64encode

import httpx

MEMBERS = os.environ.get(
    "ETCD_ENDPOINTS",
    "http://localhost:2379,http://localhost:22379,http://localhost:32379",
).split(",")
SECONDS = 60  # no wait for the cluster is longer
WRITES = 20
http = httpx.Client(timeout=2)


def please(fault: str) -> None:
    """Ask whoever runs this for a fault, and wait until it is done."""
    print(f"-> {fault}", file=sys.stderr, flush=True)
    input()


def call(member: str, path: str, **body) -> dict:
    answer = http.post(f"{member}/v3/{path}", json=body)
    answer.raise_for_status()
    return answer.json()


def any_member(path: str, **body) -> dict:
    """The first answer, of whichever member gives one."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for member in MEMBERS:
            try:
                return call(member, path, **body)
            except httpx.HTTPError:
                continue
        time.sleep(0.05)
    raise TimeoutError(path)


# --8<-- [start:leader]
def leader() -> tuple[str, int]:
    """The leader's address and the term it leads in."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for member in MEMBERS:
            try:
                status = call(member, "maintenance/status")
            except httpx.HTTPError:
                continue
            if status.get("leader") == status["header"]["member_id"]:
                return member, int(status["raftTerm"])
        time.sleep(0.05)
    raise TimeoutError("no leader was elected")
# --8<-- [end:leader]


# --8<-- [start:write]
def write(key: str) -> None:
    """Return when a majority has it. A try without an answer is repeated.

    Repeating is safe, because writing the same value twice is.
    """
    text = b64encode(key.encode()).decode()
    any_member("kv/put", key=text, value=text)
# --8<-- [end:write]


def written() -> int:
    """How many of our keys a majority confirms."""
    first, last = (b64encode(text).decode() for text in (b"w", b"x"))
    answer = any_member("kv/range", key=first, range_end=last)
    return int(answer.get("count", 0))


if __name__ == "__main__":
    old, term = leader()
    for number in range(WRITES):
        write(f"w{number}")
    print(f"the leader is {old}", file=sys.stderr)
    please("kill -9 the leader")
    for number in range(WRITES, 2 * WRITES):
        write(f"w{number}")
    new, new_term = leader()
    print("another member leads:", new != old)
    #> another member leads: True
    print("in a later term:", new_term > term)
    #> in a later term: True
    print("acknowledged:", 2 * WRITES, "found:", written())
    #> acknowledged: 40 found: 40

    please("start it again")
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            status = call(old, "maintenance/status")
            break
        except httpx.HTTPError:
            time.sleep(0.05)
    print("it follows:", status["leader"] != status["header"]["member_id"])
    #> it follows: True
