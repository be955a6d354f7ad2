"""Is there one order of these operations that explains every result?

    python linearizability.py HISTORY.jsonl     one operation a line
    {"p": "ann", "f": "write", "arg": 1, "inv": 0, "ret": 10}
    {"p": "bob", "f": "read", "inv": 12, "ret": 14, "res": null}

An operation is a dict: ``p`` who called, ``f`` read, write or cas (or enq and
deq, of a queue), ``arg`` what is written, [old, new] of a cas, ``inv`` and
``ret`` whole numbers, when it was called and returned (None: never), ``res``
what a read found or whether a cas took place. ``key`` names the register
where there are several. A register holds None, a queue nothing, at first.

Source: Herlihy and Wing, "Linearizability", 1990, section 2 (definition) and
3.1 (locality); Wing and Gong, "Testing and Verifying Concurrent Objects",
1993 (the search); Lowe, "Testing for Linearizability", 2017 (an operation is
placed when one has to be, and no configuration is searched twice).
Guarantee: True and False are proofs; None says that the cap was reached.
Assumes one clock for all times: equal times count as concurrent.
Left out: operations known to have failed, which leave no line.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations, product
from math import inf, log
from pathlib import Path
from random import Random
from typing import NamedTuple

from snippets.simnet import CancelTimer, Lost, Send, SetTimer, Simulation


# --8<-- [start:operation]
class Op(NamedTuple):
    """One operation, checked. Values are JSON texts: those can be hashed,
    and 1 is not true."""

    p: str
    f: str
    arg: object
    inv: int
    ret: float  # inf: it never returned
    res: object
    key: str
    record: dict  # as it was given


NO = object()  # what apply returns for an operation that cannot come next


def apply(op: Op, value):
    """What the object holds after op, or NO if op's result is impossible."""
    if op.f == "write":
        return op.arg
    if op.f == "read":
        return value if op.res == value else NO
    if op.f == "cas":
        old, new = op.arg
        took_place = value == old
        if op.ret == inf:  # result unknown: what changes nothing is left out
            return new if took_place else NO
        if op.res != took_place:
            return NO
        return new if took_place else value
    if op.f == "enq":
        return (*value, op.arg)
    fits = value and (op.ret == inf or value[0] == op.res)
    return value[1:] if fits else NO  # deq
# --8<-- [end:operation]


FIELDS = {"read": "res", "write": "arg", "cas": "arg", "enq": "arg",
          "deq": "res"}
EMPTY = {"register": "null", "queue": ()}


def kind(op: Op) -> str:
    return "queue" if op.f in ("enq", "deq") else "register"


def text(value) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def parse(record: dict) -> Op:
    """The operation of a dict. Raises ValueError saying what is wrong."""
    if not isinstance(record, dict):
        raise ValueError(f"an operation is an object with the fields p, f, "
                         f"inv, ret, not {text(record)}")
    for name in "p", "f", "inv", "ret":
        if name not in record:
            raise ValueError(f"{name!r} is missing in {text(record)}")
    f, inv, ret = record["f"], record["inv"], record["ret"]
    if not isinstance(f, str) or f not in FIELDS:
        raise ValueError(f"'f' is {text(f)}: use one of {', '.join(FIELDS)}")
    for name, time in ("inv", inv), ("ret", ret):
        whole = isinstance(time, int) and not isinstance(time, bool)
        if not whole and not (time is None and name == "ret"):
            raise ValueError(f"{name!r} is {text(time)}: times are whole "
                             "numbers, and ret is null if it never returned")
    if ret is not None and ret < inv:
        raise ValueError(f"it returned at {ret}, before its call at {inv}")
    needs = {FIELDS[f]} | ({"res"} if f == "cas" else set())
    if ret is None:
        needs.discard("res")
    for name in sorted(needs):
        if name not in record:
            raise ValueError(f"{name!r} is missing in a {f}")
    arg, res = record.get("arg"), record.get("res")
    if ret is None:
        res = None  # a result that nobody was given says nothing
    if f == "cas":
        if not isinstance(arg, (list, tuple)) or len(arg) != 2:
            raise ValueError(f"'arg' is {text(arg)}: a cas has [old, new]")
        if ret is not None and not isinstance(res, bool):
            raise ValueError(f"'res' is {text(res)}: a cas has true or false")
        arg = tuple(map(text, arg))
    else:
        arg, res = text(arg), text(res)
    key = text(record.get("key"))
    return Op(record["p"], f, arg, inv, inf if ret is None else ret, res, key,
              record)


def by_key(records) -> dict[str, list[Op]]:
    """The operations of each object, in the order of their calls."""
    objects = {}
    for number, record in enumerate(records, 1):
        try:
            op = parse(record)
        except ValueError as error:
            raise ValueError(f"operation {number}: {error}") from None
        others = objects.setdefault(op.key, [])
        if others and kind(others[0]) != kind(op):
            raise ValueError(f"operation {number}: {op.f} on a "
                             f"{kind(others[0])}")
        others.append(op)
    return {key: sorted(ops, key=lambda op: op.inv)
            for key, ops in objects.items()}


# --8<-- [start:search]
class Found(NamedTuple):
    answer: bool | None  # None: more than max_steps
    steps: int  # results compared
    order: list  # indices of operations, when the answer is True
    stuck: int  # when it is False: the operation whose return nobody explains


def search(ops: list[Op], max_steps: float = inf) -> Found:
    """Look for one order of the operations on one object."""
    # A read that was never answered neither did nor told anything.
    left = [i for i, op in enumerate(ops) if op.ret < inf or op.f != "read"]
    returns = sorted((i for i in left if ops[i].ret < inf),
                     key=lambda i: ops[i].ret)
    waiting, wanted, called, now = [], [], 0, []
    for i in returns:  # what may be placed when i has to be
        while called < len(left) and ops[left[called]].inv <= ops[i].ret:
            now.append(left[called])
            called += 1
        waiting.append(sorted(now, key=lambda j: ops[j].ret))
        wanted.append(observed(ops[j] for j in now))
        now.remove(i)

    start = EMPTY[kind(ops[0])] if ops else None
    stack, seen, steps, furthest = [(0, 0, start, None)], set(), 0, 0
    while stack:
        # returns explained, operations placed (a bit each), value, their order
        at, placed, value, order = stack.pop()
        while at < len(returns) and placed >> returns[at] & 1:
            at += 1
        if at == len(returns):
            return Found(True, steps, unroll(order), -1)
        furthest = max(furthest, at)
        branches = []
        for i in waiting[at]:
            op = ops[i]
            if placed >> i & 1 or (
                    op.ret == inf and useless(op, wanted[at])):
                continue
            steps += 1
            after = apply(op, value)
            if after is NO:
                continue
            if op.f == "read" or op.res is False:
                # It changes nothing, so it is in nobody's way: no branching.
                branches = [(i, after)]
                break
            branches.append((i, after))
        if steps > max_steps:
            return Found(None, steps, [], -1)
        for i, after in reversed(branches):
            configuration = (placed | 1 << i, after)
            if configuration not in seen:  # Lowe: never search one twice
                seen.add(configuration)
                stack.append((at, *configuration, (i, order)))
    return Found(False, steps, [], returns[furthest])
# --8<-- [end:search]


def observed(ops) -> set:
    """Values that some operation has to find; ANY if one has to miss one."""
    found = set()
    for op in ops:
        if op.f == "read":
            found.add(op.res)
        elif op.f == "cas":
            found.add(ANY if op.res is False else op.arg[0])
        elif op.f in ("enq", "deq"):
            found.add(ANY)  # the order of a queue matters later on
    return found


ANY = object()


def useless(op: Op, wanted: set) -> bool:
    """Whether an operation that need not happen has no reason to do so now."""
    new = op.arg[1] if op.f == "cas" else op.arg
    return ANY not in wanted and new not in wanted


def unroll(order) -> list:
    found = []
    while order:
        i, order = order
        found.append(i)
    return found[::-1]


# --8<-- [start:linearizable]
def linearizable(ops: list[dict], max_steps: int = 1_000_000) -> bool | None:
    """True, False, or None when some register needs more than max_steps.

    ``ops`` are dicts as the top of this file says, in any order. ``p`` is
    not used: operations of one process may overlap. Equal times count as
    concurrent. Raises ValueError naming the first malformed operation.
    """
    answers = [search(each, max_steps).answer for each in by_key(ops).values()]
    if False in answers:  # a proof, whatever else could not be decided
        return False
    return None if None in answers else True
# --8<-- [end:linearizable]


# --8<-- [start:explain]
def explain(ops: list[dict], max_steps: int = 1_000_000) -> list[dict]:
    """A few operations that fit no order, with or without the others.

    Empty unless ``linearizable(ops)`` is False. What came after the first
    result that nobody explains is cut off. Then goes what can be left out
    of a good history without making it bad: a read, or all that touches one
    value. Leave out any more of that, and an order would be found.
    """
    for each in by_key(ops).values():
        found = search(each, max_steps)
        if found.answer is False:
            end = each[found.stuck].ret
            early = [op if op.ret <= end else op._replace(ret=inf)
                     for op in each if op.inv <= end]
            return [op.record for op in shrink(early, max_steps)]
    return []


def shrink(ops: list[Op], max_steps: float) -> list[Op]:
    alone = [{i} for i, op in enumerate(ops) if changes_nothing(op)]
    kept = set(range(len(ops)))
    for parts, writes in (alone, False), (values(ops), True):
        size = len(parts)
        while size:
            for at in range(0, len(parts), size):
                rest = kept.difference(*parts[at:at + size])
                # A cas that failed says what the value was not; dropping
                # writes could make that false.
                sound = not writes or all(
                    ops[i].res is not False for i in rest)
                some = [ops[i] for i in sorted(rest)]
                if sound and search(some, max_steps).answer is False:
                    kept = rest
            parts = [part for part in parts if part & kept]
            size = size // 2
    return [ops[i] for i in sorted(kept)]
# --8<-- [end:explain]


def changes_nothing(op: Op) -> bool:
    return op.f == "read" or op.res is False


def values(ops: list[Op]) -> list[set]:
    """The operations that touch one value; a cas joins two of them."""
    groups = []
    for i, op in enumerate(ops):
        if op.f == "deq" and op.ret == inf:
            continue  # nobody knows which
        touched = {op.arg} if op.f in ("write", "enq") else {op.res}
        if op.f == "cas":
            touched = set() if op.res is False else set(op.arg)
        joined = [group for group in groups if group[0] & touched]
        groups = [group for group in groups if group not in joined]
        groups.append((touched.union(*(group[0] for group in joined)),
                       {i}.union(*(group[1] for group in joined))))
    return [members for _, members in groups]


# --8<-- [start:models]
def explained(ops: list[Op], before: Callable[[Op, Op], bool]) -> bool:
    """The definition, tried literally: is there an order of all operations,
    with ``before`` kept, in which every result is right?

    No memory of what was tried, no split by key: n operations may take n!
    steps. Every operation has returned.
    """
    def search(left: tuple, held: dict) -> bool:
        if not left:
            return True
        for i, op in enumerate(left):
            rest = left[:i] + left[i + 1:]
            if not any(before(other, op) for other in rest):
                after = apply(op, held.get(op.key, EMPTY[kind(op)]))
                if after is not NO and search(rest, held | {op.key: after}):
                    return True
        return False
    return search(tuple(ops), {})


def models(records: list[dict]) -> dict[str, bool]:
    """Which promises a history keeps, the strongest first.

    Each process calls one operation after the other; no value is written
    twice to one register. Lamport 1979 (sequential consistency), Ahamad et
    al. 1995 (causal memory), Lipton and Sandberg 1988 (PRAM).
    """
    ops = [parse(record) for record in records]

    def real_time(a, b):
        return a.ret < b.inv

    def program(a, b):
        return a.p == b.p and a.inv < b.inv

    def tells(a, b):
        return (a.f, b.f) == ("write", "read") and (a.key, a.arg) == (
            b.key, b.res)

    pairs = {(i, j) for i, a in enumerate(ops) for j, b in enumerate(ops)
             if program(a, b) or tells(a, b)}
    for k in range(len(ops)):  # Warshall: what follows from what
        pairs |= {(i, j) for i, one in pairs if one == k
                  for two, j in pairs if two == k}
    number = {id(op): i for i, op in enumerate(ops)}

    def cause(a, b):
        return (number[id(a)], number[id(b)]) in pairs

    def each_sees(before):
        """Each process has an order of its own, of its operations and all
        writes."""
        return all(explained([op for op in ops
                              if op.p == p or op.f == "write"], before)
                   for p in dict.fromkeys(op.p for op in ops))

    return {"linearizable": explained(ops, real_time),
            "sequential": explained(ops, program),
            "causal": each_sees(cause), "PRAM": each_sees(program)}
# --8<-- [end:models]


# --8<-- [start:store]
@dataclass(frozen=True)
class Ask:
    number: int
    f: str
    arg: str | None = None


@dataclass(frozen=True)
class Answer:
    number: int
    res: str | None


@dataclass
class Copy:
    """A copy of one register. The primary tells its follower, later."""

    id: str
    follower: str = ""
    value: str | None = None

    def receive(self, sender: str, message) -> list:
        if message.f == "write":
            self.value = message.arg
        effects = [Send(sender, Answer(message.number, self.value))]
        if message.f == "write" and self.follower:
            effects.append(Send(self.follower, message))
        return effects if sender != "primary" else []


@dataclass
class Client:
    """Reads and writes in turns, and keeps the history."""

    id: str
    now: Callable[[], int] = field(repr=False)
    rng: Random = field(repr=False)
    reads_at: str
    todo: int
    history: list[dict] = field(default_factory=list)

    def start(self) -> list:
        think_ms = 1 + int(exponential(self.rng, 10))
        return [SetTimer("next", think_ms)] if self.todo else []

    def timeout(self, timer: str) -> list:
        if timer == "patience":  # it may be done one day: ret stays None
            return self.start()
        self.todo -= 1
        number = len(self.history)
        f = "write" if self.rng.random() < 0.4 else "read"
        arg = f"{self.id}.{number}" if f == "write" else None
        self.history.append({"p": self.id, "f": f, "arg": arg,
                             "inv": self.now(), "ret": None, "res": None})
        to = "primary" if f == "write" else self.reads_at
        return [Send(to, Ask(number, f, arg)), SetTimer("patience", 100)]

    def receive(self, sender: str, message: Answer) -> list:
        op = self.history[message.number]
        if message.number < len(self.history) - 1:
            return []  # nobody waits for it any more
        op["ret"] = self.now()
        if op["f"] == "read":
            op["res"] = message.res
        return [CancelTimer("patience"), *self.start()]
# --8<-- [end:store]


def exponential(rng: Random, mean: float) -> float:
    return -log(1.0 - rng.random()) * mean


def run(rng: Random, reads_at: str = "primary", clients: int = 3,
        todo: int = 5, loss: float = 0.0, check=None) -> list[dict]:
    """The history of clients at one register, whose primary is 10 ms away.

    The follower is 2 ms away and hears of a write 20 ms late, on average;
    ``loss`` is the share of messages to and from the primary that are lost.
    """
    def delay(rng, sender, to, message):
        near = "follower" in (sender, to)
        mean = 20 if {sender, to} == {"primary", "follower"} else (
            2 if near else 10)
        delay_ms = 1 + int(exponential(rng, mean))
        lost = rng.random() < loss and not near
        return (Lost(delay_ms),) if lost else (delay_ms,)

    sim = Simulation(rng, delay)
    sim.add(Copy("primary", "follower"))
    sim.add(Copy("follower"))
    users = [Client(f"C{i}", sim.clock(), rng, reads_at, todo)
             for i in range(1, clients + 1)]
    for user in users:
        sim.add(user)
    sim.run(until_ms=200 * todo, check=check)
    return sorted((op for user in users for op in user.history),
                  key=lambda op: op["inv"])


def without_open(ops: list[dict]) -> list[dict]:
    """The tempting repair of a log: drop what was never answered."""
    return [op for op in ops if op["ret"] is not None]


def closed(ops: list[dict], patience_ms: int = 100) -> list[dict]:
    """The other one: what was never answered ended when its caller left."""
    return [op if op["ret"] is not None
            else op | {"ret": op["inv"] + patience_ms}
            for op in ops if op["ret"] is not None or op["f"] == "write"]


def rejected(histories: list) -> float:
    """The share that is proved not linearizable."""
    answers = [linearizable(ops) for ops in histories]
    return answers.count(False) / len(answers)


def read_ms(histories: list) -> float:
    """How long a read took, on average, where it returned."""
    took = [op["ret"] - op["inv"] for ops in histories for op in ops
            if op["f"] == "read" and op["ret"] is not None]
    return sum(took) / len(took)


# --8<-- [start:demo]
def demo() -> list[dict]:
    """Three clients read at the nearer copy."""
    return run(Random(38), reads_at="follower", todo=3)
# --8<-- [end:demo]


def history(*lines: str) -> list[dict]:
    """Operations from "process f value call return object"; - is None."""
    ops = []
    for line in lines:
        p, f, value, inv, ret, key = line.split()
        ops.append({"p": p, "f": f, "inv": int(inv), "key": key,
                    "ret": None if ret == "-" else int(ret),
                    FIELDS[f]: None if value == "-" else value})
    return ops


# --8<-- [start:papers]
QUEUES = {  # Herlihy and Wing 1990, Figure 1: the overlaps, in our own times
    "H1": history("A enq x 0 4 q", "B enq y 1 5 q", "B deq x 6 8 q",
                  "A deq y 7 9 q", "A enq z 10 - q"),
    "H2": history("A enq x 0 1 q", "B enq y 2 3 q", "A deq y 4 5 q"),
    "H3": history("A enq x 0 9 q", "B deq x 2 4 q"),
    "H4": history("A enq x 0 4 q", "B enq y 1 5 q", "A deq y 6 8 q",
                  "B deq y 7 9 q"),
}
TWO_QUEUES = history(  # section 3.3
    "A enq x 0 1 p", "B enq y 2 3 q", "A enq x 4 5 q", "B enq y 6 7 p",
    "A deq y 8 9 p", "B deq x 10 11 q")
LITMUS = {
    "stale read": history("A write 1 0 1 x", "B read - 2 3 x"),
    "store buffering": history(
        "A write 1 0 1 x", "A read - 2 3 y",
        "B write 1 0 1 y", "B read - 2 3 x"),
    "independent reads": history(
        "A write 1 0 1 x", "B write 1 0 1 y", "C read 1 2 3 x",
        "C read - 4 5 y", "D read 1 2 3 y", "D read - 4 5 x"),
    "write to read": history(
        "A write 1 0 1 x", "B read 1 2 3 x", "B write 1 4 5 y",
        "C read 1 6 7 y", "C read - 8 9 x"),
    "message passing": history(
        "A write 1 0 1 x", "A write 1 2 3 y", "B read 1 4 5 y",
        "B read - 6 7 x"),
}
# --8<-- [end:papers]


def census() -> tuple[int, int, int]:
    """All histories of two operations of A and one of B on one register,
    in every overlap: how many, linearizable, sequentially consistent."""
    choices = ["write 1", "write 2", "read -", "read 1", "read 2"]
    total = linear = sequential = 0
    for b in combinations(range(6), 2):  # when B calls and returns
        a = [t for t in range(6) if t not in b]
        for one, two, three in product(choices, repeat=3):
            ops = history(f"A {one} {a[0]} {a[1]} x",
                          f"A {two} {a[2]} {a[3]} x",
                          f"B {three} {b[0]} {b[1]} x")
            total += 1
            linear += linearizable(ops)
            sequential += explained(
                [parse(op) for op in ops],
                lambda a, b: a.p == b.p and a.inv < b.inv)
    return total, linear, sequential


def hard(writes: int) -> list[dict]:
    """Writes all at once, then reads of two of their values."""
    at_once = [f"W{i} write {i} 0 9 x" for i in range(writes)]
    return history(*at_once, "A read 0 10 11 x", "A read 1 12 13 x")


def line(op: dict) -> str:
    """One operation as one line of text."""
    p, f, res = (text(op.get(name)).strip('"') for name in ("p", "f", "res"))
    did = f if f in ("read", "deq") else f"{f} {text(op['arg'])}"
    if op["ret"] is None:
        return f"{p} {did}, from {op['inv']}, never returned"
    did += f" -> {res}" if f in ("read", "deq", "cas") else ""
    return f"{p} {did}, from {op['inv']} to {op['ret']}"


# --8<-- [start:file]
def load(path: str) -> list[dict]:
    """The operations of a file of JSON lines. ValueError: file, line, why."""
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    ops = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                ops.append(json.loads(line))
            except (ValueError, RecursionError):
                raise ValueError(f"{path}:{number}: this is not one JSON "
                                 "object on one line") from None
            try:
                parse(ops[-1])
            except ValueError as error:
                raise ValueError(f"{path}:{number}: {error}") from None
    if not ops:
        raise ValueError(f"{path}: there is no operation in this file")
    return ops


def judge(path: str) -> int:
    """Print the verdict on a file; 0 yes, 1 no, 2 unusable, 3 unknown."""
    try:
        ops = load(path)
        answer = linearizable(ops)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if answer:
        print(f"linearizable: {len(ops)} operations")
        return 0
    if answer is None:
        print("unknown: too many operations overlap to try every order")
        return 3
    few = explain(ops)
    where = f" on {text(few[0]['key'])}" if few[0].get("key") else ""
    print(f"not linearizable: {len(few)} of {len(ops)} operations{where} "
          "fit no order")
    for op in few:
        print("  " + line(op))
    return 1
# --8<-- [end:file]


if __name__ == "__main__":
    if len(sys.argv) > 1 and Path(sys.argv[0]).resolve() == Path(
            __file__).resolve():
        sys.exit(judge(sys.argv[1]))

    ops = demo()
    print(f"{len(ops)} operations: linearizable {linearizable(ops)}")
    #> 9 operations: linearizable False
    for op in explain(ops):
        print(line(op))
        #> C2 write "C2.0", from 6 to 20
        #> C3 write "C3.1", from 24 to 34
        #> C3 read -> C2.0, from 36 to 39

    for where in "follower", "primary":
        many = [run(Random(seed), where) for seed in range(200)]
        bad, took_ms = rejected(many), read_ms(many)
        print(f"{where}: read {took_ms:.0f} ms, {bad:.1%} not linearizable")
        #> follower: read 5 ms, 78.0% not linearizable
        #> primary: read 21 ms, 0.0% not linearizable
    many = [run(Random(seed), loss=0.05) for seed in range(200)]
    for repair in list, without_open, closed:
        bad = rejected([repair(ops) for ops in many])
        print(f"{repair.__name__}: {bad:.1%} called not linearizable")
        #> list: 0.0% called not linearizable
        #> without_open: 16.0% called not linearizable
        #> closed: 4.0% called not linearizable

    for name, ops in QUEUES.items():
        print(f"{name}: {linearizable(ops)}")
        #> H1: True
        #> H2: False
        #> H3: True
        #> H4: False
    for key in "p", "q", "pq":
        promises = models([op for op in TWO_QUEUES if op["key"] in key])
        print(f"queues {key}: sequential {promises['sequential']}")
        #> queues p: sequential True
        #> queues q: sequential True
        #> queues pq: sequential False
    for name, ops in LITMUS.items():
        kept = [model for model, yes in models(ops).items() if yes]
        print(f"{name}: {', '.join(kept) or 'none'}")
        #> stale read: sequential, causal, PRAM
        #> store buffering: causal, PRAM
        #> independent reads: causal, PRAM
        #> write to read: PRAM
        #> message passing: none
    total, linear, sequential = census()
    print(f"{total} histories, {linear} linearizable, {sequential} sequential")
    #> 1875 histories, 573 linearizable, 705 sequential

    for writes in 4, 8, 12:
        (ops,) = by_key(hard(writes)).values()
        print(f"{writes} writes at once: {search(ops).steps:,} steps")
        #> 4 writes at once: 57 steps
        #> 8 writes at once: 3,601 steps
        #> 12 writes at once: 135,193 steps
