"""A counter for each process, which tells before, after and concurrent.

    python vector_clock.py TRACE.jsonl     one event a line
    {"proc": "ann", "kind": "send"}
    {"proc": "bob", "kind": "recv", "msg": 0}

An event is a dict: ``proc`` where, ``kind`` local, send or recv, ``msg`` of a
recv the index of its send, counted from 0. Events stand in any order in which
each process keeps its own, and a send stands before what receives it.

Source: Fidge, "Timestamps in Message-Passing Systems That Preserve the
Partial Ordering", 1988; Mattern, "Virtual Time and Global States of
Distributed Systems", 1989; Charron-Bost, "Concerning the Size of Logical
Clocks in Distributed Systems", 1991 (n entries are needed); DeCandia et al.,
"Dynamo", 2007, section 4.4 and Figure 3 (versions).
Guarantee: V(a) < V(b) if and only if a happened before b. Assumes that each
message carries its sender's vector, and that no process forgets its own.
Left out: processes that come and go; short forms of a vector on the wire.
"""

import json
import sys
from pathlib import Path
from random import Random

KINDS = ("local", "send", "recv")


def check(events: list[dict]) -> None:
    """Raise ValueError, with one sentence, at the first malformed event."""
    for i, event in enumerate(events):
        if not isinstance(event, dict) or not {"proc", "kind"} <= set(event):
            raise ValueError(f"event {i} is not an object with the fields "
                             "proc and kind")
        if not isinstance(event["proc"], str):
            raise ValueError(f"event {i}: 'proc' is not a text")
        if event["kind"] not in KINDS:
            raise ValueError(f"event {i}: 'kind' is not one of "
                             f"{', '.join(KINDS)}")
        if event["kind"] == "recv":
            msg = event.get("msg")
            if isinstance(msg, bool) or not isinstance(msg, int):
                raise ValueError(f"event {i}: 'msg' of a recv is the index "
                                 "of its send, a whole number")
            if not 0 <= msg < i or events[msg]["kind"] != "send":
                raise ValueError(f"event {i}: 'msg' is {msg}, which is no "
                                 "send among the events before it")


# --8<-- [start:stamp]
Vector = dict[str, int]  # an entry that is missing is 0


def merge(a: Vector, b: Vector) -> Vector:
    """The larger of each two entries."""
    return a | {proc: max(n, a.get(proc, 0)) for proc, n in b.items()}


def stamp(events: list[dict], merging: bool = True) -> list[Vector]:
    """The vector of each event, in the order of ``events``.

    ``merging=False`` is a receiver that does not look at the message.
    Raises ValueError if an event is malformed.
    """
    check(events)
    clocks, stamps = {}, []
    for event in events:
        proc, now = event["proc"], clocks.get(event["proc"], {})
        if event["kind"] == "recv" and merging:
            now = merge(now, stamps[event["msg"]])
        clocks[proc] = now | {proc: now.get(proc, 0) + 1}
        stamps.append(clocks[proc])
    return [dict(vector) for vector in stamps]
# --8<-- [end:stamp]


# --8<-- [start:compare]
def at_most(a: Vector, b: Vector) -> bool:
    """a <= b: no entry of a is larger. b has seen all that a has."""
    return all(n <= b.get(proc, 0) for proc, n in a.items())


def before(a: Vector, b: Vector) -> bool:
    """a < b: no entry is larger, and one is smaller."""
    return at_most(a, b) and not at_most(b, a)


def concurrent(a: Vector, b: Vector) -> bool:
    """Whether neither event happened before the other. Equal vectors belong
    to one event, which is not concurrent with itself."""
    return not at_most(a, b) and not at_most(b, a)
# --8<-- [end:compare]


# --8<-- [start:graph]
def happened_before(events: list[dict]) -> set[tuple[int, int]]:
    """All pairs (i, j) of indices with a path from i to j, without clocks."""
    check(events)
    last, pasts = {}, []
    for i, event in enumerate(events):
        near = [last[event["proc"]]] if event["proc"] in last else []
        near += [event["msg"]] if event["kind"] == "recv" else []
        pasts.append(set(near).union(*(pasts[k] for k in near)))
        last[event["proc"]] = i
    return {(i, j) for j, past in enumerate(pasts) for i in past}


def wrong(events: list[dict], stamps: list[Vector]) -> int:
    """Pairs on which the vectors and the paths disagree."""
    paths, order = happened_before(events), range(len(events))
    return sum(before(stamps[i], stamps[j]) != ((i, j) in paths)
               for i in order for j in order)


def all_runs(procs: str, count: int):
    """Every run of so many events: each is local, a send, or receives any
    send of another process that it has not received yet."""
    def grow(events):
        if len(events) == count:
            yield list(events)
            return
        for proc in procs:
            got = {e.get("msg") for e in events if e["proc"] == proc}
            steps = [{"kind": "local"}, {"kind": "send"}] + [
                {"kind": "recv", "msg": i} for i, e in enumerate(events)
                if e["kind"] == "send" and e["proc"] != proc and i not in got]
            for step in steps:
                yield from grow([*events, {"proc": proc} | step])
    yield from grow([])
# --8<-- [end:graph]


def random_events(rng: Random, procs: int, count: int) -> list[dict]:
    """A run: a process at random acts, receives what waits, or sends."""
    events, waiting = [], {p: [] for p in range(procs)}
    for i in range(count):
        p, turn = int(rng.random() * procs), int(rng.random() * 3)
        event = {"proc": f"P{p}", "kind": "local"}
        if turn == 1 and waiting[p]:
            at = int(rng.random() * len(waiting[p]))
            event |= {"kind": "recv", "msg": waiting[p].pop(at)}
        elif turn == 2 and procs > 1:
            to = (p + 1 + int(rng.random() * (procs - 1))) % procs
            waiting[to].append(i)
            event["kind"] = "send"
        events.append(event)
    return events


def share_concurrent(procs: int) -> float:
    """Of the pairs of events in ten runs of 200: how many are concurrent."""
    pairs = apart = 0
    for seed in range(10):
        stamps = stamp(random_events(Random(seed), procs, 200))
        pairs += len(stamps) * (len(stamps) - 1) // 2
        apart += sum(concurrent(a, b) for i, a in enumerate(stamps)
                     for b in stamps[:i])
    return apart / pairs


def stamp_bytes(procs: int) -> int:
    """The last stamp of a run of 50 events a process, in bytes of JSON."""
    events = random_events(Random(1), procs, 50 * procs)
    return len(json.dumps(stamp(events)[-1], separators=(",", ":")))


# --8<-- [start:size]
def crown(n: int) -> list[dict]:
    """Each of n processes sends, and then hears from all but the next one.

    The send of the next one is concurrent with the last event of a process,
    and that of every other happened before it.
    """
    sends = [{"proc": f"P{i}", "kind": "send"} for i in range(n)]
    return sends + [{"proc": f"P{i}", "kind": "recv", "msg": k}
                    for i in range(n) for k in range(n)
                    if k not in (i, (i + 1) % n)]


def turned(n: int) -> int:
    """Of the n pairs (last event of a process, send of the next one), the
    most that one order of all events which fits causality turns around.

    One entry of any vectors puts the events in such an order. Each of the
    pairs has to be turned around in some entry, or the vectors would say
    that the send happened before: n / turned(n) entries are needed.
    """
    events = crown(n)
    last = {e["proc"]: i for i, e in enumerate(events)}
    ends = [last[f"P{i}"] for i in range(n)]
    paths = happened_before(events)
    shown = [*range(n), *ends]  # what else the receivers heard, in between

    def most(left):
        if not left:
            return 0
        found = 0
        for j in left:
            if not any((i, j) in paths for i in left):
                # turned around: j is an end, and the send is still to come
                early = j in ends and (ends.index(j) + 1) % n in left
                found = max(found, early + most(left - {j}))
        return found
    return most(frozenset(shown))
# --8<-- [end:size]


# --8<-- [start:versions]
def write(server: str, *read: Vector) -> Vector:
    """The version vector of a write at ``server``, which has read these."""
    seen = {}
    for vector in read:
        seen = merge(seen, vector)
    return seen | {server: seen.get(server, 0) + 1}


def siblings(versions: dict[str, Vector]) -> list[str]:
    """The versions that no other one has seen and replaced."""
    return [name for name, vector in versions.items()
            if not any(before(vector, other) for other in versions.values())]


def figure_3() -> dict[str, Vector]:
    """The versions of Dynamo's Figure 3, by name."""
    d1 = write("Sx")
    d2 = write("Sx", d1)
    d3, d4 = write("Sy", d2), write("Sz", d2)
    return {"D1": d1, "D2": d2, "D3": d3, "D4": d4,
            "D5": write("Sx", d3, d4)}
# --8<-- [end:versions]


# --8<-- [start:demo]
def demo() -> list[dict]:
    """Ann tells Bob, Bob tells Cam, and each has something else to do."""
    return [{"proc": "ann", "kind": "send"}, {"proc": "cam", "kind": "local"},
            {"proc": "bob", "kind": "recv", "msg": 0},
            {"proc": "cam", "kind": "local"}, {"proc": "bob", "kind": "send"},
            {"proc": "ann", "kind": "local"},
            {"proc": "cam", "kind": "recv", "msg": 4}]
# --8<-- [end:demo]


# --8<-- [start:file]
def load(path: str) -> list[dict]:
    """The events of a file of JSON lines. ValueError: file, line, why."""
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    events = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                events.append(json.loads(line))
            except (ValueError, RecursionError):
                raise ValueError(f"{path}:{number}: this is not one JSON "
                                 "object on one line") from None
    if not events:
        raise ValueError(f"{path}: there is no event in this file")
    try:
        check(events)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return events


def judge(path: str) -> int:
    """Print the concurrent pairs; 0 there is none, 1 some, 2 unusable."""
    try:
        events = load(path)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    stamps, n = stamp(events), len(events)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)
             if concurrent(stamps[i], stamps[j])]
    print(f"{len(pairs)} of {n * (n - 1) // 2} pairs are concurrent"
          if pairs else f"all {n} events are ordered by causality")
    for pair in pairs:
        print("  " + " | ".join(
            f"{k} {events[k]['proc']} {events[k]['kind']} "
            f"{json.dumps(stamps[k])}" for k in pair))
    return 1 if pairs else 0
# --8<-- [end:file]


if __name__ == "__main__":
    if len(sys.argv) > 1 and Path(sys.argv[0]).resolve() == Path(
            __file__).resolve():
        sys.exit(judge(sys.argv[1]))

    stamps = stamp(demo())
    for i, j in (0, 6), (5, 6):
        a, b = stamps[i], stamps[j]
        print(f"{a} and {b}: concurrent {concurrent(a, b)}")
        #> {'ann': 1} and {'cam': 3, 'ann': 1, 'bob': 2}: concurrent False
        #> {'ann': 2} and {'cam': 3, 'ann': 1, 'bob': 2}: concurrent True

    versions = figure_3()
    for name, vector in versions.items():
        print(name, vector)
        #> D1 {'Sx': 1}
        #> D2 {'Sx': 2}
        #> D3 {'Sx': 2, 'Sy': 1}
        #> D4 {'Sx': 2, 'Sz': 1}
        #> D5 {'Sx': 3, 'Sy': 1, 'Sz': 1}
    d3, d4 = versions["D3"], versions["D4"]
    print(f"D3 < D4 {before(d3, d4)}, D4 < D3 {before(d4, d3)}")
    #> D3 < D4 False, D4 < D3 False
    first, second = write("Sx", versions["D2"]), write("Sx", versions["D2"])
    print(f"two clients, one server: {first} and {second}")
    #> two clients, one server: {'Sx': 3} and {'Sx': 3}
    del versions["D5"]
    print(f"without D5: {siblings(versions)}; with it: {siblings(figure_3())}")
    #> without D5: ['D3', 'D4']; with it: ['D5']

    runs = list(all_runs("PQR", 4))
    bad = sum(wrong(run, stamp(run)) for run in runs)
    worse = sum(wrong(run, stamp(run, False)) > 0 for run in runs)
    print(f"{len(runs)} runs: {bad} pairs wrong; no merge: {worse} runs wrong")
    #> 2844 runs: 0 pairs wrong; no merge: 1548 runs wrong

    for n in 3, 4:
        print(f"{n} processes: an order turns around {turned(n)} of {n} pairs")
        #> 3 processes: an order turns around 1 of 3 pairs
        #> 4 processes: an order turns around 1 of 4 pairs
    for n in 4, 16, 64:
        pairs, size = share_concurrent(n), stamp_bytes(n)
        print(f"{n} processes: {pairs:.1%} concurrent, {size} bytes a stamp")
        #> 4 processes: 27.5% concurrent, 33 bytes a stamp
        #> 16 processes: 86.7% concurrent, 135 bytes a stamp
        #> 64 processes: 97.9% concurrent, 553 bytes a stamp
