# %% [markdown]
# # Before and after
#
# A service that is slow and fragile is given the four optimizations, one at a time. After each we
# look at what got better, and at what got worse: every one of them moves the trouble somewhere
# else.
#
# The whole service is the one cell below: requests arrive, wait for a web server, and then ask a
# database or a cache. Only the waiting is simulated, so a minute of service takes a fraction of a
# second. Change a number and run it again.

# %%
import sys
from bisect import bisect
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import heappop, heappush
from itertools import accumulate, count
from math import log
from pathlib import Path
from random import Random

from IPython.display import HTML, Markdown, display

MINUTE_MS = 60_000
BASE_PER_S = 100  # requests a second
FLASH_PER_S, FLASH_MS = 200, (20_000, 25_000)  # more, all for one key
CRASH_MS = (40_000, 45_000)  # the first server is down
CHECK_MS = 500  # until the balancer notices
SERVER_MS, READ_MS, WRITE_MS, CACHE_MS, QUEUE_MS = 5, 4, 12, 0.2, 1
BATCHED_MS = 0.5  # for one more write in the same batch
TIMEOUT_MS = 1_000  # then the caller has given up
KEYS = 1_000
WRITES, SEARCHES = 0.10, 0.05  # shares; the other requests are reads


@dataclass(frozen=True)
class Setup:
    servers: int = 1
    shards: int = 1
    ttl_ms: int = 0  # of the cache; 0: no cache
    batch_ms: int = 0  # between two batches of writes; 0: callers wait


@dataclass(frozen=True)
class Answer:
    kind: str  # read, write or search
    asked_ms: float
    took_ms: float  # a failed request costs its caller the whole timeout
    failed: bool
    stale: bool  # older than a write that was acknowledged before


@dataclass
class Shard:
    free_ms: float = 0.0  # when it has done all it was asked
    busy_ms: float = 0.0
    longest_wait_ms: float = 0.0
    unwritten: int = 0  # most writes that waited for a batch

    def work(self, now, ms):
        """When work that arrives now is done: first come, first served."""
        self.longest_wait_ms = max(self.longest_wait_ms, self.free_ms - now)
        self.free_ms = max(now, self.free_ms) + ms
        self.busy_ms += ms
        return self.free_ms


def arrivals(rng):
    """(ms, kind, key) of every request; keys are Zipf, 0 the most popular."""
    weights = list(accumulate(1 / rank for rank in range(1, KEYS + 1)))
    crowds = [(BASE_PER_S, (0, MINUTE_MS)), (FLASH_PER_S, FLASH_MS)]
    for per_s, (start, end) in crowds:
        now = start - log(1 - rng.random()) * 1000 / per_s
        while now < end:
            draw = rng.random()
            key = bisect(weights, rng.random() * weights[-1])
            if per_s == FLASH_PER_S:
                yield now, "read", 0
            elif draw < WRITES:
                yield now, "write", key
            elif draw < WRITES + SEARCHES:
                yield now, "search", key
            else:
                yield now, "read", key
            now -= log(1 - rng.random()) * 1000 / per_s


@lru_cache
def simulate(setup, seed=1):
    """Every request of a minute: (list[Answer], list[Shard])."""
    agenda, order, answers = [], count(), []
    server_free, in_flight = [0.0] * setup.servers, [0] * setup.servers
    shards = [Shard() for _ in range(setup.shards)]
    queued = [[] for _ in shards]
    applied, acknowledged = Counter(), Counter()  # versions of the keys
    cache = {}  # key: (version, until when)

    def at(when, action, *args):
        heappush(agenda, (when, next(order), action, args))

    def arrive(now, kind, key):
        alive = range(setup.servers)
        if CRASH_MS[0] + CHECK_MS <= now < CRASH_MS[1] and setup.servers > 1:
            alive = alive[1:]  # the balancer has noticed
        server = min(alive, key=in_flight.__getitem__)
        in_flight[server] += 1
        end = server_free[server] = max(now, server_free[server]) + SERVER_MS
        at(end, served, now, kind, key, server, acknowledged[key])

    def served(now, asked, kind, key, server, newest):
        answer = (asked, kind, key, server, newest)
        shard = key % setup.shards
        if kind == "read" and key in cache and now < cache[key][1]:
            at(now + CACHE_MS, done, *answer, cache[key][0])
        elif kind == "read":
            at(shards[shard].work(now, READ_MS), looked_up, *answer)
        elif kind == "search":  # every shard must look
            end = max(each.work(now, READ_MS) for each in shards)
            at(end, done, *answer, newest)
        elif setup.batch_ms:
            queued[shard].append(key)
            acknowledged[key] += 1
            at(now + QUEUE_MS, done, *answer, newest)
        else:
            end = shards[shard].work(now, WRITE_MS)
            at(end, write, [key])
            at(end, done, *answer, newest)

    def looked_up(now, *answer):
        key = answer[2]
        if setup.ttl_ms:
            cache[key] = (applied[key], now + setup.ttl_ms)
        done(now, *answer, applied[key])

    def write(now, keys):
        for key in keys:
            applied[key] += 1
            acknowledged[key] = max(acknowledged[key], applied[key])

    def batch(now):
        for shard, keys in zip(shards, queued, strict=True):
            shard.unwritten = max(shard.unwritten, len(keys))
            if keys:
                work = WRITE_MS + BATCHED_MS * (len(keys) - 1)
                at(shard.work(now, work), write, keys.copy())
                keys.clear()
        at(now + setup.batch_ms, batch)

    def done(now, asked, kind, key, server, newest, version):
        in_flight[server] -= 1
        died = server == 0 and asked < CRASH_MS[1] and now >= CRASH_MS[0]
        failed = died or now - asked > TIMEOUT_MS
        took = TIMEOUT_MS if failed else now - asked
        answers.append(
            Answer(kind, asked, took, failed, not failed and version < newest)
        )

    for when, kind, key in arrivals(Random(seed)):
        at(when, arrive, kind, key)
    if setup.batch_ms:
        at(0, batch)
    while agenda and agenda[0][0] <= 2 * MINUTE_MS:
        now, _, action, args = heappop(agenda)
        action(now, *args)
    return answers, shards


# %% [markdown]
# Four numbers tell how the minute went. A failed request counts with the whole timeout in the
# mean and in the 99th percentile (p99), for that is how long its caller waited.


# %%
@dataclass(frozen=True)
class Summary:
    mean_ms: float
    p99_ms: float
    failed: float  # share of the requests
    stale: float  # share of the reads that were answered
    wait_ms: float  # the longest wait for a shard
    work_ms: float  # of all shards together
    busiest: float  # share of that work which the busiest shard does
    write_ms: float  # mean time of a write
    unwritten: int  # most writes of one shard that waited for a batch


def summary(setup, seed=1):
    answers, shards = simulate(setup, seed)
    times = sorted(a.took_ms for a in answers)
    writes = [a.took_ms for a in answers if a.kind == "write"]
    reads = [a for a in answers if a.kind == "read" and not a.failed]
    work_ms = sum(shard.busy_ms for shard in shards)
    return Summary(
        mean_ms=sum(times) / len(times),
        p99_ms=times[int(len(times) * 0.99)],
        failed=sum(a.failed for a in answers) / len(answers),
        stale=sum(a.stale for a in reads) / len(reads),
        wait_ms=max(shard.longest_wait_ms for shard in shards),
        work_ms=work_ms,
        busiest=max(shard.busy_ms for shard in shards) / work_ms,
        write_ms=sum(writes) / len(writes),
        unwritten=max(shard.unwritten for shard in shards),
    )


def failed_between(setup, span_ms, seed=1):
    """Share of the requests asked in a span that fail."""
    asked = [
        a.failed
        for a in simulate(setup, seed)[0]
        if span_ms[0] <= a.asked_ms < span_ms[1]
    ]
    return sum(asked) / len(asked)


# %% [markdown]
# The pictures show each second of the minute: on the left how long requests took, on the right
# how many failed. Grey is the step before.

# %%
for folder in (Path.cwd(), *Path.cwd().parents):
    if (folder / "tools" / "figures").is_dir():
        sys.path.insert(0, str(folder))
from tools.figures import chart  # noqa: E402


def by_second(setup):
    """The mean time and the failed % of the requests of each second."""
    seconds = [[] for _ in range(MINUTE_MS // 1000)]
    for answer in simulate(setup)[0]:
        seconds[int(answer.asked_ms / 1000)].append(answer)
    means = [sum(a.took_ms for a in each) / len(each) for each in seconds]
    failed = [sum(a.failed for a in each) / len(each) for each in seconds]
    return means, [100 * share for share in failed]


def picture(name, setup, before=None):
    """Draw the minute of a setup over that of the step before."""

    def plot(axes, tall):
        left, right = axes
        for which, colour in ((before, chart.MUTED), (setup, chart.BLUE)):
            if which:
                means, failed = by_second(which)
                left.plot(means, color=colour)
                right.plot(failed, color=colour)
        left.set(yscale="log", ylim=(4, 1_500), ylabel="mean time, ms")
        right.set(ylim=(-3, 103), ylabel="failed, %")
        for ax in axes:
            for (start, end), tone in troubles:
                span = start / 1000, end / 1000
                ax.axvspan(*span, color=tone, alpha=0.2, lw=0)
            ax.set_xlabel("second of the minute")

    troubles = (FLASH_MS, chart.AMBER), (CRASH_MS, chart.RED)
    now = summary(setup)
    means, failed = by_second(setup)
    flash, crash = FLASH_MS[0] // 1000, CRASH_MS[0] // 1000
    worst = [
        f"{max(means[start:end]):,.0f} ms and {max(failed[start:end]):.0f}% failed"
        for start, end in ((0, flash), (flash, crash), (crash, None))
    ]
    figure = chart.draw(
        plot,
        title=f"The minute with {name}",
        caption=f"Mean {now.mean_ms:.0f} ms, p99 {now.p99_ms:.0f} ms, "
        f"failed {now.failed:.1%}, stale reads {now.stale:.1%}. "
        "Shaded: the flash crowd, then the crash.",
        description="Mean time and share of failed requests in each second of the minute; "
        f"blue is {name}, grey the step before. The worst second of the blue line: "
        f"{worst[0]} at first, {worst[1]} from the flash crowd on, "
        f"{worst[2]} from the crash on.",
        seed="seed 1",
        panels=2,
    )
    slug = "with-" + name.replace(" ", "-")
    display(HTML(figure.fragment(slug, "the cells above")))


def say(text):
    display(Markdown(text))


# %% [markdown]
# ## One server, one database

# %%
FRAGILE = Setup()
fragile = summary(FRAGILE)
picture("one of each", FRAGILE)

# %% tags=["hide_input"]
say(f"""
The server can serve {1000 / SERVER_MS:.0f} requests a second and is asked for {BASE_PER_S}. In
the flash crowd it is asked for {BASE_PER_S + FLASH_PER_S}, its queue grows past the timeout, and
the callers of the next seconds pay for it:
{failed_between(FRAGILE, (FLASH_MS[0], CRASH_MS[0])):.0%} of the requests from the crowd to
the crash fail. In the crash {failed_between(FRAGILE, CRASH_MS):.0%} fail. Over the minute that is
**{fragile.failed:.1%}**.
""")

# %% [markdown]
# ## Load balancing: three servers
#
# Each request goes to the server with the fewest requests in flight. The balancer notices a dead
# server after a while and sends nothing there.

# %%
BALANCED = replace(FRAGILE, servers=3)
balanced = summary(BALANCED)
picture("load balancing", BALANCED, FRAGILE)

# %% tags=["hide_input"]
say(f"""
**Better:** in the crash only {failed_between(BALANCED, CRASH_MS):.0%} of the requests fail, those
that were on the dead server or were sent there before its health check failed. Failed over the
minute: {fragile.failed:.1%} → {balanced.failed:.1%}.

**Worse:** the slow server had shielded the database. Now the crowd reaches it, and the longest
wait for it grows from {fragile.wait_ms:.0f} ms to {balanced.wait_ms:.0f} ms. The bottleneck has
moved, and two servers more are paid for.

Why: [Load balancing](../../optimizations/load-balancing/).
""")

# %% [markdown]
# ## Sharding: four databases
#
# The key says which of four shards has it. A search does not know the key, so it asks all four.

# %%
SHARDED = replace(BALANCED, shards=4)
sharded = summary(SHARDED)
picture("sharding", SHARDED, BALANCED)

# %% tags=["hide_input"]
say(f"""
**Better:** mean {balanced.mean_ms:.0f} → {sharded.mean_ms:.0f} ms, p99 {balanced.p99_ms:.0f} →
{sharded.p99_ms:.0f} ms.

**Worse:** searches now cost four look-ups, so the databases together work
{sharded.work_ms / balanced.work_ms - 1:.0%} more. And the crowd wants one key, which is on one
shard: that shard does {sharded.busiest:.0%} of the work instead of {1 / SHARDED.shards:.0%}. More
shards do not split a key: the longest wait is {sharded.wait_ms:.0f} ms with {SHARDED.shards}
shards and {summary(replace(SHARDED, shards=16)).wait_ms:.0f} ms with 16.

Why: [Data sharding](../../optimizations/data-sharding/).
""")

# %% [markdown]
# ## Caching: answers from memory
#
# What was read is kept for a while (the time to live, TTL), and read again from memory.

# %%
CACHED = replace(SHARDED, ttl_ms=2_000)
cached = summary(CACHED)
picture("caching", CACHED, SHARDED)

# %% tags=["hide_input"]
say(f"""
**Better:** a hot key is what a cache is good at. The databases work
{1 - cached.work_ms / sharded.work_ms:.0%} less, the longest queue falls from
{sharded.wait_ms:.0f} to {cached.wait_ms:.0f} ms, p99 from {sharded.p99_ms:.0f} to
{cached.p99_ms:.0f} ms.

**Worse:** up to now every read saw every acknowledged write. Now **{cached.stale:.1%}** of the
reads are stale: the popular keys are also written often, and their copies are up to
{CACHED.ttl_ms / 1000:.0f} s old.

Why: [Caching](../../optimizations/caching/), and what stale means: [Data
consistency](../../challenges/data-consistency/).
""")

# %% [markdown]
# ## Asynchronous processing: writes wait in a queue
#
# A write is acknowledged as soon as it is in a queue. From there it goes to the database in
# batches.

# %%
ASYNC = replace(CACHED, batch_ms=500)
asynchronous = summary(ASYNC)
picture("asynchronous processing", ASYNC, CACHED)

# %% tags=["hide_input"]
say(f"""
**Better:** a write takes {asynchronous.write_ms:.1f} ms instead of {cached.write_ms:.1f} ms, and
the databases work {1 - asynchronous.work_ms / cached.work_ms:.0%} less, because a batch costs
little more than one write.

**Worse:** stale reads rise from {cached.stale:.1%} to {asynchronous.stale:.1%}. Up to
{asynchronous.unwritten} writes of one shard waited in the queue, acknowledged and not yet in the
database; should the queue be lost, so are they.

Why: [Asynchronous processing](../../optimizations/asynchronous-processing/).
""")

# %% [markdown]
# ## All steps

# %%
STEPS = {
    "one of each": FRAGILE,
    "+ load balancing": BALANCED,
    "+ sharding": SHARDED,
    "+ caching": CACHED,
    "+ asynchronous processing": ASYNC,
}

# %% tags=["hide_input"]
rows = [(name, summary(setup)) for name, setup in STEPS.items()]
say(
    "| step | mean | p99 | failed | stale reads |\n|---|---:|---:|---:|---:|\n"
    + "\n".join(
        f"| {name} | {s.mean_ms:.1f} ms | {s.p99_ms:.0f} ms | {s.failed:.2%} | {s.stale:.1%} |"
        for name, s in rows
    )
)

# %% [markdown]
# Nothing here was free: machines, work and freshness were paid for time. Which optimization helps
# or hurts which challenge, measured on every page's own program, is on [the
# map](../../challenges/map/).
#
# Three things to change: make `batch_ms` 5,000, and more reads are stale; give `FRAGILE` a cache
# and nothing else, and as many requests fail as before, because the server is what they wait for;
# take the flash crowd away and ask which steps were worth their price.
#
# <p class="also">Also searched as: end-to-end lab, worked example, case study, all optimizations
# together, step-by-step optimization, <span lang="zh" class="zh">综合实验</span>, <span lang="zh"
# class="zh">优化前后</span>.</p>
#
# <details class="asked"><summary>Also asked as</summary><ul><li>one service improved step by
# step</li><li>what each optimization fixes and what it breaks</li><li>add a load balancer then
# shards then a cache then a queue</li><li>all four optimizations in one simulation</li><li>flash
# crowd hits one key</li><li>a server crashes in the middle of the minute</li><li>tail latency before and
# after a cache</li><li>how many requests fail with one server</li><li>which optimization should
# come first</li><li>trade-offs of scaling a web service</li><li>from one server to many step by
# step</li><li>stale reads after adding a cache</li><li>writes acknowledged before they are in the
# database</li><li>batching writes makes reads stale</li><li>single point of failure
# removed</li><li>simulate a whole web service in python</li><li>interactive notebook of a web
# service</li><li>change a parameter and run the simulation again</li><li>experiment with load
# balancing and caching together</li><li>jupyter notebook on distributed systems</li><li>case study
# of a slow service</li><li>make a slow and fragile service fast</li><li>sudden traffic spike on a
# popular item</li><li>is it worth the price to add a cache</li><li>put everything
# together</li><li>capstone example</li><li>hands on lab</li><li>comparison table of waits
# failures and stale reads</li><li>what gets worse when you optimize</li><li>system design
# walkthrough with numbers</li><li>scale a monolith step by step</li><li>cost and benefit of each
# step</li><li>search has to ask every shard</li><li>cache only and no second server</li><li><span
# lang="zh" class="zh">实验</span></li><li><span lang="zh" class="zh">综合 案例</span></li><li><span
# lang="zh" class="zh">优化 前后 对比</span></li><li><span lang="zh" class="zh">一步一步 优化 一个
# 服务</span></li><li><span lang="zh" class="zh">单机 到 集群 演进</span></li><li><span lang="zh"
# class="zh">突发流量 热点 模拟</span></li><li><span lang="zh" class="zh">先加缓存还是先分库</span></li><li><span
# lang="zh" class="zh">架构 演进 实战</span></li><li><span lang="zh"
# class="zh">加了缓存之后数据变旧</span></li><li><span lang="zh" class="zh">写入 先进队列 再落库</span></li><li><span
# lang="zh" class="zh">动手 实验</span></li><li><span lang="zh" class="zh">四种优化
# 组合</span></li></ul></details>
