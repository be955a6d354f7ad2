"""A lookup by each placement of the page beside uhashring's.

    python -m tools.bench_consistent_hashing

All place the same byte keys on the same nodes, in turn, so that each repetition sees the same
machine; ratios are taken inside a repetition. uhashring hashes with MD5 unless told otherwise; to
separate the search from the hash, it runs with our hash as well.
"""

import sys
from statistics import median
from time import process_time

from uhashring import HashRing

from snippets.optimizations.consistent_hashing import Maglev, Ring, hash64, jump, named, rendezvous

REPETITIONS, KEYS, TOKENS = 9, 5_000, 100


def seconds(function, items) -> float:
    began = process_time()
    for item in items:
        function(item)
    return process_time() - began


def ratio(name, base, function, items) -> None:
    """Prints base / function: above 1, ours is faster."""
    found = [seconds(base, items) / seconds(function, items) for _ in range(REPETITIONS)]
    print(f"{name}: {median(found):.2f} (from {min(found):.2f} to {max(found):.2f})")


def main() -> int:
    keys = [b"user:%d" % i for i in range(KEYS)]
    for count in (10, 100):
        nodes = [name.decode() for name in named(count)]
        theirs = HashRing(nodes, vnodes=TOKENS // 4, hash_fn="ketama")  # four points each
        same = HashRing(nodes, vnodes=TOKENS, hash_fn=lambda key: hash64(key.encode()))
        assert theirs.size == same.size == count * TOKENS
        ours, maglev = Ring(named(count), TOKENS), Maglev(named(count))
        texts = [key.decode() for key in keys]
        print(f"{count} nodes, {TOKENS} tokens; lookups, time of uhashring / time of")
        both = list(zip(keys, texts, strict=True))
        ratio("  ring", lambda k, r=theirs: r.get_node(k[1]), lambda k, r=ours: r.place(k[0]), both)
        ratio("  ring, both with our hash", lambda k, r=same: r.get_node(k[1]),
              lambda k, r=ours: r.place(k[0]), both)
        ratio("  Maglev", lambda k, r=theirs: r.get_node(k[1]),
              lambda k, m=maglev: m.place(k[0]), both)
        ratio("  jump", lambda k, r=theirs: r.get_node(k[1]),
              lambda k, n=count: jump(k[0], n), both)
        ratio("  rendezvous", lambda k, r=theirs: r.get_node(k[1]),
              lambda k, n=maglev.nodes: rendezvous(k[0], n), both[:500])
    return 0


if __name__ == "__main__":
    sys.exit(main())
