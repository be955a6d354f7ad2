"""Paper rows and tables of this page, from calls of its program."""

from collections import Counter

from snippets.optimizations import consistent_hashing as program
from tools.measure import Paper, Table

ROWS = {name: row for name, *row in program.demo()}
# Guava's test and the paper's Figure 1 agree on these, keys 0 to 19 in 100 buckets.
JUMP = (0, 55, 62, 8, 45, 59, 86, 97, 82, 59, 73, 37, 17, 56, 86, 21, 90, 37, 38, 83)


def tails(found):
    """Half a per cent of the shares lie below the first, as many above the second."""
    return found[int(0.005 * len(found))], found[int(0.995 * len(found))]


def karger(nodes=1000, tokens=1000, size=65537):
    """The fullest node, over the mean, when every entry of a table is a key of a ring."""
    ring = program.Ring(program.named(nodes), tokens)
    return program.busiest({entry: ring.place(entry) for entry in range(size)}, nodes)


def paper():
    keys = range(10_000)
    before, after = (
        {key: program.jump(program.hash64(key), n) for key in keys} for n in (10, 12)
    )
    ten = {key: program.rendezvous(key, program.named(10)) for key in keys}
    nine = {key: program.rendezvous(key, program.named(9)) for key in keys}
    lost = sum(node == b"n9" for node in ten.values()) / len(ten)
    low, high = tails(program.arcs(1000, 10, 10))
    hundred = program.arcs(1000, 100, 2)
    low2, high2 = tails(hundred)
    entries = Counter(program.Maglev(program.named(655)).table).values()
    starts = [(3, 4), (0, 2), (3, 1)]
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
            place="introduction",
            claim="share of keys that jump moves from 10 buckets to 12",
            said=1 / 6,
            got=program.moved(before, after),
            tolerance=0.011,
            show="{:.2%}",
            note="10,000 keys: three standard errors are 1.1 points",
        ),
        Paper(
            key="lamping2014jump",
            place="key distribution",
            claim="ring, 10 tokens: half a per cent of the nodes have less of the mean than",
            said=0.37,
            got=low,
            tolerance=0.03,
            show="{:.2f}",
            note="10 rings of 1,000 nodes; what other names give",
        ),
        Paper(
            key="lamping2014jump",
            place="key distribution",
            claim="ring, 10 tokens: half a per cent of the nodes have more than",
            said=1.98,
            got=high,
            tolerance=0.08,
            show="{:.2f}",
        ),
        Paper(
            key="gryski2018consistent",
            place="on whether we are done",
            claim="ring, 100 tokens: standard deviation of a node's load",
            said=0.10,
            got=program.deviation(hundred),
            tolerance=0.01,
            show="{:.3f}",
        ),
        Paper(
            key="gryski2018consistent",
            place="on whether we are done",
            claim="ring, 100 tokens: half a per cent of the nodes have less of the mean than",
            said=0.76,
            got=low2,
            tolerance=0.02,
            show="{:.2f}",
            note="2 rings of 1,000 nodes",
        ),
        Paper(
            key="gryski2018consistent",
            place="on whether we are done",
            claim="ring, 100 tokens: half a per cent of the nodes have more than",
            said=1.28,
            got=high2,
            tolerance=0.03,
            show="{:.2f}",
        ),
        Paper(
            key="thaler1998rendezvous",
            place="section on minimal disruption",
            claim="share of keys that rendezvous moves when one of 10 nodes leaves: its own",
            said=lost,
            got=program.moved(ten, nine),
            show="{:.3%}",
            note="10,000 keys",
        ),
        Paper(
            key="eisenbud2016maglev",
            place="Table 1",
            claim="the table of 7 entries, before and after backend 1 of 3 is removed",
            said=((1, 0, 1, 0, 2, 2, 0), (0, 0, 0, 0, 2, 2, 2)),
            got=(
                tuple(program.populate(starts, 7)),
                tuple(2 * i for i in program.populate([starts[0], starts[2]], 7)),
            ),
            note="as the tests of dgryski/go-maglev print it, counted from 0",
        ),
        Paper(
            key="eisenbud2016maglev",
            place="section 3.4",
            claim="with 100 entries a backend, the largest share over the smallest is at most",
            said=1.01,
            got=max(entries) / min(entries),
            tolerance=1e-9,
            show="{:.3f}",
            note="655 backends, 65,537 entries",
        ),
        Paper(
            key="eisenbud2016maglev",
            place="section 5.3",
            claim="ring, 1,000 backends, 65,537 entries: over-provisioning for the fullest",
            said=0.297,
            got=karger() - 1,
            tolerance=0.05,
            show="{:.1%}",
            differs="65.5 entries a backend deviate by 12% by chance alone, and the largest of 1,000 such "
            "draws is about 40% up. The paper does not say how its ring's entries were drawn",
        ),
        Paper(
            key="mirrokni2016bounded",
            place="introduction",
            claim="c = 1.25, 10,000 keys on 100 nodes: no node has more keys than",
            said=125,
            got=round(program.loads(1.25, leave=1)[0] * 100),
            note="the fullest reaches the bound",
        ),
    ]


def tables():
    bounds = [(f"{c:g}" if c < 100 else "none", *program.loads(c, leave=6)) for c in (100, 2, 1.5, 1.25, 1.1)]
    sizes = [
        (f"{size:,}", f"{program.disruption(100, size, 1):.2%}", f"{program.disruption(100, size, 5):.2%}")
        for size in (1009, 10007, 65537)
    ]
    return {
        "bounds": Table(
            ("bound c", "fullest over mean", "keys not at home", "moved when one of 100 leaves"),
            tuple((c, f"{most:.2f}", f"{away:.1%}", f"{left:.1%}") for c, most, away, left in bounds),
            "lrrr",
        ),
        "sizes": Table(
            ("entries of the table", "moved needlessly, 1 of 100 dies", "5 of 100 die"),
            tuple(sizes),
            "rrr",
        ),
    }
