"""Vector clocks: the comparison is reachability, in every small run and in random ones."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.concepts.lamport_clock import stamp as lamport
from snippets.concepts.vector_clock import (
    all_runs,
    at_most,
    before,
    concurrent,
    crown,
    demo,
    figure_3,
    happened_before,
    judge,
    merge,
    random_events,
    share_concurrent,
    siblings,
    stamp,
    stamp_bytes,
    turned,
    write,
    wrong,
)
from tools.programs import ROOT


@st.composite
def runs(draw, most=25):
    rng = draw(st.randoms(use_true_random=False))
    return random_events(rng, draw(st.integers(1, 6)), draw(st.integers(0, most)))


vectors = st.dictionaries(st.sampled_from("PQR"), st.integers(1, 3))


# Causality -----------------------------------------------------------------------------------


@given(runs())
def test_the_comparison_is_reachability_in_the_graph_of_events(events):
    paths, stamps = happened_before(events), stamp(events)
    for i, a in enumerate(stamps):
        for j, b in enumerate(stamps):
            assert before(a, b) == ((i, j) in paths)
            assert concurrent(a, b) == (i != j and (i, j) not in paths and (j, i) not in paths)


def test_it_is_in_every_run_of_four_events_and_not_without_the_merge():
    every = list(all_runs("PQR", 4))
    assert len(every) == 2844
    assert sum(wrong(run, stamp(run)) for run in every) == 0
    broken = {json.dumps(run) for run in every if wrong(run, stamp(run, merging=False))}
    assert len(broken) == 1548
    received = {json.dumps(run) for run in every if any(e["kind"] == "recv" for e in run)}
    assert broken == received  # without a message there is nothing to merge


@given(runs())
def test_an_entry_counts_the_events_of_that_process_which_were_seen(events):
    paths, stamps = happened_before(events), stamp(events)
    for j, vector in enumerate(stamps):
        past = [events[i]["proc"] for i in range(len(events)) if i == j or (i, j) in paths]
        assert vector == {proc: past.count(proc) for proc in past}


@given(runs())
def test_a_lamport_stamp_agrees_where_there_is_an_order(events):
    for i, j in happened_before(events):
        assert lamport(events)[i] < lamport(events)[j]


@given(vectors, vectors, vectors)
def test_the_comparison_is_a_partial_order_with_merge_as_its_join(a, b, c):
    assert at_most(a, a) and not before(a, a) and not concurrent(a, a)
    assert not (at_most(a, b) and at_most(b, c)) or at_most(a, c)
    assert at_most(a, merge(a, b)) and at_most(b, merge(a, b))
    assert not (at_most(a, c) and at_most(b, c)) or at_most(merge(a, b), c)
    assert merge(a, b) == merge(b, a) and merge(a, a) == a


def test_a_receive_that_forgets_to_count_makes_two_events_equal():
    sent = stamp(demo())[0]
    assert not before(sent, merge({}, sent)) and not concurrent(sent, merge({}, sent))


def test_the_demo_is_the_run_of_the_page():
    stamps = stamp(demo())
    assert [lamport(demo())[i][0] for i in (5, 6)] == [2, 4]
    assert concurrent(stamps[5], stamps[6]) and before(stamps[0], stamps[6])
    assert concurrent(stamps[1], stamps[5])  # four steps apart


# Size ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [3, 4, 5])
def test_an_order_turns_one_pair_around_so_n_entries_are_needed(n):
    assert turned(n) == 1


@pytest.mark.parametrize("n", [3, 4, 5])
def test_the_pairs_of_the_crown_are_concurrent(n):
    events, last = crown(n), {}
    stamps = stamp(events)
    for i, event in enumerate(events):
        last[event["proc"]] = i
    for i in range(n):
        for k in range(n):
            end, send = stamps[last[f"P{i}"]], stamps[k]
            assert concurrent(end, send) == (k == (i + 1) % n)


def test_a_crown_in_which_all_hear_from_all_has_nothing_to_turn_around():
    sends = [{"proc": f"P{i}", "kind": "send"} for i in range(3)]
    events = sends + [
        {"proc": f"P{i}", "kind": "recv", "msg": k} for i in range(3) for k in range(3) if k != i
    ]
    stamps = stamp(events)
    assert all(before(stamps[k], stamps[i]) for k in range(3) for i in (4, 6, 8))


def test_more_processes_make_larger_stamps_and_more_concurrent_pairs():
    share, size = zip(*((share_concurrent(n), stamp_bytes(n)) for n in (1, 4, 16)), strict=True)
    assert share[0] == 0 and list(share) == sorted(share) and list(size) == sorted(size)


# Versions ------------------------------------------------------------------------------------


def test_figure_3_of_dynamo():
    versions = figure_3()
    assert versions["D3"] == {"Sx": 2, "Sy": 1} and versions["D4"] == {"Sx": 2, "Sz": 1}
    assert versions["D5"] == {"Sx": 3, "Sy": 1, "Sz": 1}
    assert concurrent(versions["D3"], versions["D4"])
    assert siblings(versions) == ["D5"]
    del versions["D5"]
    assert siblings(versions) == ["D3", "D4"]


def test_two_clients_of_one_server_get_one_vector_for_two_values():
    seen = figure_3()["D2"]
    assert write("Sx", seen) == write("Sx", seen)
    assert concurrent(write("Sy", seen), write("Sz", seen))
    assert concurrent(write("Sy", seen), write("Sx", seen))
    later = write("Sx", write("Sx", seen))  # the server counts on: the first is taken for read
    assert before(write("Sx", seen), later)


def test_a_vector_that_was_cut_short_makes_ordered_versions_concurrent():
    old = write("S1", write("S2"))
    new = write("S3", old)
    assert before(old, new)
    del new["S2"]
    assert concurrent(old, new)


@given(st.lists(vectors, min_size=1, max_size=4))
def test_a_write_replaces_all_that_its_client_has_read_and_no_more(read):
    new = write("S", *read)
    assert all(before(vector, new) for vector in read)
    assert concurrent(new, {"T": 1})


# Your own data -------------------------------------------------------------------------------

SEND = {"proc": "a", "kind": "send"}


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (None, "event 1 is not an object with the fields proc and kind"),
        ({"kind": "send"}, "event 1 is not an object"),
        ({"proc": ["a"], "kind": "send"}, "event 1: 'proc' is not a text"),
        ({"proc": "a", "kind": "recieve"}, "event 1: 'kind' is not one of local, send, recv"),
        ({"proc": "b", "kind": "recv", "msg": 0.0}, "event 1: 'msg' of a recv is the index"),
        ({"proc": "b", "kind": "recv", "msg": 2}, "event 1: 'msg' is 2, which is no send"),
        ({"proc": "b", "kind": "recv", "msg": -1}, "event 1: 'msg' is -1, which is no send"),
    ],
)
def test_a_malformed_event_is_named_in_one_sentence(event, says):
    for call in (stamp, happened_before):
        with pytest.raises(ValueError) as error:
            call([SEND, event])
        assert str(error.value).startswith(says) and "\n" not in str(error.value)


def test_a_stamp_can_be_changed_without_changing_another():
    stamps = stamp(demo())
    stamps[0]["ann"] = 99
    assert stamp(demo())[0] == {"ann": 1} and stamps[2] == {"ann": 1, "bob": 1}


def written(folder, events):
    path = folder / "trace.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")
    return str(path)


def test_the_command_prints_the_concurrent_pairs(tmp_path, capsys):
    events = [SEND, {"proc": "b", "kind": "recv", "msg": 0}]
    assert judge(written(tmp_path, events)) == 0
    assert capsys.readouterr().out == "all 2 events are ordered by causality\n"
    assert judge(written(tmp_path, [*events, {"proc": "a", "kind": "local"}])) == 1
    assert capsys.readouterr().out.splitlines() == [
        "1 of 3 pairs are concurrent",
        '  1 b recv {"a": 1, "b": 1} | 2 a local {"a": 2}',
    ]


def test_the_command_names_the_file_it_cannot_use(tmp_path, capsys):
    path = tmp_path / "x.jsonl"
    for content, says in (
        (b"", "x.jsonl: there is no event in this file"),
        (b"{}\n[\n", "x.jsonl:2: this is not one JSON object"),
        (b'{"proc": 1}\n', "x.jsonl: event 0 is not an object"),
    ):
        path.write_bytes(content)
        assert judge(str(path)) == 2
        out, err = capsys.readouterr()
        assert out == "" and says in err and err.count("\n") == 1
    assert judge(str(tmp_path / "none.jsonl")) == 2


def test_the_program_is_a_command(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "snippets.concepts.vector_clock", written(tmp_path, demo())],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and done.stdout.startswith("11 of 21 pairs are concurrent\n")
