"""The checker against the definition, its mutants, its files, and what the page claims."""

import json
import subprocess
import sys
from itertools import combinations, pairwise, permutations
from pathlib import Path
from random import Random
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.concepts import linearizability as program
from snippets.concepts.linearizability import (
    LITMUS,
    QUEUES,
    TWO_QUEUES,
    Client,
    by_key,
    census,
    closed,
    demo,
    explain,
    explained,
    hard,
    history,
    judge,
    line,
    linearizable,
    models,
    parse,
    run,
    search,
    without_open,
)

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(program.__file__).read_text("utf-8")


# The definition, written out ----------------------------------------------------------------


def fits(order):
    value = None
    for op in order:
        if op["f"] == "write":
            value = op["arg"]
        elif op["f"] == "read":
            if op["ret"] is not None and op["res"] != value:
                return False
        else:
            old, new = op["arg"]
            if op["ret"] is not None and op["res"] != (value == old):
                return False
            value = new if value == old else value
    return True


def by_force(ops):
    """Every order of every choice of unanswered operations; no pruning, no memory."""
    done = [op for op in ops if op["ret"] is not None]
    open_ones = [op for op in ops if op["ret"] is None]
    for size in range(len(open_ones) + 1):
        for chosen in combinations(open_ones, size):
            for order in permutations([*done, *chosen]):
                late = any(
                    b["ret"] is not None and b["ret"] < a["inv"]
                    for a, b in combinations(order, 2)
                )
                if not late and fits(order):
                    return True
    return False


def anything(rng, size):
    """A history with results drawn at random: mostly bad ones."""

    def draw(things):
        return things[int(rng.random() * len(things))]

    ops = []
    for number in range(size):
        f, inv = draw(["read", "read", "write", "write", "cas"]), draw(range(9))
        ret = None if rng.random() < 0.2 else inv + draw(range(7))
        op = {"p": number, "f": f, "inv": inv, "ret": ret}
        op["arg"] = [draw([None, 1, 2]), draw([1, 2])] if f == "cas" else draw([1, 2])
        op["res"] = draw([True, False]) if f == "cas" else draw([None, 1, 2])
        ops.append(op)
    return ops


def executed(rng, size):
    """A history with the results of one order that exists: good, unless one result is turned."""
    ops, value = anything(rng, size), None
    ends = [op["inv"] + 6 if op["ret"] is None else op["ret"] for op in ops]
    points = [op["inv"] + rng.random() * (end - op["inv"]) for op, end in zip(ops, ends)]
    for _, at in sorted((point, i) for i, point in enumerate(points)):
        op = ops[at]
        if op["ret"] is None and rng.random() < 0.5:
            continue  # it never happened
        if op["f"] == "write":
            value = op["arg"]
        elif op["f"] == "read":
            op["res"] = value
        else:
            op["res"] = value == op["arg"][0]
            value = op["arg"][1] if op["res"] else value
    if rng.random() < 0.3:
        turned = ops[int(rng.random() * size)]
        turned["res"] = not turned["res"] if turned["f"] == "cas" else 1
    return ops


@pytest.fixture(scope="module")
def corpus():
    """4,000 small histories, a third of the operations unanswered in some, and the truth."""
    rng = Random(11)
    made = []
    for number in range(4_000):
        size = 1 + int(rng.random() * 5)
        ops = (executed if number % 2 else anything)(rng, size)
        made.append((ops, by_force(ops)))
    return made


def test_the_checker_agrees_with_the_definition(corpus):
    wrong = [ops for ops, truth in corpus if linearizable(ops) is not truth]
    assert wrong == []
    good = sum(truth for _, truth in corpus)
    unanswered = sum(any(op["ret"] is None for op in ops) for ops, _ in corpus)
    assert min(good, len(corpus) - good, unanswered) > 1_000


MUTANTS = {
    "drops what was never answered": [('op.ret < inf or op.f != "read"]', "op.ret < inf]")],
    "takes every call as done": [("(i for i in left if ops[i].ret < inf)", "list(left)")],
    "counts equal times as an order": [
        ("inf if ret is None else ret,", "inf if ret is None else max(inv, ret - 0.5),")
    ],
    "never looks back": [("branches.append((i, after))", "branches = [(i, after)]")],
    "remembers what was placed, not the value": [
        ("if configuration not in seen", "if configuration[0] not in seen"),
        ("seen.add(configuration)", "seen.add(configuration[0])"),
    ],
    "moves a write forward as if it were a read": [
        ('if op.f == "read" or op.res is False:', "if after == value:")
    ],
    "believes every cas": [("        if op.res != took_place:\n            return NO\n", "")],
    "forgets that a failed cas may need another value": [
        ("ANY not in wanted and new not in wanted", "new not in wanted")
    ],
    "lets a read find anything": [("value if op.res == value else NO", "value")],
}


def mutated(edits):
    text = SOURCE
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in the program"
        text = text.replace(old, new)
    module = ModuleType("mutant")
    sys.modules["mutant"] = module
    exec(compile(text, "mutant", "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("name", MUTANTS)
def test_the_corpus_tells_a_broken_checker_from_the_right_one(name, corpus):
    broken = mutated(MUTANTS[name]).linearizable
    assert any(broken(ops) is not truth for ops, truth in corpus)


def test_the_definition_in_the_program_is_the_one_of_the_test(corpus):
    answered = [(ops, truth) for ops, truth in corpus if all(op["ret"] is not None for op in ops)]
    assert len(answered) > 500
    for ops, truth in answered:
        order = explained([parse(op) for op in ops], lambda a, b: a.ret < b.inv)
        assert order is truth


def test_an_order_that_was_found_is_one(corpus):
    for ops, truth in corpus[:800]:
        (each,) = by_key(ops).values()
        found = search(each)
        if truth:
            order = [each[i].record for i in found.order]
            assert fits(order)
            assert {id(op) for op in order} >= {
                id(op) for op in ops if op["ret"] is not None
            }


def test_registers_are_independent(corpus):
    """Section 3.1 of Herlihy and Wing: locality."""
    for (one, first), (two, second) in zip(corpus[:300], corpus[300:600]):
        both = [op | {"key": "x"} for op in one] + [op | {"key": "y"} for op in two]
        assert linearizable(both) is (first and second)


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(5)), st.integers(-100, 100))
def test_neither_the_order_of_the_lines_nor_the_origin_of_time_matters(order, shift):
    for ops in (demo()[:5], anything(Random(3), 5), executed(Random(4), 5)):
        moved = [
            ops[i]
            | {"inv": ops[i]["inv"] + shift, "ret": ops[i]["ret"] and ops[i]["ret"] + shift}
            for i in order
        ]
        if all(op["ret"] != 0 for op in ops):
            assert linearizable(moved) is linearizable(ops)


# The explanation ----------------------------------------------------------------------------


def test_an_explanation_fits_no_order_and_every_read_of_it_is_needed(corpus):
    seen = 0
    for ops, truth in corpus:
        few = explain(ops)
        assert bool(few) is not truth
        assert all(any(op is other for other in ops) for op in few)
        if few:
            assert not by_force(few)
            # A cas may return after the cut, where another write explains it.
            for op in few if all(op["f"] != "cas" for op in few) else []:
                if op["f"] == "read":
                    assert by_force([other for other in few if other is not op])
                    seen += 1
    assert seen > 400, seen


def test_a_long_history_is_explained_by_a_few_operations():
    for seed in range(5):
        ops = run(Random(seed), "follower", todo=60)
        assert len(ops) == 180 and 2 <= len(explain(ops)) <= 4


# The cap ------------------------------------------------------------------------------------


def test_a_reached_cap_is_unknown_and_never_a_no():
    for ops in (hard(10), run(Random(1), todo=20)):
        steps = max(search(each).steps for each in by_key(ops).values())
        assert linearizable(ops, max_steps=steps - 1) is None
        assert linearizable(ops, max_steps=steps) is not None
    bad = history("A write 1 0 1 y", "B read - 2 3 y")
    assert linearizable(hard(10) + bad, max_steps=50) is False


def test_hundreds_of_operations_need_a_few_steps_each():
    """Counted, not timed; 5 clients, 600 operations, answered or not."""
    for loss in (0.0, 0.05):
        ops = run(Random(2), clients=5, todo=120, loss=loss)
        (each,) = by_key(ops).values()
        found = search(each)
        assert len(each) == 600 and found.answer and found.steps < 20 * len(each)


def test_the_worst_case_doubles_with_every_write():
    steps = [search(*by_key(hard(n)).values()).steps for n in (8, 9, 10)]
    assert all(1.9 < b / a < 3 for a, b in pairwise(steps))


# The store ----------------------------------------------------------------------------------


def always_linearizable(nodes):
    ops = [op for node in nodes.values() if isinstance(node, Client) for op in node.history]
    assert linearizable(ops), explain(ops)


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_reads_at_the_primary_are_linearizable_after_every_event(rng):
    run(rng, todo=4, loss=0.1, check=always_linearizable)


def test_reads_at_the_follower_trip_that_check():
    with pytest.raises(AssertionError, match="read"):
        run(Random(38), "follower", todo=3, check=always_linearizable)


def test_repairing_a_log_makes_good_histories_bad():
    for first in (0, 500):
        lossy = [run(Random(seed), loss=0.05) for seed in range(first, first + 60)]
        assert all(linearizable(ops) for ops in lossy)
        dropped = sum(linearizable(without_open(ops)) is False for ops in lossy)
        ended = sum(linearizable(closed(ops)) is False for ops in lossy)
        assert dropped > 4 and ended > 0


def test_the_demo_holds_the_stale_read_of_the_page():
    assert [line(op) for op in explain(demo())] == [
        'C2 write "C2.0", from 6 to 20',
        'C3 write "C3.1", from 24 to 34',
        "C3 read -> C2.0, from 36 to 39",
    ]


def test_what_change_it_says():
    quick = mutated([("mean = 20 if", "mean = 2 if")])
    few = program.rejected([quick.run(Random(seed), "follower") for seed in range(100)])
    usual = program.rejected([run(Random(seed), "follower") for seed in range(100)])
    assert 0 < few < usual
    slow = mutated([("if configuration not in seen:", "if True:")])
    for writes, orders in ((3, 6), (4, 24), (5, 120), (6, 720)):
        (ops,) = by_key(hard(writes)).values()
        assert slow.search(ops).steps > orders and slow.search(ops).answer is False
    ops = run(Random(38), "primary", todo=3)
    assert linearizable(ops) and program.read_ms([ops]) > program.read_ms([demo()])


# The papers ---------------------------------------------------------------------------------


def test_the_promises_are_ordered_from_the_strongest():
    for ops in [*LITMUS.values(), TWO_QUEUES]:
        kept = list(models(ops).values())
        assert kept == sorted(kept)
    rng = Random(5)
    for _ in range(300):
        ops = [op | {"p": i % 2, "arg": i} for i, op in enumerate(anything(rng, 4))]
        ops = [op | {"ret": op["inv"], "inv": op["inv"]} for op in ops if op["f"] != "cas"]
        clock = {0: 0, 1: 0}
        for op in ops:  # one after the other in each process
            clock[op["p"]] += 3
            op["inv"], op["ret"] = clock[op["p"]], clock[op["p"]] + 2
            op["res"] = op["res"] and op["res"] - 1
        kept = list(models(ops).values())
        assert kept == sorted(kept), ops


def test_every_pair_of_promises_is_told_apart():
    assert {tuple(models(ops).values()) for ops in LITMUS.values()} == {
        (False, True, True, True),
        (False, False, True, True),
        (False, False, False, True),
        (False, False, False, False),
    }


def test_sequential_consistency_is_weaker_and_does_not_compose():
    total, linear, sequential = census()
    assert total == 15 * 5**3 and linear < sequential < total
    parts = [models([op for op in TWO_QUEUES if op["key"] == key]) for key in "pq"]
    assert all(part["sequential"] and not part["linearizable"] for part in parts)
    assert not models(TWO_QUEUES)["sequential"]


def test_a_queue_whose_answers_were_lost():
    lost = history("A enq x 0 1 q", "B deq - 2 - q", "A enq y 3 4 q", "C deq y 5 6 q")
    assert linearizable(lost) is True  # the lost deq took x
    assert linearizable([op for op in lost if op["p"] != "B"]) is False
    assert linearizable(QUEUES["H1"]) and not linearizable(QUEUES["H4"])


# Your own data ------------------------------------------------------------------------------

GOOD = {"p": "A", "f": "read", "inv": 1, "ret": 2, "res": None}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"f": "get"}, "use one of read, write, cas"),
        ({"inv": 1.5}, "times are whole numbers"),
        ({"inv": True}, "times are whole numbers"),
        ({"inv": None}, "times are whole numbers"),
        ({"ret": 0}, "returned at 0, before its call at 1"),
        ({"f": "write"}, "'arg' is missing in a write"),
        ({"f": "cas", "arg": 3, "res": True}, r"a cas has \[old, new\]"),
        ({"f": "cas", "arg": [1, 2], "res": 1}, "true or false"),
    ],
)
def test_a_malformed_operation_is_named_in_one_sentence(change, says):
    with pytest.raises(ValueError, match=f"operation 2: .*{says}") as caught:
        linearizable([GOOD, GOOD | change])
    assert "\n" not in str(caught.value)


def test_what_is_missing_or_mixed_is_named():
    for name in ("p", "f", "inv", "ret", "res"):
        with pytest.raises(ValueError, match=f"operation 1: '{name}' is missing"):
            linearizable([{k: v for k, v in GOOD.items() if k != name}])
    with pytest.raises(ValueError, match="an operation is an object"):
        linearizable([[1, 2]])
    with pytest.raises(ValueError, match="operation 2: enq on a register"):
        linearizable([GOOD, GOOD | {"f": "enq", "arg": 1}])
    assert linearizable([]) is True


def test_values_may_be_anything_json_has():
    ops = [
        {"p": "A", "f": "write", "arg": [1, {"a": True}], "inv": 0, "ret": 1},
        {"p": "A", "f": "read", "res": [1, {"a": True}], "inv": 2, "ret": 3},
        {"p": "A", "f": "cas", "arg": ([1, {"a": True}], 1), "res": True, "inv": 4, "ret": 5},
    ]
    assert linearizable(ops) is True
    assert linearizable([*ops, GOOD | {"inv": 6, "ret": 7, "res": True}]) is False  # 1 is not true


def written(folder, ops):
    path = folder / "history.jsonl"
    path.write_text("".join(json.dumps(op) + "\n" for op in ops), "utf-8")
    return str(path)


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "snippets.concepts.linearizability", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_the_command_says_yes_no_and_unusable(tmp_path):
    done = command(written(tmp_path, run(Random(1))))
    assert (done.returncode, done.stdout) == (0, "linearizable: 15 operations\n")
    done = command(written(tmp_path, demo()))
    assert done.returncode == 1 and done.stdout.splitlines()[0] == (
        "not linearizable: 3 of 9 operations fit no order"
    )
    assert len(done.stdout.splitlines()) == 4
    done = command(str(tmp_path / "nothing.jsonl"))
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "nothing.jsonl: No such file" in done.stderr


def test_the_command_names_file_and_line(tmp_path, capsys, monkeypatch):
    path = tmp_path / "x.jsonl"
    good = json.dumps(GOOD).encode() + b"\n"
    for content, says in (
        (b"", "x.jsonl: there is no operation in this file"),
        (good + b"\n{oops\n", "x.jsonl:3: this is not one JSON object"),
        (good + b"\xff\xfe\n", "x.jsonl:2: this is not one JSON object"),
        (good + b"[" * 5000 + b"\n", "x.jsonl:2: this is not one JSON object"),
        (good + b'{"p": 1}\n', "x.jsonl:2: 'f' is missing"),
        (good + good.replace(b"read", b"deq"), "operation 2: deq on a register"),
    ):
        path.write_bytes(content)
        assert judge(str(path)) == 2
        out, err = capsys.readouterr()
        assert out == "" and says in err and err.count("\n") == 1
    assert judge(str(tmp_path)) == 2
    monkeypatch.setattr(program, "linearizable", lambda ops: None)
    assert judge(written(tmp_path, hard(4))) == 3
    assert capsys.readouterr().out.startswith("unknown")
    monkeypatch.undo()
    assert judge(written(tmp_path, LITMUS["stale read"])) == 1
    assert 'not linearizable: 2 of 2 operations on "x"' in capsys.readouterr().out
