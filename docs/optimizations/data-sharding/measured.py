"""Paper rows, effects and tables of this page, from calls of its program."""

from random import Random

from snippets.optimizations import data_sharding as program
from tools.measure import Effect, Paper, Table
from tools.tested import tested

ROWS = {row.name: row for row in program.demo()}


def paper():
    return [
        Paper(
            key="thaler1998rendezvous",
            place="section on minimal disruption",
            claim="share of keys that rendezvous moves when machine 11 joins 10",
            said=1 / 11,
            got=ROWS["rendezvous"].moved,
            tolerance=0.006,
            show="{:.2%}",
            note="20,000 keys: three standard errors are 0.6 points",
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
