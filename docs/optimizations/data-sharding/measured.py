"""Paper rows, effects and tables of this page, from calls of its program."""

from random import Random

from snippets.optimizations import data_sharding as program
from tools.measure import Effect, Paper, Table
from tools.tested import tested

ROWS = {row.name: row for row in program.demo()}
DIES = program.moved_when_one_dies()
# Guava's test and the paper's Figure 1 agree on these, keys 0 to 19 in 100 buckets.
JUMP = (0, 55, 62, 8, 45, 59, 86, 97, 82, 59, 73, 37, 17, 56, 86, 21, 90, 37, 38, 83)


def paper():
    arcs = {tokens: program.taken_by_newcomer(tokens, 400) for tokens in (1, 100)}
    mean = sum(arcs[100]) / len(arcs[100])
    return [
        Paper(
            key="lamping2014jump",
            place="Figure 1",
            claim="buckets of the keys 0 to 19 among 100",
            said=JUMP,
            got=tuple(program.jump(key, 100) for key in range(20)),
        ),
        Paper(
            key="lamping2014jump",
            place="section 2",
            claim="share of keys that jump moves from 10 buckets to 11",
            said=1 / 11,
            got=ROWS["jump"].moved,
            tolerance=0.006,
            show="{:.2%}",
            note="20,000 keys: three standard errors are 0.6 points",
        ),
        Paper(
            key="karger1997consistent",
            place="section 4",
            claim="mean share of the ring that machine 11 takes, over the fair 1/11",
            said=1.0,
            got=mean,
            tolerance=0.02,
            show="{:.3f}",
            note="100 tokens, 400 rings; exact arcs, no keys drawn",
        ),
        Paper(
            key="thaler1998rendezvous",
            place="section on minimal disruption",
            claim="keys that rendezvous moves between two machines that stay, 11 to 10",
            said=0,
            got=program.bystanders_moved(),
            note="20,000 keys",
        ),
        Paper(
            key="thaler1998rendezvous",
            place="section on minimal disruption",
            claim="share of keys that rendezvous moves when one of 10 machines leaves",
            said=0.1,
            got=DIES["rendezvous"],
            tolerance=0.0064,
            show="{:.2%}",
            note="20,000 keys: three standard errors are 0.64 points",
        ),
    ]


def tables():
    fair = f"{1 / 11:.1%}"
    rows = [(r.name, f"{r.moved:.1%}", f"{r.busiest:.2f}") for r in ROWS.values()]
    return {
        "placements": Table(
            ("placement", "keys moved", "busiest over mean"),
            (*rows, ("the least a newcomer needs", fair, "1.00")),
            "lrr",
        ),
        "valkey": tested("valkey", "three primaries of a cluster, loopback", "redis"),
    }


def effects():
    def before_after(measure):
        return {"without": measure(1), "with_it": measure(8)}

    return [
        Effect(
            "system-performance",
            "requests a second with 8 machines of 1,000, Zipf keys",
            **before_after(lambda shards: program.throughput(shards, Random(1))),
            better="higher",
            show="{:,.0f}",
            function="throughput",
        ),
        Effect(
            "system-reliability",
            "share of the time that some shard is down, each 1%",
            **before_after(lambda shards: program.some_shard_down(shards, Random(2))),
            better="lower",
            show="{:.1%}",
            function="some_shard_down",
        ),
        Effect(
            "system-reliability",
            "share of the keys lost with one machine",
            **before_after(program.keys_on_one),
            better="lower",
            show="{:.1%}",
            function="keys_on_one",
        ),
        Effect(
            "data-consistency",
            "share of two-key reads that see half a transfer",
            **before_after(lambda shards: program.half_seen(shards, Random(3))),
            better="lower",
            show="{:.1%}",
            function="half_seen",
        ),
        Effect(
            "system-security",
            "share of the records on one stolen machine",
            **before_after(program.keys_on_one),
            better="lower",
            show="{:.1%}",
            function="keys_on_one",
        ),
    ]
