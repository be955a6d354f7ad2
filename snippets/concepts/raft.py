"""Raft: a leader elected by a majority orders every entry of one shared log.

Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus
Algorithm (Extended Version)", 2014, Figure 2, sections 5, 6 and 8; Ongaro,
"Consensus: Bridging Theory and Practice", 2014, sections 6.4 and 9.1. Names
are Figure 2's in snake_case: matchIndex is match_index.
Guarantee: at most one leader a term, and an entry that is committed anywhere
is never lost nor replaced, under any loss, delay, split, crash or restart.
Assumes: current_term, voted_for and log are on disk before a message leaves.
Progress needs a majority that talks faster than the election timeout.
Left out: snapshots; catching up before a change, and what keeps servers that
were removed from standing (section 6); client sessions (section 8), so that
a write that is tried again may happen twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from snippets.simnet import (
    NEARBY,
    CancelTimer,
    Effect,
    Note,
    Send,
    SetTimer,
    Simulation,
    uniform,
)


# --8<-- [start:messages]
class Config(NamedTuple):
    """Who votes: old; while a change is under way, old and new jointly."""
    old: tuple[str, ...]
    new: tuple[str, ...] = ()


class Entry(NamedTuple):
    term: int
    command: str | Config  # "" is the no-op that opens a term


class RequestVote(NamedTuple):
    term: int
    last_log_term: int
    last_log_index: int


class Vote(NamedTuple):
    term: int
    granted: bool


class AppendEntries(NamedTuple):  # a heartbeat, when it has no entries
    term: int
    prev_log_index: int
    prev_log_term: int
    entries: tuple[Entry, ...]
    leader_commit: int
    round: int  # the leader counts its broadcasts, for reads


class Appended(NamedTuple):
    term: int
    success: bool
    index: int  # the last that matches, or the prev_log_index refused
    round: int


class Write(NamedTuple):
    value: str


class Read(NamedTuple):
    pass


class Answer(NamedTuple):  # to a client; None: not the leader, ask another
    value: str | None
# --8<-- [end:messages]


# --8<-- [start:rules]
def commit_index(old: Iterable[str], new: Iterable[str],
                 match: Mapping[str, int]) -> int:
    """The largest index that a majority of old, and of new, has reached.

    ``match`` is the last index known to be on each voter, 0 if absent. With
    ``new`` empty no change is under way. ValueError if ``old`` is empty, or
    an index is not a whole number from 0.
    """
    for name, index in match.items():
        if not isinstance(index, int) or index < 0:
            raise ValueError(f"{name}'s match index is {index!r}: it must be "
                             "a whole number, 0 or more")
    reached = []
    for voters in _sides(old, new):
        held = sorted((match.get(name, 0) for name in voters), reverse=True)
        reached.append(held[len(held) // 2])
    return min(reached)


def vote_result(old: Iterable[str], new: Iterable[str],
                votes: Mapping[str, bool]) -> str:
    """"won", "lost" or "pending": a majority of old, and of new, decides.

    ``votes`` is True or False for those who have answered; who is no voter
    does not count. ValueError if ``old`` is empty, or a vote is no bool.
    """
    for name, vote in votes.items():
        if not isinstance(vote, bool):
            raise ValueError(f"{name}'s vote is {vote!r}, not True or False")
    results = set()
    for voters in _sides(old, new):
        granted = sum(votes.get(name) is True for name in voters)
        refused = sum(votes.get(name) is False for name in voters)
        half = len(voters) / 2
        results.add("won" if granted > half else
                    "lost" if refused >= half else "pending")
    return next(r for r in ("lost", "pending", "won") if r in results)


def up_to_date(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether log a is at least as up-to-date as log b (section 5.4.1).

    Each is (term, index) of the log's last entry, (0, 0) for an empty one:
    the later term wins, and with equal terms the longer log. ValueError for
    what is no such pair.
    """
    for last in (a, b):
        if not (isinstance(last, tuple) and len(last) == 2
                and all(isinstance(part, int) for part in last)):
            raise ValueError(f"{last!r} is not (term, index) of a last entry")
    return a >= b
# --8<-- [end:rules]


def _sides(old, new) -> list[set[str]]:
    if isinstance(old, str) or isinstance(new, str):
        raise ValueError("old and new are sets of voters, not one string")
    sides = [side for side in (set(old), set(new)) if side]
    if not set(old):
        raise ValueError("old has no voters, so nothing can be decided")
    return sides


def merge(log: tuple, prev_log_index: int, entries: tuple) -> tuple:
    """The follower's log after AppendEntries whose prev entry matches.

    Only a conflict cuts the log. A late, short message would otherwise take
    away entries that this server has acknowledged since.
    """
    for i, entry in enumerate(entries):
        at = prev_log_index + i
        if at >= len(log) or log[at].term != entry.term:
            return log[:at] + entries[i:]
    return log


class Timing(NamedTuple):
    low_ms: int = 150  # an election timeout is drawn anew from low to high
    high_ms: int = 300
    heartbeat_ms: int = 50
    batch: int = 10  # most entries in a message


@dataclass
class Server:
    id: str
    rng: Random = field(repr=False)
    first: Config  # the voters, until the log says otherwise
    timing: Timing
    # On disk.
    current_term: int = 0
    voted_for: str | None = None
    log: tuple[Entry, ...] = ()
    # In memory.
    role: str = "follower"
    commit_index: int = 0
    votes: dict[str, bool] = field(default_factory=dict)  # of a candidate
    next_index: dict[str, int] = field(default_factory=dict)  # of a leader
    match_index: dict[str, int] = field(default_factory=dict)
    acked: dict[str, int] = field(default_factory=dict)  # rounds answered
    round: int = 0
    opened: int = 0  # index of the no-op that opened the term
    writes: dict[int, str] = field(default_factory=dict)  # index: client
    reads: list[tuple] = field(default_factory=list)  # round, index, client

    durable = ("current_term", "voted_for", "log")

    def start(self) -> list[Effect]:
        return [self.election_timer()]

    def election_timer(self) -> SetTimer:
        low_ms, high_ms, *_ = self.timing
        spread_ms = int(self.rng.random() * (high_ms - low_ms + 1))
        return SetTimer("election", low_ms + spread_ms)

    # --8<-- [start:election]
    def timeout(self, timer: str) -> list[Effect]:
        if timer == "heartbeat":
            return self.broadcast()
        if self.id not in self.voters():
            return [self.election_timer()]
        self.role = "candidate"
        self.current_term += 1
        self.voted_for, self.votes = self.id, {self.id: True}
        ask = RequestVote(self.current_term, *self.last())
        asked = [Send(to, ask) for to in self.others()]
        return [self.election_timer(), *asked, *self.count_votes()]

    def request_vote(self, candidate: str, ask: RequestVote) -> list[Effect]:
        granted = self.may_vote(candidate) and up_to_date(ask[1:], self.last())
        reply = Send(candidate, Vote(self.current_term, granted))
        if not granted:
            return [reply]
        self.voted_for = candidate
        return [self.election_timer(), reply]

    def may_vote(self, candidate: str) -> bool:
        # One vote a term: two majorities share a voter, so two leaders of
        # one term would need a server that voted twice.
        return self.voted_for in (None, candidate)

    def count_votes(self) -> list[Effect]:
        if vote_result(*self.config(), self.votes) != "won":
            return []
        self.role, self.match_index, self.acked = "leader", {}, {}
        self.next_index = dict.fromkeys(self.others(), len(self.log) + 1)
        self.writes, self.reads = {}, []
        heartbeat = self.broadcast()
        self.log += (Entry(self.current_term, ""),)  # see may_commit
        self.opened = len(self.log)
        return [CancelTimer("election"), Note("leads"), *heartbeat]
    # --8<-- [end:election]

    def step_down(self, term: int) -> list[Effect]:
        led, self.role = self.role == "leader", "follower"
        if term > self.current_term:
            self.current_term, self.voted_for = term, None
        # A leader has no election timer; without a new one it would never
        # stand again. Others keep theirs: a stranger's term is no leader.
        return [CancelTimer("heartbeat"), self.election_timer()] if led else []

    def receive(self, sender: str, message) -> list[Effect]:
        if isinstance(message, (Write, Read)):
            return self.serve(sender, message)
        newer = message.term > self.current_term
        effects = self.step_down(message.term) if newer else []
        current = message.term == self.current_term
        match message:
            case RequestVote() if current:
                effects += self.request_vote(sender, message)
            case RequestVote():
                effects.append(Send(sender, Vote(self.current_term, False)))
            case AppendEntries() if current:
                effects += self.append_entries(sender, message)
            case AppendEntries():
                reply = Appended(self.current_term, False, 0, 0)
                effects.append(Send(sender, reply))
            case Vote() if current and self.role == "candidate":
                self.votes[sender] = message.granted
                effects += self.count_votes()
            case Appended() if current and self.role == "leader":
                effects += self.appended(sender, message)
        return effects

    # --8<-- [start:replication]
    def broadcast(self) -> list[Effect]:
        self.round += 1
        timer = SetTimer("heartbeat", self.timing.heartbeat_ms)
        return [timer, *(self.append_to(to) for to in self.others())]

    def append_to(self, to: str) -> Send:
        prev = self.next_index.setdefault(to, len(self.log) + 1) - 1
        entries = self.log[prev:prev + self.timing.batch]
        return Send(to, AppendEntries(
            self.current_term, prev, self.term_at(prev), entries,
            self.commit_index, self.round))

    def append_entries(self, leader: str, ask: AppendEntries) -> list[Effect]:
        self.role = "follower"  # a candidate has lost
        prev = ask.prev_log_index
        success = self.term_at(prev) == ask.prev_log_term
        index = prev
        if success:
            self.log = merge(self.log, prev, ask.entries)
            index = prev + len(ask.entries)
            known = min(ask.leader_commit, index)
            self.commit_index = max(self.commit_index, known)
        reply = Appended(self.current_term, success, index, ask.round)
        return [self.election_timer(), Send(leader, reply)]

    def appended(self, follower: str, reply: Appended) -> list[Effect]:
        self.acked[follower] = max(self.acked.get(follower, 0), reply.round)
        effects = []
        if reply.success:
            more = reply.index > self.match_index.get(follower, -1)
            if more:  # else it is late: we know already
                self.match_index[follower] = reply.index
                self.next_index[follower] = reply.index + 1
                effects = self.advance_commit_index()
            more = more and reply.index < len(self.log)
        else:
            more = reply.index == self.next_index[follower] - 1
            if more:
                self.next_index[follower] = reply.index
        if more and self.role == "leader":
            effects.append(self.append_to(follower))
        return effects + self.answer_reads()
    # --8<-- [end:replication]

    # --8<-- [start:commit]
    def advance_commit_index(self) -> list[Effect]:
        match = self.match_index | {self.id: len(self.log)}
        index = commit_index(*self.config(), match)
        if index <= self.commit_index or not self.may_commit(index):
            return []
        done = range(self.commit_index + 1, index + 1)
        self.commit_index = index
        answers = [Send(self.writes.pop(i), Answer(self.log[i - 1].command))
                   for i in done if i in self.writes]
        return answers + self.finish_change()

    def may_commit(self, index: int) -> bool:
        # Figure 8: a majority that holds an entry of an older term can still
        # elect a leader without it. The no-op ends the wait for a new one.
        return self.log[index - 1].term == self.current_term
    # --8<-- [end:commit]

    # --8<-- [start:change]
    def config(self) -> Config:
        """The last one in the log, committed or not (section 6)."""
        for entry in reversed(self.log):
            if isinstance(entry.command, Config):
                return entry.command
        return self.first

    def change(self, *voters: str) -> list[Effect]:
        """Begin to replace the voters; refused while a change is under way."""
        config = self.config()
        if self.role != "leader" or config.new or not self.settled():
            return [Note("change refused")]
        return self.append(Config(config.old, voters))

    def settled(self) -> bool:
        changes = [i for i, entry in enumerate(self.log, 1)
                   if isinstance(entry.command, Config)]
        return self.commit_index >= max([self.opened, *changes])

    def finish_change(self) -> list[Effect]:
        config = self.config()
        if not self.settled():
            return []
        if config.new:
            return self.append(Config(config.new))
        if self.id not in config.old:
            return self.step_down(self.current_term)
        return []
    # --8<-- [end:change]

    def append(self, command: str | Config) -> list[Effect]:
        self.log += (Entry(self.current_term, command),)
        # Alone, a server is its own majority and gets no reply.
        return self.broadcast() + self.advance_commit_index()

    # --8<-- [start:read]
    def serve(self, client: str, ask: Write | Read) -> list[Effect]:
        if self.role != "leader":
            return [Send(client, Answer(None))]
        if isinstance(ask, Read):
            return self.read(client)
        self.writes[len(self.log) + 1] = client
        return self.append(ask.value)

    def read(self, client: str) -> list[Effect]:
        heartbeat = self.broadcast()
        index = max(self.commit_index, self.opened)
        self.reads.append((self.round, index, client))
        return heartbeat + self.answer_reads()

    def answer_reads(self) -> list[Effect]:
        # A majority has answered this round in this term, so when the read
        # began no later term had a leader, and nobody has committed more.
        rounds = self.acked | {self.id: self.round}
        confirmed = commit_index(*self.config(), rounds)
        ready = [read for read in self.reads
                 if read[0] <= confirmed and read[1] <= self.commit_index]
        self.reads = [read for read in self.reads if read not in ready]
        return [Send(client, Answer(self.value())) for *_, client in ready]
    # --8<-- [end:read]

    def value(self) -> str:
        """The state machine: a register, set by every committed command."""
        return next((entry.command for entry
                     in reversed(self.log[:self.commit_index])
                     if entry.command and isinstance(entry.command, str)), "")

    def term_at(self, index: int) -> int:
        """0 before the first entry, -1 behind the last."""
        if index > len(self.log):
            return -1
        return self.log[index - 1].term if index else 0

    def last(self) -> tuple[int, int]:
        return self.term_at(len(self.log)), len(self.log)

    def voters(self) -> list[str]:
        config = self.config()
        return list(dict.fromkeys(config.old + config.new))

    def others(self) -> list[str]:
        return [name for name in self.voters() if name != self.id]


# --8<-- [start:naive]
class Hasty(Server):
    """Answers reads at once, because it believes to be the leader."""

    def read(self, client: str) -> list[Effect]:
        return [Send(client, Answer(self.value()))]


class Counting(Server):
    """Takes an entry on a majority for committed, whatever its term."""

    def may_commit(self, index: int) -> bool:
        return True


class Direct(Server):
    """Changes the voters in one step, without the joint configuration."""

    def change(self, *voters: str) -> list[Effect]:
        return self.append(Config(voters))
# --8<-- [end:naive]


def names(count: int) -> tuple[str, ...]:
    return tuple(f"S{i}" for i in range(1, count + 1))


USUAL = Timing()


def cluster(rng: Random, count: int = 5, timing: Timing = USUAL,
            delay=NEARBY, kind: type = Server) -> Simulation:
    """A simulation of servers S1, S2 and so on; watched: role and term."""
    sim = Simulation(rng, delay, watch=lambda node: (
        node.role, f"term {node.current_term}"))
    for name in names(count):
        sim.add(kind(name, rng, Config(names(count)), timing))
    return sim


def leaders(sim: Simulation) -> list[tuple[int, str]]:
    """(term, id) of all who believe to lead, the oldest term first."""
    return sorted((node.current_term, node.id)
                  for node in sim.nodes.values() if node.role == "leader")


# --8<-- [start:demo]
def demo(kind: type = Server, seed: int = 3, split_ms: int = 400,
         heal_ms: int = 800, alone: Iterable[str] = ()) -> Simulation:
    """Write; split; write on both sides, and read on the old one; heal.

    ``alone`` is one side of the split, by default the leader and the server
    behind it. Ann talks to the leader of that side, bob to the other side's.
    """
    sim = cluster(Random(seed), timing=Timing(heartbeat_ms=100), kind=kind)
    everybody = names(5)
    if set(alone) >= set(everybody):
        raise ValueError("alone is one side of the split: leave out a server")
    sides = {"ann": everybody, "bob": everybody}

    def ask(client, message):
        led = [name for _, name in leaders(sim) if name in sides[client]]
        sim.send(client, led[-1] if led else sides[client][0], message)

    def split():
        at = everybody.index((leaders(sim) or [(0, "S1")])[-1][1])
        side = set(alone) or {everybody[at], everybody[(at + 1) % 5]}
        sides["ann"] = tuple(name for name in everybody if name in side)
        sides["bob"] = tuple(name for name in everybody if name not in side)
        sim.partition(*sides.values())

    for at_ms, action, *what in (
        (split_ms - 90, ask, "ann", Write("red")),
        (split_ms, split),
        (split_ms + 40, ask, "ann", Write("green")),
        (heal_ms - 150, ask, "bob", Write("blue")),
        (heal_ms - 60, ask, "ann", Read()),
        (heal_ms, sim.heal),
    ):
        sim.at(at_ms, action, *what)
    sim.run(until_ms=heal_ms + 300)
    return sim
# --8<-- [end:demo]


def story(sim: Simulation) -> list[str]:
    """Who led, and what clients asked and were told."""
    told = []
    for event in sim.trace:
        what, who = event.what, event.node
        if event.kind == "note":
            told.append(f"{event.at_ms} ms: {who} {what}")
        elif event.kind == "sent" and isinstance(what, (Write, Read)):
            ask = f"write {what.value}" if isinstance(what, Write) else "read"
            told.append(f"{event.at_ms} ms: {who} asks {event.peer}: {ask}")
        elif event.kind == "received" and isinstance(what, Answer):
            word = "to ask another" if what.value is None else what.value
            told.append(f"{event.at_ms} ms: {who} is told {word}")
    return told


# --8<-- [start:figure7]
# The terms of the entries, as the paper draws them.
FIGURE_7 = {
    "leader": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6),
    "a": (1, 1, 1, 4, 4, 5, 5, 6, 6),
    "b": (1, 1, 1, 4),
    "c": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6),
    "d": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7),
    "e": (1, 1, 1, 4, 4, 4, 4),
    "f": (1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3),
}


def figure_7() -> list[tuple[str, int, int, int]]:
    """For each log: its name, the votes of seven it would get, its own
    among them, the nextIndex that the leader of term 8 ends at, and how many
    AppendEntries that takes."""
    rows = []
    servers = {name: Server(name, Random(0), Config(tuple(FIGURE_7)),
                            USUAL, 7, None,
                            tuple(Entry(term, f"{i}:{term}")
                                  for i, term in enumerate(terms, 1)))
               for name, terms in FIGURE_7.items()}
    for name, server in servers.items():
        votes = sum(up_to_date(server.last(), other.last())
                    for other in servers.values())
        rows.append((name, votes, *probe(servers["leader"], server)))
    return rows


def probe(leader: Server, follower: Server) -> tuple[int, int]:
    """(nextIndex at which they agree, AppendEntries sent) in term 8."""
    leader.role, leader.current_term = "leader", 8
    leader.next_index, leader.match_index = {}, {}
    for sent in range(1, len(leader.log) + 2):
        ask = leader.append_to(follower.id).message._replace(entries=())
        reply = follower.receive(leader.id, ask)[-1].message
        leader.receive(follower.id, reply)
        if reply.success:
            return leader.next_index[follower.id], sent
# --8<-- [end:figure7]


# --8<-- [start:figure8]
def figure_8(kind: type = Server, case: str = "d") -> tuple[list, list]:
    """Rows (moment, terms in the logs of S1 to S5, their commit indexes,
    what those are who lead or are down), and who would vote for S5 at last.

    Case d: S1 crashes before its entry of term 4 is on a majority. Case e:
    after. The network lets an entry pass only where the figure has it.
    """
    passes: set[tuple[str, int]] = set()

    def delay(rng, sender, to, message):
        lost = any((to, entry.term) not in passes
                   for entry in getattr(message, "entries", ()))
        return () if lost else (1,)

    never = 10**6  # nobody stands unless the figure says so
    sim = cluster(Random(0), 5, Timing(never, never, 20, 1), delay, kind)
    s1, *_, s5 = sim.nodes.values()
    for node in sim.nodes.values():
        node.current_term, node.log = 1, (Entry(1, "x"),)
    rows, down = [], set()

    def then(moment, crash=None, restart=None, stands=None, lets=()):
        passes.clear()
        passes.update(lets)
        if crash:
            sim.crash(crash)
            down.add(crash)
        if restart:
            sim.restart(restart)
            down.discard(restart)
        for _ in range(2):  # whose term is old is refused the first time
            if stands and stands.role != "leader":
                sim.call(stands.id, "timeout", "election")
                sim.run(sim.now_ms + 5)
        sim.run(sim.now_ms + 100)
        logs = [tuple(entry.term for entry in node.log)
                for node in sim.nodes.values()]
        commits = [node.commit_index for node in sim.nodes.values()]
        what = {name: "leader" for _, name in leaders(sim)}
        what |= dict.fromkeys(down, "crashed")
        rows.append((moment, logs, commits, what))

    then("a", stands=s1, lets=[("S2", 2)])
    then("b", crash="S1", stands=s5)
    then("c", crash="S5", restart="S1", stands=s1, lets=[("S3", 2)])
    if case == "e":
        then("e", lets=[("S2", 4), ("S3", 4)])
    voters = [node.id for node in sim.nodes.values()
              if node is not s5 and up_to_date(s5.last(), node.last())]
    later = [(name, term) for name in names(5) for term in (3, 5)]
    then("S5 stands", crash="S1", restart="S5", stands=s5, lets=later)
    then("S1 is back", restart="S1", lets=later)
    return rows, voters
# --8<-- [end:figure8]


# --8<-- [start:elections]
def simulate(low_ms: int = 150, high_ms: int = 300, trials: int = 100,
             eligible: int = 2, servers: int = 5, hop_ms=(1, 6),
             cap_ms: int = 10_000, *, rng: Random) -> dict[str, float]:
    """Leader crashes, as measured in section 9.3: the worst case.

    The leader heartbeats all others at once and crashes at a random moment
    of its interval, half of low_ms. Only ``eligible`` of the others have a
    log with which they can win. A message takes hop_ms, whole and equally
    likely; the paper does not give its delays.

    Returns ``median_ms``, ``mean_ms`` and ``longest_ms`` from the crash to
    the next leader, ``split_votes``, the mean number of terms without one,
    and ``unfinished``, the share of trials with no leader after cap_ms,
    which count with cap_ms. ValueError if the numbers make no experiment.
    """
    if not 1 < low_ms <= high_ms:
        raise ValueError(f"timeouts from low_ms={low_ms} to high_ms={high_ms}:"
                         " low_ms is at least 2, and at most high_ms")
    if trials < 1 or not 1 <= eligible < servers:
        raise ValueError(f"trials={trials} and eligible={eligible} of "
                         f"servers={servers}: at least one trial, and from "
                         "one to all but the leader eligible")
    took, failed, unfinished = [], 0, 0
    for _ in range(trials):
        sim = Simulation(rng, uniform(*hop_ms))
        others = names(servers)[1:]
        for i, name in enumerate(others):
            node = Server(name, rng, Config(names(servers)),
                          Timing(low_ms, high_ms, low_ms // 2), 1, "S1")
            # Enough longer logs that the others cannot find a majority.
            node.log = (Entry(1, ""),) * (2 if i < eligible else 1)
            sim.add(node)
            sim.send("S1", name, AppendEntries(1, 0, 0, (), 0, 1))
        crash_ms = int(rng.random() * (low_ms // 2))
        while not leaders(sim) and sim.now_ms < cap_ms:
            sim.run(sim.now_ms + 5)
        elected = [e.at_ms for e in sim.trace if e.kind == "note"]
        unfinished += not elected
        took.append((elected[0] if elected else cap_ms) - crash_ms)
        failed += max(node.current_term for node in sim.nodes.values())
        failed -= 2 if elected else 1
    took.sort()
    return {"median_ms": took[trials // 2], "mean_ms": sum(took) / trials,
            "longest_ms": took[-1], "split_votes": failed / trials,
            "unfinished": unfinished / trials}


def first_timeout(servers: int, trials: int, rng: Random):
    """The first of several timeouts, each equally likely from 0 to 1: its
    mean, and the share that is at most a quarter (dissertation, 9.1)."""
    first = [min(rng.random() for _ in range(servers)) for _ in range(trials)]
    return sum(first) / trials, sum(t <= 0.25 for t in first) / trials
# --8<-- [end:elections]


if __name__ == "__main__":
    sim = demo()
    for line in story(sim):
        print(line)
        #> 208 ms: S1 leads
        #> 310 ms: ann asks S1: write red
        #> 351 ms: ann is told red
        #> 440 ms: ann asks S1: write green
        #> 502 ms: S4 leads
        #> 650 ms: bob asks S4: write blue
        #> 696 ms: bob is told blue
        #> 740 ms: ann asks S1: read
    log = [entry.command or "no-op" for entry in sim.nodes["S1"].log]
    print("after the split S1 has:", ", ".join(log))
    #> after the split S1 has: no-op, red, no-op, blue
    print("answering at once:", story(demo(Hasty))[-1])
    #> answering at once: 766 ms: ann is told red

    for name, votes, next_index, sent in figure_7():
        ends = f"nextIndex {next_index} after {sent} AppendEntries"
        print(f"figure 7, {name}: {votes} of 7 votes, {ends}")
        #> figure 7, leader: 5 of 7 votes, nextIndex 11 after 1 AppendEntries
        #> figure 7, a: 4 of 7 votes, nextIndex 10 after 2 AppendEntries
        #> figure 7, b: 2 of 7 votes, nextIndex 5 after 7 AppendEntries
        #> figure 7, c: 6 of 7 votes, nextIndex 11 after 1 AppendEntries
        #> figure 7, d: 7 of 7 votes, nextIndex 11 after 1 AppendEntries
        #> figure 7, e: 3 of 7 votes, nextIndex 6 after 6 AppendEntries
        #> figure 7, f: 1 of 7 votes, nextIndex 4 after 8 AppendEntries

    for kind in Server, Counting:
        rows, voters = figure_8(kind, "d")
        (_, before, commits, _), (_, after, *_) = rows[2], rows[-1]
        does = f"commits {commits[0]} of {before[0]}, ends with {after[0]}"
        print(f"figure 8d, {kind.__name__}: S1 {does}")
        #> figure 8d, Server: S1 commits 0 of (1, 2, 4), ends with (1, 3, 5)
        #> figure 8d, Counting: S1 commits 2 of (1, 2, 4), ends with (1, 3, 5)
    print("figure 8d: S5 gets the votes of", *voters)
    #> figure 8d: S5 gets the votes of S2 S3 S4
    rows, voters = figure_8(Server, "e")
    print(f"figure 8e: S1 commits {rows[3][2][0]}; S5 gets that of", *voters)
    #> figure 8e: S1 commits 3; S5 gets that of S4

    old, new = {"S1", "S2", "S3"}, {"S3", "S4", "S5"}
    for voters in ("S1", "S2"), ("S3", "S4", "S5"), ("S1", "S3", "S4"):
        votes = dict.fromkeys(voters, True)
        each = [vote_result(side, (), votes) for side in (old, new)]
        joint = vote_result(old, new, votes)
        print(f"{voters}: old {each[0]}, new {each[1]}, joint {joint}")
        #> ('S1', 'S2'): old won, new pending, joint pending
        #> ('S3', 'S4', 'S5'): old pending, new won, joint pending
        #> ('S1', 'S3', 'S4'): old won, new won, joint won

    for low_ms, high_ms in (150, 155), (150, 200), (150, 300), (12, 24):
        took = simulate(low_ms, high_ms, trials=200, rng=Random(7))
        median, worst = took["median_ms"], took["longest_ms"]
        split = f"{took['split_votes']:.2f} split votes"
        times = f"median {median} ms, longest {worst} ms, {split}"
        print(f"{low_ms} to {high_ms} ms: {times}")
        #> 150 to 155 ms: median 265 ms, longest 1981 ms, 1.91 split votes
        #> 150 to 200 ms: median 145 ms, longest 493 ms, 0.64 split votes
        #> 150 to 300 ms: median 176 ms, longest 443 ms, 0.56 split votes
        #> 12 to 24 ms: median 28 ms, longest 89 ms, 1.08 split votes
    mean, early = first_timeout(4, 50_000, Random(7))
    print(f"first of 4 timeouts: mean {mean:.3f}, early {early:.3f}")
    #> first of 4 timeouts: mean 0.199, early 0.686
