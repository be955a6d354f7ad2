"""Pause the holder of an etcd lock past its lease, and let it write.

Source: Burrows, "The Chubby Lock Service", 2006, section 2.4 (sequencers);
Kleppmann, "How to do distributed locking", 2016; etcd documentation, leases.
Guarantee: storage that remembers the largest token it has seen refuses a
holder that was replaced.
Assumes: the storage checks. The lock alone cannot: a paused process does not
notice that its lease has run out.
Left out: releasing the lock. The lease does it.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass

import httpx

ETCD = os.environ.get("ETCD_URL", "http://localhost:2379")
KEY = b64encode(b"fencing/lock").decode()
LEASE_S = 2
SECONDS = 60  # no wait is longer
http = httpx.Client(timeout=10)


def call(path: str, **body) -> dict:
    answer = http.post(f"{ETCD}/v3/{path}", json=body)
    answer.raise_for_status()
    return answer.json()


# --8<-- [start:lock]
def try_lock(lease: str) -> int | None:
    """The token, if the lock was free: the revision of etcd that took it.

    Revisions only grow, so a later holder has a larger token.
    """
    free = {"key": KEY, "target": "CREATE", "create_revision": 0}
    take = {"request_put": {"key": KEY, "value": KEY, "lease": lease}}
    answer = call("kv/txn", compare=[free], success=[take])
    if not answer.get("succeeded"):
        return None
    return int(answer["header"]["revision"])


def lock() -> int:
    """Wait for the lock and keep its lease alive; the token."""
    lease = call("lease/grant", TTL=LEASE_S)["ID"]

    def keep_alive():
        with suppress(httpx.HTTPError):  # if it fails, the lease runs out
            while call("lease/keepalive", ID=lease)["result"].get("TTL"):
                time.sleep(LEASE_S / 4)

    threading.Thread(target=keep_alive, daemon=True).start()
    end = time.monotonic() + SECONDS
    while (token := try_lock(lease)) is None:
        if time.monotonic() > end:
            raise TimeoutError("the lock never became free")
        time.sleep(0.05)
    return token
# --8<-- [end:lock]


# --8<-- [start:storage]
@dataclass
class Storage:
    """What the lock protects."""

    fenced: bool
    value: str = "nothing"
    largest: int = 0  # token

    def write(self, token: int, value: str) -> str:
        if self.fenced and token < self.largest:
            return "refused"
        self.largest = max(self.largest, token)
        self.value = value
        return "written"
# --8<-- [end:storage]


class Worker:
    """A process that takes the lock, says so, and writes when told to."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, __file__, "worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )

    def token(self) -> int:
        """Wait until it has the lock."""
        return int(self.process.stdout.readline())

    def pause(self) -> None:
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self) -> int:
        """Let it go on; the token it then writes with."""
        os.kill(self.process.pid, signal.SIGCONT)
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def work() -> None:
    """The worker's side: nothing here can tell that it was paused."""
    token = lock()
    print(token, flush=True)
    input()
    print(token, flush=True)
    input()


if __name__ == "__main__" and sys.argv[1:] == ["worker"]:
    work()
elif __name__ == "__main__":
    plain, fenced = Storage(fenced=False), Storage(fenced=True)
    ann = Worker()
    first = ann.token()
    ann.pause()  # a long garbage collection, a machine that sleeps
    bob = Worker()
    second = bob.token()  # when Ann's lease has run out
    print("bob has the lock, with a larger token:", second > first)
    #> bob has the lock, with a larger token: True
    plain.write(second, "bob's")
    fenced.write(second, "bob's")
    late = ann.resume()  # she believes that she has the lock
    print("ann, no fence:", plain.write(late, "ann's"), "-", plain.value)
    #> ann, no fence: written - ann's
    print("ann, fenced:", fenced.write(late, "ann's"), "-", fenced.value)
    #> ann, fenced: refused - bob's
    ann.end()
    bob.end()
