"""Paper rows and tables of this page, from calls of its program."""

from functools import cache
from random import Random

from snippets.optimizations import backoff_and_jitter as program
from tools.measure import Paper, Table

# What the published simulator prints for 100 clients; it counts the writes.
UPSTREAM = {
    "none": 2425,
    "exponential": 1870,
    "equal_jitter": 811,
    "full_jitter": 793,
    "decorrelated": 999,
}
# Metcalfe and Boggs, Table 1: efficiency by packet size and crowd.
ETHERNET = {
    4096: (0.9884, 0.9834, 0.9818, 0.9807, 0.9804),
    1024: (0.9552, 0.9367, 0.9310, 0.9272, 0.9259),
    512: (0.9143, 0.8810, 0.8709, 0.8642, 0.8620),
    48: (0.5000, 0.4096, 0.3874, 0.3737, 0.3693),
}
CROWDS = (2, 5, 10, 32, 128)


@cache
def means(name, runs=100):
    return program.average(getattr(program, name), runs=runs)


def order():
    calls = {name: means(name).calls for name in UPSTREAM}
    took = {name: means(name).took_ms for name in UPSTREAM}
    return (
        calls["full_jitter"] < calls["exponential"] / 2,
        max(took, key=took.get),
        calls["decorrelated"] > calls["full_jitter"]
        and took["decorrelated"] < took["full_jitter"],
    )


def paper():
    rows = [
        Paper(
            key="brooker2015simulator",
            place="100 clients, mean of 100 runs",
            claim=f"writes until all have succeeded, {name.replace('_', ' ')}",
            said=said,
            got=means(name).calls,
            tolerance=0.04 * said,
            show="{:,.0f}",
            note="4%: what other seeds of the simulator give" if name == "none" else "",
        )
        for name, said in UPSTREAM.items()
    ]
    halves, slowest, trade = order()
    rows += [
        Paper(
            key="brooker2015exponential",
            place="on adding jitter",
            claim="jitter cuts the calls by more than half",
            said=True,
            got=halves,
        ),
        Paper(
            key="brooker2015exponential",
            place="on which approach is best",
            claim="the clear loser, in time",
            said="exponential",
            got=slowest,
            note="backoff without jitter",
        ),
        Paper(
            key="brooker2015exponential",
            place="on which approach is best",
            claim="decorrelated jitter: more calls than full jitter, less time",
            said=True,
            got=trade,
        ),
    ]
    for bits, said in ETHERNET.items():
        rows.append(
            Paper(
                key="metcalfe1976ethernet",
                place="Table 1",
                claim=f"efficiency, {bits:,} bit packets, crowds of 2, 5, 10, 32 and 128",
                said=said,
                got=tuple(round(program.efficiency(crowd, bits), 4) for crowd in CROWDS),
                note="the formula of section 6" if bits == 4096 else "",
            )
        )
    rows.append(
        Paper(
            key="metcalfe1976ethernet",
            place="Table 1",
            claim="efficiency, 48 bit packets, a crowd of 10, run slot by slot",
            said=0.3874,
            got=program.slots(Random(1), 10, 10, bits=4_000_000),
            tolerance=0.006,
            show="{:.4f}",
            note="83,000 slots: three standard errors are 0.005",
        )
    )
    return rows


def tables():
    rows = [
        (name.replace("_", " "), f"{means(name).calls:,.0f}", f"{means(name).took_ms / 1000:.1f} s")
        for name in UPSTREAM
    ]
    same = program.average(program.full_jitter, runs=40, same_seed=True)
    rows.append(
        ("full jitter, one seed for all", f"{same.calls:,.0f}", f"{same.took_ms / 1000:.1f} s")
    )
    return {
        "strategies": Table(("wait", "writes", "until the last is done"), tuple(rows), "lrr"),
    }
