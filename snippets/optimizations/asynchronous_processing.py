"""Asynchronous processing: a queue between the request and the work.

Source: Little, "A Proof for the Queuing Formula: L = lambda W", 1961; Beyer
et al., Site Reliability Engineering, 2016, chapter 22, "Queue Management";
Gray, "Queues Are Databases", 1995; Helland, "Idempotence Is Not a Medical
Condition", 2012.

Guarantee: a job that was accepted takes effect once, whenever its consumer
crashes, if the effect and the record of it are one write and the ack comes
after. Assumes: the queue is durable and delivers until it has the ack.
Left out: the broker's own failures, jobs that always fail, priorities.
"""

from collections import deque
from dataclasses import dataclass
from heapq import heapreplace
from itertools import product
from math import ceil, inf, log
from random import Random

BURST = ((20, 50.0), (30, 200.0), (60, 50.0))  # until this second, so many/s
WORK_S, ACCEPT_S, PATIENCE_S = 0.010, 0.002, 1.0


# --8<-- [start:serve]
@dataclass(frozen=True)
class Job:
    arrived_s: float
    begun_s: float
    done_s: float


def arrivals(rng: Random, rates=BURST) -> list[float]:
    """Times in seconds of a Poisson process, whose rate changes as told."""
    times, now_s = [], 0.0
    for until_s, per_s in rates:
        while (now_s := now_s - log(1.0 - rng.random()) / per_s) < until_s:
            times.append(now_s)
        now_s = until_s  # the process has no memory: begin afresh
    return times


def serve(arrived, work_s: float, workers: int = 1, room: float = inf,
          down_s=(inf, inf)) -> list[Job | None]:
    """What happens to each arrival; None if it finds `room` jobs waiting.

    Workers take the oldest job, and begin none between the times `down_s`.
    """
    if work_s <= 0 or workers < 1 or room < 0:
        raise ValueError("work_s must be above 0, workers 1 and room 0 or up")
    free_s, waiting, jobs = [0.0] * workers, deque(), []
    for now_s in arrived:
        while waiting and waiting[0] <= now_s:
            waiting.popleft()
        begun_s = max(now_s, free_s[0])
        if down_s[0] <= begun_s < down_s[1]:
            begun_s = down_s[1]
        if begun_s > now_s:
            if len(waiting) >= room:
                jobs.append(None)
                continue
            waiting.append(begun_s)
        heapreplace(free_s, begun_s + work_s)
        jobs.append(Job(now_s, begun_s, begun_s + work_s))
    return jobs
# --8<-- [end:serve]


# --8<-- [start:answers]
def synchronous(arrived) -> list[Job]:
    """The handler does the work, and answers when it is done."""
    return serve(arrived, WORK_S)


def queued(arrived, room=inf, down_s=(inf, inf)):
    """The handler only accepts; a worker does the work later.

    Returns the handler's jobs, whose end is the answer, and the worker's.
    """
    accepted = serve(arrived, ACCEPT_S)
    return accepted, serve([job.done_s for job in accepted], WORK_S,
                           room=room, down_s=down_s)
# --8<-- [end:answers]


# --8<-- [start:measures]
def percentile(values, share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed."""
    return sorted(values)[ceil(share * len(values)) - 1]


def in_system(jobs, at_s: float) -> int:
    """Jobs that have arrived and are not done, at one moment."""
    return sum(job.arrived_s <= at_s < job.done_s for job in jobs if job)


def little(jobs) -> tuple[float, float, float]:
    """L, lambda and W of a run that begins and ends empty.

    L is measured by itself: the area under the number of jobs over time.
    """
    jobs = [job for job in jobs if job]
    steps = sorted([(job.arrived_s, 1) for job in jobs]
                   + [(job.done_s, -1) for job in jobs])
    area, number, before_s = 0.0, 0, 0.0
    for at_s, step in steps:
        area += number * (at_s - before_s)
        number, before_s = number + step, at_s
    waits = sum(job.done_s - job.arrived_s for job in jobs)
    return area / before_s, len(jobs) / before_s, waits / len(jobs)
# --8<-- [end:measures]


# --8<-- [start:crashes]
ORDERS = (
    ("ack", "effect"),
    ("effect", "ack"),
    ("record", "effect", "ack"),
    ("effect", "record", "ack"),
    ("effect and record", "ack"),  # one write: a transaction
)


def effects(steps, crashes) -> int:
    """How often one job takes effect, when its consumer crashes.

    In delivery i the consumer crashes before step crashes[i]; the delivery
    after the last crash goes through. The queue delivers until it has the
    ack. A consumer that finds the job recorded only sends the ack.
    """
    times, recorded, acked = 0, False, False
    for crash in (*crashes, len(steps)):
        if acked:
            break
        found = recorded
        for step in steps[:crash]:
            times += "effect" in step and not found
            recorded = recorded or "record" in step
            acked = acked or step == "ack"
    return times


def outcomes(steps, crashes: int = 2) -> list[int]:
    """Every number of effects that up to so many crashes can lead to."""
    points = range(len(steps) + 1)
    return sorted({effects(steps, crashed)
                   for crashed in product(points, repeat=crashes)})
# --8<-- [end:crashes]


# --8<-- [start:order]
def overtaken(rng: Random, consumers: int, by_key: bool,
              pairs: int = 20_000) -> float:
    """Share of accounts whose second job is done before the first.

    A full queue holds two jobs an account, one behind the other; jobs take
    exponential times. by_key: all jobs of an account go to one consumer.
    """
    free, late = [0.0] * consumers, 0
    for pair in range(pairs):
        ends = []
        for _ in range(2):
            one = pair % consumers if by_key else free.index(min(free))
            free[one] -= log(1.0 - rng.random())
            ends.append(free[one])
        late += ends[1] < ends[0]
    return late / pairs
# --8<-- [end:order]


# --8<-- [start:effects]
def lost_while_down(rng: Random, queue: bool) -> float:
    """Share of a minute's requests never served; the worker is down 10 s."""
    arrived, down_s = arrivals(rng, ((60, 50.0),)), (20.0, 30.0)
    if queue:
        jobs = queued(arrived, down_s=down_s)[1]
        return sum(job is None for job in jobs) / len(jobs)
    return sum(down_s[0] <= at < down_s[1] for at in arrived) / len(arrived)


def not_yet_visible(accepted, jobs, after_s: float) -> float:
    """Share of users who, after_s behind their answer, miss their write."""
    return sum(job.done_s > answer.done_s + after_s
               for answer, job in zip(accepted, jobs)) / len(jobs)


def check_to_use_s(rng: Random, recheck: bool) -> float:
    """99th percentile of the age of the permission check that a job obeys.

    The handler checks when it accepts; recheck: the worker does, as it
    begins. A handler that does the work itself is the second case too.
    """
    accepted, jobs = queued(arrivals(rng))
    return percentile([job.done_s - (job if recheck else answer).begun_s
                       for answer, job in zip(accepted, jobs)], 0.99)
# --8<-- [end:effects]


# --8<-- [start:demo]
def demo(room=100):
    """One burst, three ways: (answers in seconds, jobs)."""
    arrived = arrivals(Random(1))
    worked = synchronous(arrived)
    accepted, unbounded = queued(arrived)
    _, bounded = queued(arrived, room)
    waits = [job.done_s - job.arrived_s for job in worked]
    answers = [job.done_s - job.arrived_s for job in accepted]
    return {"synchronous": (waits, worked),
            "queue without a bound": (answers, unbounded),
            f"queue of {room}": (answers, bounded)}
# --8<-- [end:demo]


if __name__ == "__main__":
    print("p99 answer, no answer in 1 s, refused, p99 until done, most jobs")
    #> p99 answer, no answer in 1 s, refused, p99 until done, most jobs
    for name, (answers, jobs) in demo().items():
        late = sum(answer > PATIENCE_S for answer in answers) / len(answers)
        refused = sum(job is None for job in jobs) / len(jobs)
        done = [job.done_s - job.arrived_s for job in jobs if job]
        p99, done_p99 = percentile(answers, 0.99), percentile(done, 0.99)
        most = max(in_system(jobs, second) for second in range(60))
        told = f"{p99:6.3f} s {late:6.1%} {refused:6.1%} {done_p99:6.3f} s"
        print(f"{name:21} {told} {most:5}")
        #> synchronous            9.932 s  61.3%   0.0%  9.932 s  1007
        #> queue without a bound  0.007 s   0.0%   0.0%  9.932 s  1007
        #> queue of 100           0.007 s   0.0%  20.3%  1.010 s   101
    number, rate, time_s = little(demo()["queue without a bound"][1])
    print(f"Little: L = {number:.3f}, lambda W = {rate * time_s:.3f} jobs")
    #> Little: L = 259.287, lambda W = 259.287 jobs

    full = serve(arrivals(Random(1), ((30, 200.0),)), 0.1, 10, room=100)
    slowest = max(job.done_s - job.arrived_s for job in full if job)
    print(f"10 threads of 100 ms, a full queue of 100: {slowest:.2f} s")
    #> 10 threads of 100 ms, a full queue of 100: 1.10 s
    for minutes in (1, 2, 4):
        jobs = serve(arrivals(Random(1), ((60 * minutes, 120.0),)), WORK_S)
        wait_s = jobs[-1].done_s - jobs[-1].arrived_s
        print(f"120/s for {minutes} min at a worker for 100/s: {wait_s:.0f} s")
        #> 120/s for 1 min at a worker for 100/s: 12 s
        #> 120/s for 2 min at a worker for 100/s: 24 s
        #> 120/s for 4 min at a worker for 100/s: 47 s

    for steps in ORDERS:
        print(f"{', '.join(steps):23} effects: {outcomes(steps)}")
        #> ack, effect             effects: [0, 1]
        #> effect, ack             effects: [1, 2, 3]
        #> record, effect, ack     effects: [0, 1]
        #> effect, record, ack     effects: [1, 2, 3]
        #> effect and record, ack  effects: [1]
    for consumers in (1, 2, 4):
        swapped = overtaken(Random(1), consumers, by_key=False)
        by_key = overtaken(Random(1), consumers, by_key=True)
        told = f"{swapped:.1%} of pairs swapped, by key {by_key:.1%}"
        print(f"consumers {consumers}: {told}")
        #> consumers 1: 0.0% of pairs swapped, by key 0.0%
        #> consumers 2: 25.1% of pairs swapped, by key 0.0%
        #> consumers 4: 37.5% of pairs swapped, by key 0.0%

    lost = [lost_while_down(Random(1), queue) for queue in (False, True)]
    print(f"worker down 10 s: {lost[0]:.1%} lost, with a queue {lost[1]:.1%}")
    #> worker down 10 s: 16.7% lost, with a queue 0.0%
    missed = not_yet_visible(*queued(arrivals(Random(1))), after_s=0.1)
    print(f"own write not visible 0.1 s after the answer: {missed:.1%}")
    #> own write not visible 0.1 s after the answer: 67.0%
    ages = [check_to_use_s(Random(1), recheck) for recheck in (False, True)]
    told = f"{ages[0]:.2f} s, when checked again {ages[1]:.2f} s"
    print(f"age of the permission check: {told}")
    #> age of the permission check: 9.93 s, when checked again 0.01 s
