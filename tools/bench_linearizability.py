"""The linearizability checker beside the definition tried literally, and how it grows.

    python -m tools.bench_linearizability

Both judge the same histories, in turn, so that each repetition sees the same machine; ratios
are taken inside a repetition. "tried literally" is ``explained`` of the page's program: the same
candidates, without memory of what was tried. The good histories are runs of the page's store;
the bad ones end in a read that nobody explains, so that every order has to be ruled out.
"""

import sys
from random import Random
from statistics import median
from time import process_time

from snippets.concepts.linearizability import explained, hard, linearizable, parse, run

REPETITIONS = 9


def literally(ops) -> bool:
    return explained([parse(op) for op in ops], lambda a, b: a.ret < b.inv)


def seconds(function, *args) -> float:
    began = process_time()
    function(*args)
    return process_time() - began


def compare(name, ops) -> None:
    assert linearizable(ops) == literally(ops)
    ratios = [
        seconds(literally, ops) / seconds(linearizable, ops) for _ in range(REPETITIONS)
    ]
    print(f"{name}: literally / checker {median(ratios):.1f}"
          f" (from {min(ratios):.1f} to {max(ratios):.1f})")


def main() -> int:
    for size in (2, 10, 40):
        ops = [op for op in run(Random(1), todo=size) if op["ret"] is not None]
        compare(f"good, {len(ops)} operations", ops)
    for writes in (3, 4, 5, 6):
        compare(f"bad, {writes} writes at once", hard(writes))
    base = 0.0
    for todo in (20, 40, 80, 160):
        ops = run(Random(2), clients=5, todo=todo, loss=0.05)
        took = median(seconds(linearizable, ops) for _ in range(REPETITIONS))
        base = base or took
        print(f"{len(ops)} operations on one key, 5 clients: {took * 1000:.1f} ms,"
              f" {took / base:.1f} times the first")
    return 0


if __name__ == "__main__":
    sys.exit(main())
