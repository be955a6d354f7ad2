"""Count words on two real worker processes, and kill one of them meanwhile.

Source: Dean and Ghemawat, "MapReduce", 2004, section 3.3: what a failed
worker was doing is done again by another. Dask: distributed.dask.org.
Guarantee: the counts are those of one process, because count() depends on
its lines alone, and running it twice does no harm.
Assumes: the scheduler and this process survive; they are not replicated.
Left out: a shuffle. The partial counts are added up here.
"""

import logging
import os
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from tempfile import TemporaryDirectory

import dask
from distributed import Client, Event, KilledWorker, LocalCluster, Variable

SECONDS = 30  # no wait is longer; a run takes two or three
LINES = (
    "one worker counts the words of its lines",
    "another worker counts the words of other lines",
    "one of the workers is killed while it counts",
    "the lines of the dead worker are counted again",
) * 50
CHUNKS = [LINES[first : first + 10] for first in range(0, len(LINES), 10)]


# --8<-- [start:count]
def count(lines) -> Counter:
    """The words of some lines. The same lines always give the same counts."""
    return Counter(word for line in lines for word in line.split())


def count_slowly(lines) -> Counter:
    """count(), but it says where it runs and waits until it is let go."""
    Variable("victim").set(os.getpid())
    if not Event("go").wait(timeout=SECONDS):
        raise TimeoutError("nobody let the count go on")
    return count(lines)


def count_on(client: Client, kill: bool) -> tuple[Counter, int]:
    """All counts, and the process that was killed (0: none)."""
    first = client.submit(count_slowly, CHUNKS[0])
    rest = client.map(count, CHUNKS[1:])
    victim = Variable("victim").get(timeout=SECONDS)  # it has started
    if kill:
        os.kill(victim, signal.SIGKILL)
        wait_until_gone(victim)
    Event("go").set()
    parts = client.gather([first, *rest])  # raises KilledWorker, or waits
    return sum(parts, Counter()), victim if kill else 0
# --8<-- [end:count]


def wait_until_gone(pid: int) -> None:
    """Return when no process has this number; TimeoutError if it stays."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)  # sends nothing; fails if there is no process
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise TimeoutError(f"process {pid} is still there")


@dataclass(frozen=True)
class Outcome:
    counts: Counter | None  # None: the scheduler gave up
    error: str  # what the scheduler raised then
    killed: int  # process number, 0 for none
    before: frozenset  # the workers' process numbers
    after: frozenset


# --8<-- [start:run]
def run(kill: bool = True, allowed_failures: int = 3) -> Outcome:
    """Two worker processes, one thread each, on the loopback alone.

    allowed_failures: how many deaths of a worker a task may see before the
    scheduler blames the task; 3 is Dask's default.
    """
    with (
        TemporaryDirectory() as folder,
        dask.config.set({
            "distributed.scheduler.allowed-failures": allowed_failures,
            "distributed.comm.timeouts.connect": f"{SECONDS}s",
        }),
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True,
            host="127.0.0.1", dashboard_address=None,
            local_directory=folder, silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster, timeout=SECONDS) as client,
    ):
        before = frozenset(client.run(os.getpid).values())
        try:
            (counts, killed), error = count_on(client, kill), ""
        except KilledWorker as problem:
            counts, error = None, type(problem).__name__
            killed = Variable("victim").get(timeout=SECONDS)
        client.wait_for_workers(2, timeout=SECONDS)  # a new one is started
        after = frozenset(client.run(os.getpid).values())
    return Outcome(counts, error, killed, before, after)
# --8<-- [end:run]


if __name__ == "__main__":
    alone = count(LINES)
    print(f"one process: {alone.total()} words, {len(alone)} different")
    #> one process: 1700 words, 19 different
    done = run()
    print(f"killed process {done.killed}", file=sys.stderr)
    print(f"two workers: {done.counts.total()} words")
    #> two workers: 1700 words
    print("the same counts:", done.counts == alone)
    #> the same counts: True
    print("workers lost:", len(done.before - done.after))
    #> workers lost: 1
    print("workers started instead:", len(done.after - done.before))
    #> workers started instead: 1
    print(done.counts.most_common(3))
    #> [('the', 250), ('of', 200), ('worker', 150)]
    given_up = run(allowed_failures=0)
    print(f"killed process {given_up.killed}", file=sys.stderr)
    print(f"no second try: {given_up.error}, counts {given_up.counts}")
    #> no second try: KilledWorker, counts None
