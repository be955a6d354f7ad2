from random import Random

from snippets.optimizations import asynchronous_processing as program
from tools.measure import Effect, Paper, Table
from tools.tested import tested


def slowest_behind_a_full_queue():
    """10 threads of 100 ms and a queue ten times as long, under twice their capacity."""
    jobs = program.serve(program.arrivals(Random(1), ((30, 200.0),)), 0.1, workers=10, room=100)
    return max(job.done_s - job.arrived_s for job in jobs if job)


def paper():
    jobs = program.demo()["queue without a bound"][1]
    number, rate, time_s = program.little(jobs)
    return [
        Paper(
            key="little1961proof", place="theorem",
            claim="jobs in the system on average over the burst, said: lambda W, got: L",
            said=rate * time_s, got=number, tolerance=0.001, show="{:.3f}",
            note="exact for a run that begins and ends empty; L is the area under the curve of the picture",
        ),
        Paper(
            key="beyer2016site", place="chapter 22, Queue Management",
            claim="a request behind a full queue of 10 times the threads, 100 ms each",
            said=1.1, got=slowest_behind_a_full_queue(), tolerance=0.02, show="{:.2f} s",
        ),
    ]


def effects():
    burst = program.demo()
    waits, answers = (burst[name][0] for name in ("synchronous", "queue without a bound"))
    arrived = program.arrivals(Random(1))
    worked, (accepted, jobs) = program.synchronous(arrived), program.queued(arrived)
    return [
        Effect(
            "system-performance", "99th percentile of the answer, in the minute with the burst",
            without=program.percentile(waits, 0.99), with_it=program.percentile(answers, 0.99),
            better="lower", show="{:.3f} s", function="demo",
        ),
        Effect(
            "system-reliability", "share of a minute's requests lost, the worker is down for 10 s",
            without=program.lost_while_down(Random(1), queue=False),
            with_it=program.lost_while_down(Random(1), queue=True),
            better="lower", show="{:.1%}", function="lost_while_down",
        ),
        Effect(
            "data-consistency", "users who miss their own write 0.1 s after the answer, in the same minute",
            without=program.not_yet_visible(worked, worked, after_s=0.1),
            with_it=program.not_yet_visible(accepted, jobs, after_s=0.1),
            better="lower", show="{:.1%}", function="not_yet_visible",
        ),
        Effect(
            "system-security", "age of the permission check when the job has run, 99th percentile",
            without=program.check_to_use_s(Random(1), recheck=True),
            with_it=program.check_to_use_s(Random(1), recheck=False),
            better="lower", show="{:.2f} s", function="check_to_use_s",
        ),
    ]


def tables():
    burst = []
    for name, (answers, jobs) in program.demo().items():
        late = sum(answer > program.PATIENCE_S for answer in answers) / len(answers)
        refused = sum(job is None for job in jobs) / len(jobs)
        done = [job.done_s - job.arrived_s for job in jobs if job]
        most = max(program.in_system(jobs, second) for second in range(60))
        burst.append((
            name, f"{program.percentile(answers, 0.99):.3f} s", f"{late:.1%}", f"{refused:.1%}",
            f"{program.percentile(done, 0.99):.3f} s", f"{most:,}",
        ))
    crashes = []
    for steps in program.ORDERS:
        counts = program.outcomes(steps)
        lost = "can be lost" if 0 in counts else ""
        again = "can be repeated" if max(counts) > 1 else ""
        verdict = lost or again or "takes effect once"
        crashes.append((", then ".join(steps), ", ".join(map(str, counts)), verdict))
    return {
        "burst": Table(
            ("service", "answer, p99", "no answer in 1 s", "refused", "until done, p99", "most at once"),
            tuple(burst), "lrrrrr",
        ),
        "crashes": Table(
            ("the consumer's steps", "effects, up to 2 crashes", "so the job"), tuple(crashes), "lll"
        ),
        "postgresql": tested("postgresql", "one server, up to four relays, loopback", "psycopg"),
        "nats": tested("nats", "one server with JetStream, loopback", "nats-py"),
    }
