"""Data types whose copies may be changed apart, and merge to one value.

Source: Shapiro, Preguica, Baquero and Zawirski, "A comprehensive study of
Convergent and Commutative Replicated Data Types", INRIA RR-7506, 2011,
section 3 (each type, state-based), and "Conflict-free Replicated Data Types",
SSS 2011 (why they converge); Bieniusa et al., "An Optimized Conflict-free
Replicated Set", 2012 (no tombstones).
Guarantee: replicas that have merged the same changes, in any order and any
number of times, are equal; none waits for another to make a change.
Assumes replica names are unique, and a replica never forgets its own state;
for LWW that no two changes carry one stamp.
Left out: operation-based types, deltas, sequences, garbage collection.
"""

from dataclasses import dataclass
from random import Random

from snippets.simnet import Effect, Send, SetTimer, Simulation

# A state never changes: each operation returns the next one. Maps are kept as
# frozensets of pairs, so that a state can be compared, and sent.
Map = frozenset
EMPTY: Map = frozenset()


def highest(a: Map, b: Map) -> Map:
    """Of each key the larger value: the join of two maps."""
    found = dict(a)
    for key, value in b:
        if key not in found or value > found[key]:
            found[key] = value
    return Map(found.items())


def same_type(a, b):
    if type(a) is not type(b):
        raise ValueError(f"a {type(a).__name__} cannot merge a "
                         f"{type(b).__name__}")


# --8<-- [start:counters]
@dataclass(frozen=True)
class GCounter:
    """It only grows: each replica counts for itself."""
    counts: Map = EMPTY  # replica: its own increments

    def increment(self, replica: str, by: int = 1) -> "GCounter":
        if by < 0:
            raise ValueError(f"a G-counter cannot grow by {by}: it only grows")
        mine = dict(self.counts).get(replica, 0) + by
        return GCounter(highest(self.counts, Map({(replica, mine)})))

    def value(self) -> int:
        return sum(count for _, count in self.counts)

    def merge(self, other: "GCounter") -> "GCounter":
        same_type(self, other)
        return GCounter(highest(self.counts, other.counts))


ZERO = GCounter()


@dataclass(frozen=True)
class PNCounter:
    """Two G-counters: what was added, and what was taken away."""
    plus: GCounter = ZERO
    minus: GCounter = ZERO

    def increment(self, replica: str, by: int = 1) -> "PNCounter":
        return PNCounter(self.plus.increment(replica, by), self.minus)

    def decrement(self, replica: str, by: int = 1) -> "PNCounter":
        return PNCounter(self.plus, self.minus.increment(replica, by))

    def value(self) -> int:
        return self.plus.value() - self.minus.value()

    def merge(self, other: "PNCounter") -> "PNCounter":
        same_type(self, other)
        return PNCounter(self.plus.merge(other.plus),
                         self.minus.merge(other.minus))
# --8<-- [end:counters]


# --8<-- [start:registers]
@dataclass(frozen=True)
class LWWRegister:
    """Last writer wins: by the clock, and by name where clocks are equal."""
    stamp: tuple = (-1, "")
    content: object = None

    def write(self, replica: str, content, now_ms: int) -> "LWWRegister":
        if now_ms < 0:
            raise ValueError(f"{now_ms} ms: use 0 or later")
        return self.merge(LWWRegister((now_ms, replica), content))

    def value(self):
        return self.content

    def merge(self, other: "LWWRegister") -> "LWWRegister":
        same_type(self, other)
        return self if self.stamp >= other.stamp else other


def covers(a: Map, b: Map) -> bool:
    """Whether version vector a is equal to b or later."""
    return highest(a, b) == a


@dataclass(frozen=True)
class MVRegister:
    """Keeps every value that no other write has seen and replaced."""
    versions: frozenset = EMPTY  # (content, version vector)

    def write(self, replica: str, content) -> "MVRegister":
        seen = Map()
        for _, vector in self.versions:
            seen = highest(seen, vector)
        mine = dict(seen).get(replica, 0) + 1
        return MVRegister(frozenset(
            {(content, highest(seen, Map({(replica, mine)})))}))

    def value(self) -> frozenset:
        return frozenset(content for content, _ in self.versions)

    def merge(self, other: "MVRegister") -> "MVRegister":
        same_type(self, other)
        both = self.versions | other.versions
        return MVRegister(frozenset(
            (content, vector) for content, vector in both
            if not any(covers(later, vector) and later != vector
                       for _, later in both)))
# --8<-- [end:registers]


# --8<-- [start:simple_sets]
@dataclass(frozen=True)
class TwoPhaseSet:
    """Added once, removed once, and then never again."""
    added: frozenset = EMPTY
    removed: frozenset = EMPTY

    def add(self, replica: str, item) -> "TwoPhaseSet":
        return TwoPhaseSet(self.added | {item}, self.removed)

    def remove(self, replica: str, item) -> "TwoPhaseSet":
        if item not in self.value():
            return self  # there is nothing here to remove
        return TwoPhaseSet(self.added, self.removed | {item})

    def value(self) -> frozenset:
        return self.added - self.removed

    def merge(self, other: "TwoPhaseSet") -> "TwoPhaseSet":
        same_type(self, other)
        return TwoPhaseSet(self.added | other.added,
                           self.removed | other.removed)


@dataclass(frozen=True)
class LWWSet:
    """Each item is in if its last add is not before its last remove."""
    adds: Map = EMPTY  # item: time
    removes: Map = EMPTY

    def add(self, replica: str, item, now_ms: int) -> "LWWSet":
        return LWWSet(highest(self.adds, Map({(item, now_ms)})), self.removes)

    def remove(self, replica: str, item, now_ms: int) -> "LWWSet":
        return LWWSet(self.adds, highest(self.removes, Map({(item, now_ms)})))

    def value(self) -> frozenset:
        gone = dict(self.removes)
        return frozenset(item for item, at_ms in self.adds
                         if item not in gone or at_ms >= gone[item])

    def merge(self, other: "LWWSet") -> "LWWSet":
        same_type(self, other)
        return LWWSet(highest(self.adds, other.adds),
                      highest(self.removes, other.removes))
# --8<-- [end:simple_sets]


# --8<-- [start:or_set]
@dataclass(frozen=True)
class ORSet:
    """Observed-remove: a remove takes away the adds it has seen, no others.
    So an add that is concurrent with a remove wins."""
    tagged: frozenset = EMPTY  # (item, (replica, number)), ever added
    tombstones: frozenset = EMPTY  # tags that were removed

    def add(self, replica: str, item) -> "ORSet":
        number = 1 + sum(who == replica for _, (who, _) in self.tagged)
        tag = (replica, number)
        return ORSet(self.tagged | {(item, tag)}, self.tombstones)

    def remove(self, replica: str, item) -> "ORSet":
        seen = {tag for each, tag in self.tagged if each == item}
        return ORSet(self.tagged, self.tombstones | seen)

    def value(self) -> frozenset:
        return frozenset(item for item, tag in self.tagged
                         if tag not in self.tombstones)

    def merge(self, other: "ORSet") -> "ORSet":
        same_type(self, other)
        return ORSet(self.tagged | other.tagged,
                     self.tombstones | other.tombstones)

    def size(self) -> int:
        return len(self.tagged) + len(self.tombstones)


@dataclass(frozen=True)
class OptimizedORSet:
    """The same without tombstones: what one side has seen and no longer has
    was removed. Bieniusa et al. 2012."""
    tagged: frozenset = EMPTY  # (item, (replica, number)), still in
    seen: Map = EMPTY  # replica: the number of its last add

    def add(self, replica: str, item) -> "OptimizedORSet":
        number = 1 + dict(self.seen).get(replica, 0)
        others = {pair for pair in self.tagged if pair[0] != item}
        return OptimizedORSet(
            frozenset(others | {(item, (replica, number))}),
            highest(self.seen, Map({(replica, number)})))

    def remove(self, replica: str, item) -> "OptimizedORSet":
        return OptimizedORSet(frozenset(
            pair for pair in self.tagged if pair[0] != item), self.seen)

    def value(self) -> frozenset:
        return frozenset(item for item, _ in self.tagged)

    def merge(self, other: "OptimizedORSet") -> "OptimizedORSet":
        same_type(self, other)

        def new_to(pairs, seen):
            seen = dict(seen)
            return {(item, tag) for item, tag in pairs
                    if tag[1] > seen.get(tag[0], 0)}

        return OptimizedORSet(
            frozenset((self.tagged & other.tagged)
                      | new_to(self.tagged, other.seen)
                      | new_to(other.tagged, self.seen)),
            highest(self.seen, other.seen))

    def size(self) -> int:
        return len(self.tagged) + len(self.seen)
# --8<-- [end:or_set]


# --8<-- [start:naive]
@dataclass(frozen=True)
class SumCounter:
    """Naive: one number, merged by adding. A repeated merge counts twice."""
    count: int = 0

    def increment(self, replica: str, by: int = 1) -> "SumCounter":
        return type(self)(self.count + by)

    def value(self) -> int:
        return self.count

    def merge(self, other: "SumCounter") -> "SumCounter":
        return SumCounter(self.count + other.count)


class MaxCounter(SumCounter):
    """Naive: one number, the larger wins. It agrees on the wrong count."""

    def merge(self, other: "MaxCounter") -> "MaxCounter":
        return MaxCounter(max(self.count, other.count))


@dataclass(frozen=True)
class UnionSet:
    """Naive: the items, merged by union. What was removed comes back."""
    items: frozenset = EMPTY

    def add(self, replica: str, item) -> "UnionSet":
        return UnionSet(self.items | {item})

    def remove(self, replica: str, item) -> "UnionSet":
        return UnionSet(self.items - {item})

    def value(self) -> frozenset:
        return self.items

    def merge(self, other: "UnionSet") -> "UnionSet":
        return UnionSet(self.items | other.items)
# --8<-- [end:naive]


def counted(kind, merges: int) -> int:
    """A counts 3 and B counts 2, then each merges the other so often."""
    a, b = kind(), kind()
    for _ in range(3):
        a = a.increment("A")
    for _ in range(2):
        b = b.increment("B")
    for _ in range(merges):
        a, b = a.merge(b), b.merge(a)
    return a.value()


# --8<-- [start:stories]
def stories(kind) -> tuple[bool, bool, bool]:
    """Is tea in the merged set? After add, remove, add at one replica; after
    a remove that the other had not heard of; after a remove at A while B
    adds it again."""
    def do(state, *operations):
        # An LWW set needs a time; B's clock is 5 ms behind A's.
        for at_ms, (operation, replica) in enumerate(operations):
            now = (at_ms * 10 - 5 * (replica == "B"),) * (kind is LWWSet)
            state = getattr(state, operation)(replica, "tea", *now)
        return state

    again = do(kind(), ("add", "A"), ("remove", "A"), ("add", "A"))
    both = do(kind(), ("add", "A"))
    gone = do(both, *[("remove", "A")] * 2)
    back = do(both, *[("add", "B")] * 2)
    return tuple("tea" in state.value()
                 for state in (again, gone.merge(both), gone.merge(back)))
# --8<-- [end:stories]


# --8<-- [start:replica]
@dataclass(frozen=True)
class State:
    cart: object


@dataclass
class Replica:
    """Changes its own copy at once; now and then sends all of it on."""
    id: str
    to: str  # the next replica in the ring
    cart: object
    first_ms: int = 20
    every_ms: int = 60

    def start(self) -> list[Effect]:
        return [SetTimer("send", self.first_ms)]

    def timeout(self, timer: str) -> list[Effect]:
        return [Send(self.to, State(self.cart)),
                SetTimer("send", self.every_ms)]

    def receive(self, sender: str, message: State) -> list[Effect]:
        self.cart = self.cart.merge(message.cart)
        return []

    def add(self, item: str) -> list[Effect]:
        self.cart = self.cart.add(self.id, item)
        return []

    def remove(self, item: str) -> list[Effect]:
        self.cart = self.cart.remove(self.id, item)
        return []
# --8<-- [end:replica]


# --8<-- [start:demo]
def demo(kind=ORSet, check=None) -> Simulation:
    """A cart on three replicas. While A is cut off, B removes the tea and A,
    who has not heard of it, adds it again."""
    sim = Simulation(Random(1), delay=lambda rng, *_: (12,),
                     watch=lambda node: shown(node.cart))
    for number, (name, to) in enumerate((("A", "B"), ("B", "C"), ("C", "A"))):
        sim.add(Replica(name, to, kind(), first_ms=20 + 20 * number))
    sim.at(10, sim.call, "A", "add", "tea")
    sim.at(95, sim.partition, {"A"}, {"B", "C"})
    sim.at(110, sim.call, "B", "remove", "tea")
    sim.at(130, sim.call, "A", "add", "tea")
    sim.at(150, sim.call, "C", "add", "rice")
    sim.at(215, sim.heal)
    sim.run(until_ms=420, check=check)
    return sim


def shown(cart) -> str:
    return " ".join(sorted(cart.value())) or "empty"
# --8<-- [end:demo]


def growth(kind, rounds: int) -> int:
    """What is kept after one item was added and removed so many times."""
    state = kind()
    for _ in range(rounds):
        state = state.add("A", "tea").remove("A", "tea")
    return state.size()


SETS = (UnionSet, TwoPhaseSet, LWWSet, ORSet, OptimizedORSet)

if __name__ == "__main__":
    print("A counts 3, B counts 2; they merge once, and three times")
    #> A counts 3, B counts 2; they merge once, and three times
    for kind in SumCounter, MaxCounter, GCounter:
        once, often = counted(kind, 1), counted(kind, 3)
        print(f"{kind.__name__:10} {once} {often}")
        #> SumCounter 5 20
        #> MaxCounter 3 3
        #> GCounter   5 5
    print("is tea in? add, remove, add; removed elsewhere; removed and added")
    #> is tea in? add, remove, add; removed elsewhere; removed and added
    for kind in SETS:
        said = " ".join("yes" if there else "no" for there in stories(kind))
        print(f"{kind.__name__:14} {said}")
        #> UnionSet       yes yes yes
        #> TwoPhaseSet    no no no
        #> LWWSet         yes no no
        #> ORSet          yes no yes
        #> OptimizedORSet yes no yes
    for kind in UnionSet, TwoPhaseSet, ORSet:
        carts = demo(kind).nodes.values()
        found = ", ".join(shown(node.cart) for node in carts)
        print(f"{kind.__name__}: {found}")
        #> UnionSet: rice tea, rice tea, rice tea
        #> TwoPhaseSet: rice, rice, rice
        #> ORSet: rice tea, rice tea, rice tea
    a, b = MVRegister().write("A", "red"), MVRegister().write("B", "blue")
    print("two writes apart:", ", ".join(sorted(a.merge(b).value())))
    #> two writes apart: blue, red
    settled = a.merge(b).write("A", "green")
    print("written after both:", ", ".join(settled.merge(b).value()))
    #> written after both: green
    for kind in ORSet, OptimizedORSet:
        few, many = growth(kind, 10), growth(kind, 1000)
        print(f"{kind.__name__}: {few} entries, after 1000 rounds {many}")
        #> ORSet: 20 entries, after 1000 rounds 2000
        #> OptimizedORSet: 1 entries, after 1000 rounds 1
