"""Paper rows and tables of this page, from calls of its program."""

from math import inf
from random import Random

from snippets.challenges import retry_storm as program
from tools.measure import Paper, Table


def state(run, load):
    return "comes back" if program.rate(run.good, 10) > load / 2 else "stays down"


def paper():
    once = program.storm(Random(1), tries=1)
    ever = program.storm(Random(1), tries=inf, seconds=80)
    lost = program.storm(
        Random(1), budget=program.Budget(0.1), burst_s=0, capacity_per_s=0.01
    )
    throttle = {k: program.throttled(Random(1), k) for k in (2.0, 1.1)}
    return [
        Paper(
            key="bronson2021metastable",
            place="section 2",
            claim="80/s at a capacity of 100/s after 10 s of 200/s, no retries",
            said="comes back",
            got=state(once, 80),
            note="the paper gives the mechanism, not these numbers",
        ),
        Paper(
            key="bronson2021metastable",
            place="section 2",
            claim="the same, a retry for every timeout",
            said="stays down",
            got=state(ever, 80),
        ),
        Paper(
            key="beyer2016site",
            place="chapter 22, on retries",
            claim="calls for one click, 3 layers of 4 tries",
            said=64,
            got=len(program.calls_below(3, 4)),
        ),
        Paper(
            key="brooker2019timeouts",
            place="on retries and backoff",
            claim="calls for one click, 5 layers of 3 tries",
            said=243,
            got=len(program.calls_below(5, 3)),
        ),
        Paper(
            key="beyer2016site",
            place="chapter 21, on deciding to retry",
            claim="requests sent for each user's request, budget of 10%, nothing answered",
            said=1.1,
            got=program.rate(lost.sent, 60) / 80,
            tolerance=0.04,
            show="{:.2f}",
            note="60 s: three standard errors of the Poisson arrivals",
        ),
        *(
            Paper(
                key="beyer2016site",
                place="chapter 21, client-side throttling",
                claim=f"requests rejected by the service for each accepted, K = {k}",
                said=k - 1,
                got=rejected / accepted,
                tolerance=0.05 * k,
                show="{:.2f}",
                note="300/s for 100/s; the window of two minutes is not the paper's only choice"
                if k == 2
                else "",
            )
            for k, (accepted, rejected) in throttle.items()
        ),
    ]


def tables():
    rows = []
    for name, run in program.demo().items():
        low = sum(good < 40 for good in run.good)
        rows.append(
            (
                name,
                f"{program.rate(run.sent):.0f}/s",
                f"{program.rate(run.good):.0f}/s",
                f"{low} s",
                f"{sum(run.refused):,}",
            )
        )
    walls = []
    for down in (1, 3, 6):
        for failing in (0.5, 0.1):
            one, own = (
                program.shards(Random(1), down, shared, failing) for shared in (True, False)
            )
            walls.append((f"{down} of 10", f"{failing:.0%}", f"{one:.0%}", f"{own:.0%}"))
    return {
        "policies": Table(
            ("policy", "sent at the end", "answered", "low", "refused by the breaker"),
            tuple(rows),
            "lrrrr",
        ),
        "shards": Table(
            ("shards down", "opens at", "healthy refused: one breaker", "one for each shard"),
            tuple(walls),
            "rrrr",
        ),
    }
