"""Two-phase commit: all or nothing on several machines, and how it blocks.

First as a transition system, every state of which is visited; then as a
protocol on a simulated network, with the coordinator crashing at each point.

Source: Gray and Lamport, "Consensus on Transaction Commit", 2006, sections 2
and 3; Gray, "Notes on Data Base Operating Systems", 1978; Skeen, "Nonblocking
Commit Protocols", 1981, for what makes a protocol block. "Transaction
manager" is Gray and Lamport's name for the coordinator.
Guarantee: no manager commits while another aborts, under any loss, delay,
crash and restart. Assumes: the state of a manager, and the decision, are on
disk before a message leaves.
Left out: locks themselves, read-only managers, forgetting of old decisions,
a coordinator that is replaced.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from snippets.simnet import (
    CancelTimer,
    Effect,
    Lost,
    Note,
    Send,
    SetTimer,
    Simulation,
)

WORKING, PREPARED = "working", "prepared"
COMMITTED, ABORTED = "committed", "aborted"


# --8<-- [start:model]
class State(NamedTuple):
    """One state of everything. Messages stay on the wire for ever, because
    they may be received again, or late."""
    managers: tuple[str, ...]
    coordinator: str = "init"  # then committed, aborted, or down
    heard: frozenset[int] = frozenset()  # the managers it knows are prepared
    wire: frozenset = frozenset()  # who has sent Prepared; the decision

    def moved(self, i: int, to: str) -> "State":
        managers = self.managers[:i] + (to,) + self.managers[i + 1:]
        return self._replace(managers=managers)


Step = tuple[str, State]  # what happens, and the state after it


def protocol(s: State) -> Iterator[Step]:
    """Every step that two-phase commit allows in a state."""
    for i, manager in enumerate(s.managers):
        if manager == WORKING:
            prepared = s.moved(i, PREPARED)
            yield f"M{i + 1} prepares", prepared._replace(wire=s.wire | {i})
            yield f"M{i + 1} refuses", s.moved(i, ABORTED)
        if s.coordinator == "init" and i in s.wire:
            heard = s._replace(heard=s.heard | {i})
            yield f"the coordinator hears M{i + 1}", heard
        for what in (COMMITTED, ABORTED):
            if what in s.wire:
                yield f"M{i + 1} is told {what}", s.moved(i, what)
    if s.coordinator == "init":
        if len(s.heard) == len(s.managers):
            yield "the coordinator commits", decided(s, COMMITTED)
        yield "the coordinator aborts", decided(s, ABORTED)


def decided(s: State, what: str) -> State:
    return s._replace(coordinator=what, wire=s.wire | {what})
# --8<-- [end:model]


def with_crash(s: State) -> Iterator[Step]:
    """And the coordinator may crash for good before it has decided."""
    yield from protocol(s)
    if s.coordinator == "init":
        yield "the coordinator crashes", s._replace(coordinator="down")


# --8<-- [start:impatient]
def impatient(s: State) -> Iterator[Step]:
    """And a prepared manager that hears nothing aborts by itself."""
    yield from protocol(s)
    for i, manager in enumerate(s.managers):
        if manager == PREPARED:
            yield f"M{i + 1} loses patience", s.moved(i, ABORTED)
# --8<-- [end:impatient]


Rules = Callable[[State], Iterator[Step]]


# --8<-- [start:explore]
def explore(resource_managers: int) -> tuple[int, int, int]:
    """(distinct states, states generated, depth), counted as TLC does.

    Generated are the first state and all states that some step leads to,
    each as often as it is met; depth is the number of states on the longest
    of the shortest ways to a state. ValueError unless there is a manager.
    """
    seen, generated = reachable(resource_managers)
    return len(seen), generated, max(depth for depth, *_ in seen.values())


def reachable(managers: int, rules: Rules = protocol) -> tuple[dict, int]:
    """All states, breadth first: {state: (depth, step, state before)}."""
    if not isinstance(managers, int) or managers < 1:
        raise ValueError(f"{managers!r} managers: it must be a whole number "
                         "from 1")
    first = State((WORKING,) * managers)
    seen, queue, generated = {first: (1, "", None)}, deque([first]), 1
    while queue:
        state = queue.popleft()
        for step, after in rules(state):
            generated += 1
            if after not in seen:
                seen[after] = (seen[state][0] + 1, step, state)
                queue.append(after)
    return seen, generated


def way_to(bad: Callable[[State], bool], seen: dict) -> list[str]:
    """The steps of a shortest way to a state that is bad; [] if none is."""
    state, steps = next(filter(bad, seen), None), []
    while state and seen[state][2]:
        steps.append(seen[state][1])
        state = seen[state][2]
    return steps[::-1]


def inconsistent(s: State) -> bool:
    return COMMITTED in s.managers and ABORTED in s.managers


def blocked(s: State) -> bool:
    """All are prepared, and nothing can ever happen again."""
    return (set(s.managers) == {PREPARED}
            and all(after == s for _, after in with_crash(s)))
# --8<-- [end:explore]


# --8<-- [start:concurrency]
def concurrency_sets(managers: int) -> dict[str, set[str]]:
    """For each state a manager can be in, what another can be in meanwhile
    (Skeen 1981). One that holds both outcomes cannot decide alone."""
    sets: dict[str, set[str]] = {}
    for state in reachable(managers)[0]:
        for i, mine in enumerate(state.managers):
            others = state.managers[:i] + state.managers[i + 1:]
            sets.setdefault(mine, set()).update(others)
    return sets
# --8<-- [end:concurrency]


class Prepare(NamedTuple):
    pass


class Prepared(NamedTuple):
    pass


class Refused(NamedTuple):
    pass


class Outcome(NamedTuple):
    what: str  # committed or aborted


class Ask(NamedTuple):  # a prepared manager wants to know the outcome
    pass


# --8<-- [start:coordinator]
@dataclass
class Coordinator:
    id: str
    managers: tuple[str, ...]
    patience_ms: int
    # On disk.
    begun: bool = False
    decision: str = ""
    # In memory.
    heard: set[str] = field(default_factory=set)

    durable = ("begun", "decision")

    def start(self) -> list[Effect]:
        if self.begun and not self.decision:
            return self.decide(ABORTED)  # nobody was told to commit
        return self.tell(self.managers) if self.decision else []

    def receive(self, sender: str, message) -> list[Effect]:
        if self.decision:
            return self.tell([sender])
        match message:
            case Prepared():
                begins, self.begun = not self.begun, True
                self.heard.add(sender)
                if len(self.heard) == len(self.managers):
                    return self.decide(COMMITTED)
                others = [name for name in self.managers if name != sender]
                ask = [Send(name, Prepare()) for name in others]
                timer = SetTimer("patience", self.patience_ms)
                return [timer, *ask] if begins else []
            case Refused():
                return self.decide(ABORTED)
            case Ask() if not self.begun:  # presumed abort: never heard of it
                return self.decide(ABORTED)
        return []

    def timeout(self, timer: str) -> list[Effect]:
        return self.decide(ABORTED)

    def decide(self, what: str) -> list[Effect]:
        self.decision = what  # on disk first: this is the commit point
        return [CancelTimer("patience"), Note(f"decides: {what}"),
                *self.tell(self.managers)]

    def tell(self, names) -> list[Effect]:
        return [Send(name, Outcome(self.decision)) for name in names]
# --8<-- [end:coordinator]


# --8<-- [start:manager]
@dataclass
class Manager:
    id: str
    coordinator: str
    asks: tuple[str, ...]  # whom it asks when it hears nothing
    patience_ms: int
    willing: bool
    state: str = WORKING  # on disk

    durable = ("state",)

    def start(self) -> list[Effect]:
        return [self.patience()] if self.state == PREPARED else []

    def patience(self) -> SetTimer:
        return SetTimer("patience", self.patience_ms)

    def commit(self) -> list[Effect]:
        """A command of the user of this manager: begin to commit."""
        return self.prepare()

    def prepare(self) -> list[Effect]:
        if self.state == WORKING:
            self.state = PREPARED if self.willing else ABORTED
        if self.state == PREPARED:  # from now on it may not decide alone
            return [self.patience(), Send(self.coordinator, Prepared())]
        if self.state == ABORTED:
            return [Send(self.coordinator, Refused())]
        return []

    def receive(self, sender: str, message) -> list[Effect]:
        match message:
            case Prepare():
                return self.prepare()
            case Outcome(what) if self.state in (WORKING, PREPARED):
                self.state = what
                return [CancelTimer("patience")]
            case Ask():
                return self.answer(sender)
        return []

    def timeout(self, timer: str) -> list[Effect]:
        return [self.patience(), *(Send(name, Ask()) for name in self.asks)]

    def answer(self, sender: str) -> list[Effect]:
        if self.state == WORKING:
            self.state = ABORTED  # it has promised nothing yet
        known = self.state in (COMMITTED, ABORTED)
        return [Send(sender, Outcome(self.state))] if known else []
# --8<-- [end:manager]


class Impatient(Manager):
    """Aborts when it has waited long enough, also when it is prepared."""

    def timeout(self, timer: str) -> list[Effect]:
        self.state = ABORTED
        return [Note("aborts alone")]


def cluster(rng: Random, count: int = 3, delay=lambda *_: (5,),
            willing: Callable[[int], bool] = lambda i: True,
            together: bool = True, kind: type = Manager,
            patience_ms: int = 40) -> Simulation:
    """A coordinator TM and managers M1, M2 and so on. ``together``: who is
    in doubt asks the other managers too, not the coordinator alone."""
    sim = Simulation(rng, delay, watch=lambda node: vars(node).get(
        "state", ""))
    names = tuple(f"M{i}" for i in range(1, count + 1))
    sim.add(Coordinator("TM", names, patience_ms))
    for i, name in enumerate(names):
        others = tuple(other for other in names if other != name)
        asks = ("TM", *others) if together else ("TM",)
        sim.add(kind(name, "TM", asks, patience_ms, willing(i)))
    return sim


# --8<-- [start:crash]
POINTS = {  # ms at which the coordinator crashes, messages that got out
    "before it hears of it": (3, 0),
    "one manager asked to prepare": (6, 1),
    "both asked": (6, 2),
    "two of three prepared, heard": (17, 2),
    "commit on disk, nobody told": (20, 2),
    "one manager told": (20, 3),
    "two told": (20, 4),
    "all told": (20, 5),
}


def crash_at(point: str, back_ms: int = 200, until_ms: int = 400,
             **how) -> Simulation:
    """Three managers commit, and the coordinator crashes at a point.

    M1 begins. A message takes 5 ms, one from M3 takes 9. The coordinator
    returns after back_ms.
    """
    crash_ms, out = POINTS[point]
    sent = []

    def delay(rng, sender, to, message):
        if sender == "TM" and sim.now_ms < back_ms:
            sent.append(message)
            if len(sent) > out:
                return (Lost(1),)
        return (9 if sender == "M3" else 5,)

    sim = cluster(Random(0), delay=delay, **how)
    sim.at(0, sim.call, "M1", "commit")
    sim.at(crash_ms, sim.crash, "TM")
    sim.at(back_ms, sim.restart, "TM")
    sim.run(until_ms=until_ms)
    return sim
# --8<-- [end:crash]


def demo() -> Simulation:
    """The coordinator has decided, has told nobody, and is gone."""
    return crash_at("commit on disk, nobody told", until_ms=250)


def states_at(sim: Simulation, at_ms: int) -> list[str]:
    """What each manager was at a moment of a finished run."""
    states = {name: WORKING for name in sim.nodes if name != "TM"}
    for when_ms, name, state in sim.watched:
        if when_ms <= at_ms and name in states:
            states[name] = state
    return list(states.values())


def in_doubt_ms(sim: Simulation) -> int:
    """The longest time that a manager was prepared, its locks held."""
    since, longest = {}, 0
    for at_ms, name, state in sim.watched:
        if state == PREPARED:
            since[name] = at_ms
        elif name in since:
            longest = max(longest, at_ms - since.pop(name))
    return max([longest, *(sim.now_ms - at_ms for at_ms in since.values())])


def cost(managers: int) -> tuple[int, int]:
    """(messages, message delays) of a commit without failures."""
    sim = cluster(Random(0), managers, delay=lambda *_: (10,),
                  patience_ms=1000)
    sim.at(0, sim.call, "M1", "commit")
    sim.run(until_ms=900)
    sent = sum(event.kind == "sent" for event in sim.trace)
    last_ms = max(event.at_ms for event in sim.trace)
    return sent, last_ms // 10


if __name__ == "__main__":
    for n in (1, 2, 3, 4, 5):
        distinct, generated, depth = explore(n)
        counts = f"{generated} generated, depth {depth}"
        print(f"{n} managers: {distinct} distinct states, {counts}")
        #> 1 managers: 12 distinct states, 20 generated, depth 5
        #> 2 managers: 56 distinct states, 154 generated, depth 8
        #> 3 managers: 288 distinct states, 1146 generated, depth 11
        #> 4 managers: 1568 distinct states, 8258 generated, depth 14
        #> 5 managers: 8832 distinct states, 58146 generated, depth 17

    for mine, others in sorted(concurrency_sets(3).items()):
        print(f"while one is {mine}: {', '.join(sorted(others))}")
        #> while one is aborted: aborted, prepared, working
        #> while one is committed: committed, prepared
        #> while one is prepared: aborted, committed, prepared, working
        #> while one is working: aborted, prepared, working

    print("a way to disagree:", way_to(inconsistent, reachable(2)[0]))
    #> a way to disagree: []
    for step in way_to(inconsistent, reachable(2, impatient)[0]):
        print("impatient:", step)
        #> impatient: M1 prepares
        #> impatient: the coordinator hears M1
        #> impatient: M2 prepares
        #> impatient: the coordinator hears M2
        #> impatient: the coordinator commits
        #> impatient: M1 is told committed
        #> impatient: M2 loses patience
    for step in way_to(blocked, reachable(2, with_crash)[0]):
        print("blocked:", step)
        #> blocked: M1 prepares
        #> blocked: M2 prepares
        #> blocked: the coordinator crashes

    for point in POINTS:
        together, alone = crash_at(point), crash_at(point, together=False)
        waits = f"{in_doubt_ms(alone)} ms, asking {in_doubt_ms(together)}"
        print(f"{point}: in doubt for {waits}")
        #> before it hears of it: in doubt for 210 ms, asking 50
        #> one manager asked to prepare: in doubt for 205 ms, asking 54
        #> both asked: in doubt for 205 ms, asking 205
        #> two of three prepared, heard: in doubt for 205 ms, asking 205
        #> commit on disk, nobody told: in doubt for 205 ms, asking 205
        #> one manager told: in doubt for 195 ms, asking 54
        #> two told: in doubt for 195 ms, asking 54
        #> all told: in doubt for 24 ms, asking 24
    print("before the coordinator returns:", *states_at(demo(), 199))
    #> before the coordinator returns: prepared prepared prepared
    print("after:", *states_at(demo(), 250))
    #> after: committed committed committed
    sim = crash_at("one manager told", kind=Impatient)
    print("impatient managers:", *states_at(sim, 400))
    #> impatient managers: committed aborted aborted
    for n in (2, 3, 5):
        messages, delays = cost(n)
        print(f"{n} managers: {messages} messages, {delays} delays")
        #> 2 managers: 5 messages, 4 delays
        #> 3 managers: 8 messages, 4 delays
        #> 5 managers: 14 messages, 4 delays
