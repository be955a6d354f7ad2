"""The store keeps its guarantee with all four parts, and breaks without each."""

from dataclasses import dataclass
from functools import reduce
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.concepts.components import (
    PARTS,
    SERVERS,
    Careless,
    Client,
    Entry,
    Query,
    Reply,
    Server,
    Store,
    cluster,
    demo,
    latest,
    newest,
    outcome,
    overlap,
    survives,
)
from snippets.simnet import Lost, Send, SetTimer, Simulation

entries = st.builds(Entry, st.integers(0, 3), st.sampled_from("AB"), st.sampled_from("xy"))
seeds = st.integers(0, 2**32)


# --- the parts, one at a time -----------------------------------------------


@given(st.lists(entries, min_size=1, max_size=5))
def test_the_algorithm_decides_the_same_in_every_order(arrived):
    decisions = {reduce(newest, order) for order in permutations(arrived)}
    assert len(decisions) == 1
    (entry,) = decisions
    assert newest(entry, entry) == entry


def test_the_latest_arrival_is_no_decision():
    tea, coffee = Entry(1, "A", "tea"), Entry(1, "B", "coffee")
    assert {reduce(latest, order) for order in permutations([tea, coffee])} == {tea, coffee}


def test_a_server_replies_with_what_it_keeps_and_writes_before_it_replies():
    server = Server("S1", newest)
    assert server.receive("A", Query(1, "drink")) == [Send("A", Reply(1, Entry()))]
    tea = Entry(1, "A", "tea")
    assert server.receive("A", Store(2, "drink", tea)) == [Send("A", Reply(2, tea))]
    older = Entry(0, "B", "milk")
    assert server.receive("B", Store(1, "drink", older)) == [Send("B", Reply(1, tea))]
    assert server.entries == {"drink": tea}


def test_a_client_asks_again_only_those_who_did_not_reply():
    client = Client("A", SERVERS, newest)
    assert client.read("drink") == [
        *(Send(name, Query(1, "drink")) for name in SERVERS),
        SetTimer("again", 40),
    ]
    assert client.receive("S2", Reply(1, Entry())) == []
    assert client.timeout("again") == [
        Send("S1", Query(1, "drink")),
        Send("S3", Query(1, "drink")),
        SetTimer("again", 40),
    ]


def test_a_reply_to_an_earlier_step_is_not_counted():
    client = Client("A", SERVERS, newest)
    client.read("drink")
    client.read("drink")
    assert client.receive("S1", Reply(1, Entry())) == [] and client.replies == {}


def test_two_replies_of_one_server_are_no_majority():
    client = Client("A", SERVERS, newest)
    client.read("drink")
    client.receive("S1", Reply(1, Entry()))
    assert client.receive("S1", Reply(1, Entry())) == [] and not client.done


def test_a_write_that_is_overtaken_has_still_written_its_own_entry():
    client = Client("A", ("S1",), newest)
    client.write("drink", "tea")
    assert client.receive("S1", Reply(1, Entry(4, "B", "milk")))[0] == Send(
        "S1", Store(2, "drink", Entry(5, "A", "tea"))
    )
    client.receive("S1", Reply(2, Entry(6, "C", "water")))
    assert client.done == [("wrote", "drink", Entry(5, "A", "tea"))]


# --- the guarantee, after every event of a bad network ----------------------


@dataclass
class Memory(Server):
    """A server whose disk is memory: a crash empties it."""

    durable = ()


class Hasty(Client):
    """Goes on at the first reply, which is no majority."""

    def receive(self, sender, reply):
        if self.asked is not None and reply.step == self.asked.step:
            self.replies = {name: reply.entry for name in self.servers}
        return super().receive(sender, reply)


class Unstepped(Client):
    """Counts late replies to earlier steps as if they answered this one."""

    def receive(self, sender, reply):
        step = self.asked.step if self.asked else 0
        return super().receive(sender, Reply(step, reply.entry))


def storm(seed, client=Client, server=Server, keep=newest):
    """Four clients, 24 operations, loss, second copies, one server down at a time."""
    chance = Random(seed)

    def delay(rng, sender, to, message):
        drawn = [1 + int(rng.random() * 60) for _ in range(1 + (rng.random() < 0.2))]
        return tuple(Lost(ms) if rng.random() < 0.2 else ms for ms in drawn)

    sim = Simulation(Random(seed), delay)
    for name in SERVERS:
        sim.add(server(name, keep))
    for name in "ABCD":
        sim.add(client(name, SERVERS, keep))
    for number in range(24):
        at_ms, name = number * 60 + int(chance.random() * 60), "ABCD"[int(chance.random() * 4)]
        if chance.random() < 0.5:
            sim.at(at_ms, sim.call, name, "write", "drink", f"v{number}")
        else:
            sim.at(at_ms, sim.call, name, "read", "drink")
    for number, name in enumerate(SERVERS * 2):
        sim.at(number * 240 + 20, sim.crash, name)
        sim.at(number * 240 + 200, sim.restart, name)
    return sim


def reads_are_not_older_than_what_had_ended(sim):
    """A read returns the newest write that had ended before it began, or a newer one."""
    floor, begun, counted, ended = {}, 0, {}, Entry()

    def check(nodes):
        nonlocal begun, ended
        for event in sim.trace[begun:]:
            if event.kind == "called":
                floor[event.node] = ended
        begun = len(sim.trace)
        for name in "ABCD":
            for what, _, entry in nodes[name].done[counted.get(name, 0) :]:
                if what == "wrote":
                    assert entry > floor[name], "what is written later is newer"
                    ended = max(ended, entry)
                else:
                    assert entry >= floor[name], (sim.now_ms, name, entry, floor[name])
            counted[name] = len(nodes[name].done)

    return check


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_a_read_returns_the_last_write_that_had_ended_or_a_newer_one(seed):
    sim = storm(seed)
    sim.run(2500, check=reads_are_not_older_than_what_had_ended(sim))
    assert all(sim.nodes[name].asked is None for name in "ABCD"), "every operation ends"


@pytest.mark.parametrize(
    "broken",
    [
        {"keep": latest},
        {"client": Careless},
        {"client": Hasty},
        {"client": Unstepped},
        {"server": Memory},
    ],
    ids=lambda broken: str(next(iter(broken.values())).__name__),
)
def test_the_guarantee_can_fail(broken):
    def run():
        for seed in range(60):
            sim = storm(seed, **broken)
            sim.run(2500, check=reads_are_not_older_than_what_had_ended(sim))

    with pytest.raises(AssertionError):
        run()


# --- the page's runs ---------------------------------------------------------


def test_with_all_four_parts_everybody_reads_what_was_written():
    assert outcome(demo()) == (3, ["coffee", "large"], ["coffee", "large"])


@pytest.mark.parametrize(
    ("part", "breaks"),
    [
        ("nodes", (3, ["no answer", "no answer"], ["no answer", "no answer"])),
        ("network", (0, ["no answer", "no answer"], ["no answer", "no answer"])),
        ("protocol", (3, ["coffee", "nothing"], ["coffee", "nothing"])),
        ("algorithm", (3, ["tea", "large"], ["coffee", "large"])),
    ],
)
def test_each_missing_part_breaks_the_store_in_its_own_way(part, breaks):
    assert outcome(demo(part)) == breaks


def test_every_part_is_taken_away_once():
    assert len({str(outcome(demo(part))) for part in ("", *PARTS)}) == 5


def test_without_the_algorithm_every_message_arrived_and_the_copies_differ():
    sim = demo("algorithm")
    stores = [e for e in sim.trace if e.kind == "received" and isinstance(e.what, Store)]
    assert [sum(e.node == name and e.what.key == "drink" for e in stores) for name in SERVERS] == [
        2,
        2,
        2,
    ]
    assert [sim.nodes[name].entries["drink"].value for name in SERVERS] == [
        "coffee",
        "coffee",
        "tea",
    ]


def test_with_the_algorithm_the_same_messages_leave_equal_copies():
    sim = demo()
    assert {sim.nodes[name].entries["drink"] for name in SERVERS} == {Entry(1, "B", "coffee")}
    order = [
        e.what.entry.value
        for e in sim.trace
        if e.kind == "received" and e.node == "S3" and isinstance(e.what, Store)
    ]
    assert order[:2] == ["coffee", "tea"], "S3 heard of them in the other order"


def test_without_the_protocol_the_write_was_called_done_and_is_nowhere():
    sim = demo("protocol")
    assert sim.nodes["C"].done == [("wrote", "size", Entry(1, "C", "large"))]
    assert all("size" not in sim.nodes[name].entries for name in SERVERS)
    lost = [e for e in sim.trace if e.kind == "lost" and e.peer == "C"]
    assert len(lost) == 3 and {e.reason for e in lost} == {"network split"}


def test_with_the_protocol_the_same_loss_is_repaired_by_asking_again():
    sim = demo()
    lost = [e for e in sim.trace if e.kind == "lost" and e.peer == "C"]
    assert {e.reason for e in lost} == {"network split"} and len(lost) == 3
    (note,) = [e for e in sim.trace if e.kind == "note" and e.node == "C"]
    assert (note.what, note.at_ms) == ("wrote large", 280)


def test_a_restarted_server_still_has_what_it_stored():
    sim = demo()
    sim.restart("S1")
    assert sim.nodes["S1"].entries["size"].value == "large"


@pytest.mark.parametrize("size", range(1, 8))
def test_fewer_than_half_of_the_servers_may_be_down(size):
    assert survives(size) == (size - 1) // 2


@pytest.mark.parametrize("size", range(1, 10))
def test_two_majorities_always_share_a_server(size):
    assert overlap(size) == 2 * (size // 2 + 1) - size >= 1


def test_a_write_costs_four_messages_a_server():
    for size in (1, 3, 5):
        sim = cluster(servers=tuple(f"S{number}" for number in range(size)))
        sim.call("A", "write", "drink", "tea")
        sim.run(200)
        sent = [e for e in sim.trace if e.kind == "sent"]
        assert len(sent) == 4 * size


# --- change it ----------------------------------------------------------------


def test_a_fourth_server_tolerates_no_more_crashes_than_three():
    assert survives(4) == survives(3) == 1


def test_a_second_crash_stops_the_store_and_a_restart_starts_it_again():
    sim = cluster()
    for at_ms, name in ((5, "S1"), (6, "S2")):
        sim.at(at_ms, sim.crash, name)
    sim.at(10, sim.call, "A", "write", "drink", "tea")
    sim.run(400)
    assert sim.nodes["A"].done == []
    sim.restart("S2")
    sim.run(700)
    assert sim.nodes["A"].done == [("wrote", "drink", Entry(1, "A", "tea"))]


def test_after_a_second_crash_the_readers_go_on_asking_until_a_restart():
    sim = cluster()
    sim.at(200, sim.call, "C", "write", "size", "large")
    for at_ms, name in ((350, "S1"), (360, "S2")):
        sim.at(at_ms, sim.crash, name)
    for name in "DE":
        sim.at(600, sim.call, name, "read", "size")
    sim.run(699)
    assert sim.nodes["D"].done == sim.nodes["E"].done == []
    sim.at(700, sim.restart, "S2")
    sim.run(780)
    for name in "DE":
        assert [(what, entry.value) for what, _, entry in sim.nodes[name].done] == [
            ("read", "large")
        ]


def test_the_smallest_entry_would_do_as_well_for_agreement_but_not_for_reading_back():
    sim = cluster()
    for name in (*SERVERS, *"ABCDE"):
        sim.nodes[name].keep = min
    for at_ms, name in ((10, "A"), (200, "B")):
        sim.at(at_ms, sim.call, name, "write", "drink", f"by {name}")
    sim.at(400, sim.call, "D", "read", "drink")
    sim.run(600)
    assert len({str(sim.nodes[name].entries) for name in SERVERS}) == 1
    assert sim.nodes["D"].done[0][2].value == ""


# --- mistakes -----------------------------------------------------------------


def test_an_unknown_part_is_named():
    with pytest.raises(ValueError, match="unknown part 'cable': use one of"):
        demo("cable")


def test_a_cluster_of_nothing_is_refused():
    with pytest.raises(ValueError, match="one server or more"):
        survives(0)
