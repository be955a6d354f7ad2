"""Cut one member off an etcd cluster of three, and ask both sides.

Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus
Algorithm", 2014, sections 5 and 8; etcd documentation, "etcd API guarantees".
Guarantee: a write is answered only when a majority has it, and a
linearizable read only when a majority confirms the leader.
Assumes: three members, named n1 to n3. You cut the links of n3 to the others,
not to this program, when asked.
Left out: learners, snapshots, members that come and go.
"""

import os
import sys
import time
from base64 import b64decode, b64encode

import httpx

# One address for each member. The JSON gateway of etcd needs no library.
MEMBERS = os.environ.get(
    "ETCD_ENDPOINTS",
    "http://localhost:2379,http://localhost:22379,http://localhost:32379",
).split(",")
SECONDS = 60  # no wait for the cluster is longer
PATIENCE = 2  # seconds that one call may take
http = httpx.Client(timeout=PATIENCE)


def please(fault: str) -> None:
    """Ask whoever runs this for a fault, and wait until it is done."""
    print(f"-> {fault}", file=sys.stderr, flush=True)
    input()


# --8<-- [start:calls]
def call(member: str, path: str, **body) -> dict:
    answer = http.post(f"{member}/v3/{path}", json=body)
    answer.raise_for_status()
    return answer.json()


def put(member: str, key: str, value: str) -> bool:
    """Whether the write was acknowledged. If not, it may still happen."""
    key, value = (b64encode(text.encode()).decode() for text in (key, value))
    try:
        call(member, "kv/put", key=key, value=value)
    except httpx.HTTPError:
        return False
    return True


def get(member: str, key: str, serializable: bool = False) -> str | None:
    """The value; None if the member cannot answer in time.

    serializable=True asks this member alone, for whatever it has.
    """
    key = b64encode(key.encode()).decode()
    try:
        found = call(member, "kv/range", key=key, serializable=serializable)
    except httpx.HTTPError:
        return None
    return b64decode(found["kvs"][0]["value"]).decode()
# --8<-- [end:calls]


def until(condition, what: str):
    end = time.monotonic() + SECONDS
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.05)
    return value


def read(member: str, key: str) -> str:
    """The value, with patience: for a member that can reach the others."""
    return until(lambda: get(member, key), f"{member} reads")


if __name__ == "__main__":
    n1, n2, n3 = MEMBERS
    until(lambda: put(n1, "color", "red"), "the cluster takes writes")
    print("n3 reads", read(n3, "color"))
    #> n3 reads red

    please("cut n3 off the other members")
    # If n3 was the leader, the others elect one of them first.
    until(lambda: put(n1, "color", "blue"), "the majority takes writes")
    print("majority:", read(n1, "color"), read(n2, "color"))
    #> majority: blue blue
    print("n3 takes writes:", [put(n3, "color", "green") for _ in range(3)])
    #> n3 takes writes: [False, False, False]
    print("n3, linearizable read:", get(n3, "color"))
    #> n3, linearizable read: None
    print("n3, serializable read:", get(n3, "color", serializable=True))
    #> n3, serializable read: red

    please("mend the links of n3")
    until(lambda: put(n3, "done", "yes"), "n3 takes writes")
    values = {read(member, "color") for member in MEMBERS}
    print("all agree:", len(values) == 1)
    #> all agree: True
