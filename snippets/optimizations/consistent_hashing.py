"""Consistent hashing: ring, rendezvous, jump, Maglev and bounded loads.

Each maps a key to one of n nodes without asking anybody. They differ in what
moves when a node comes or goes, in how even the load is, and in what has to
be kept in memory. Keys and names of nodes are bytes or 64-bit integers.

Source: Karger et al., "Consistent Hashing and Random Trees", 1997 (ring);
Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates",
1998 (rendezvous); Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash
Algorithm", 2014, Figure 1 (jump); Eisenbud et al., "Maglev", 2016, section
3.4; Mirrokni, Thorup and Zadimoghaddam, "Consistent Hashing with Bounded
Loads", 2016.
Guarantee: a node that leaves moves its own keys and no others, by ring and
rendezvous; Maglev gives each node its even share of the table; with bounded
loads no node holds more than ceil(c * keys / nodes) keys.
Assumes: all clients hold the same nodes, for jump in the same order; for
bounded loads they also agree on the keys.
Left out: weights, how clients learn of a change, copying what moves.
"""

from bisect import bisect_left
from collections import Counter
from hashlib import blake2b
from math import ceil, isqrt, sqrt


def hash64(key: int | bytes, seed: int | bytes = b"") -> int:
    """64 bits, the same in every process and language, unlike hash()."""
    seed = as_bytes(seed)
    if len(seed) > 64:  # as long as a seed may be
        seed = blake2b(seed).digest()
    digest = blake2b(as_bytes(key), digest_size=8, key=seed).digest()
    return int.from_bytes(digest, "big")


def as_bytes(value: int | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    if type(value) is int and 0 <= value < 2**64:
        return value.to_bytes(8, "big")
    raise ValueError(f"{value!r}: use bytes, or an integer from 0 to 2**64-1")


# --8<-- [start:modulo]
def modulo(key: int | bytes, nodes: list) -> int | bytes:
    """The naive placement: almost every remainder changes with the count."""
    return nodes[hash64(key) % len(nodes)]
# --8<-- [end:modulo]


# --8<-- [start:ring]
class Ring:
    """Karger's ring: a key belongs to the next token clockwise.

    tokens is the number of points of each node, its virtual nodes.
    """

    def __init__(self, nodes=(), tokens: int = 100):
        if tokens < 1:
            raise ValueError(f"a node has 1 token or more, not {tokens}")
        self.tokens, self.nodes = tokens, []
        self.points, self.hashes = [], []  # sorted: (hash, node), and hashes
        for node in nodes:
            self._join(node)
        self._sort()

    def add(self, node) -> None:
        self._join(node)
        self._sort()

    def remove(self, node) -> None:
        if node not in self.nodes:
            raise ValueError(f"{node!r} is not on the ring")
        self.nodes.remove(node)
        self.points = [point for point in self.points if point[1] != node]
        self._sort()

    def place(self, key):
        """The node that owns the key."""
        return self.points[self._at(key)][1]

    def owners(self, key, copies: int) -> list:
        """The next ``copies`` different nodes, Dynamo's preference list; all
        of them if there are fewer."""
        if copies < 1:
            raise ValueError(f"a key has 1 copy or more, not {copies}")
        at, found = self._at(key), []
        for step in range(len(self.points)):
            node = self.points[(at + step) % len(self.points)][1]
            if node not in found:
                found.append(node)
                if len(found) == copies:
                    break
        return found

    def shares(self) -> dict:
        """{node: its part of the ring}, exactly: no keys are drawn."""
        part, last = dict.fromkeys(self.nodes, 0), self.hashes[-1] - 2**64
        for at, node in self.points:
            part[node] += at - last
            last = at
        return {node: arc / 2**64 for node, arc in part.items()}

    def _join(self, node):
        if node in self.nodes:
            raise ValueError(f"{node!r} is on the ring already")
        self.nodes.append(node)
        self.points += [(hash64(i, node), node) for i in range(self.tokens)]

    def _sort(self):
        self.points.sort(key=lambda point: (point[0], as_bytes(point[1])))
        self.hashes = [at for at, _ in self.points]

    def _at(self, key) -> int:
        if not self.points:
            raise ValueError("the ring is empty: add a node first")
        # Past the last token the ring closes: the first one owns the key.
        return bisect_left(self.hashes, hash64(key)) % len(self.points)
# --8<-- [end:ring]


def spread(nodes: int, tokens: int) -> float:
    """Standard deviation of a node's arc over its mean, in theory.

    The arcs of n * t random tokens are Dirichlet, t of them are a Beta.
    """
    return sqrt((nodes - 1) / (nodes * tokens + 1))


# --8<-- [start:rendezvous]
def rendezvous(key: int | bytes, nodes: list) -> int | bytes:
    """Every node bids for the key with a hash of both; the highest wins."""
    if not nodes:
        raise ValueError("there is no node to bid: name one or more")
    return max(nodes, key=lambda node: hash64(key, node))
# --8<-- [end:rendezvous]


# --8<-- [start:jump]
def jump(key: int, buckets: int) -> int:
    """Lamping and Veach 2014, Figure 1, in its names: below buckets.

    key: an integer of 64 bits; bytes are hashed to one.
    """
    if buckets < 1:
        raise ValueError(f"jump needs at least one bucket, not {buckets}")
    key = hash64(key) if isinstance(key, bytes) else key
    as_bytes(key)  # refuses what is no 64-bit integer
    b, j = -1, 0
    while j < buckets:
        b = j
        key = (key * 2862933555777941757 + 1) % 2**64
        j = int((b + 1) * (2**31 / ((key >> 33) + 1)))
    return b
# --8<-- [end:jump]


# --8<-- [start:maglev]
def populate(starts: list[tuple[int, int]], size: int) -> list[int]:
    """Pseudocode 1 of the Maglev paper: who owns each of ``size`` entries.

    starts: (offset, skip) of each backend; its preferences are the entries
    offset, offset + skip, and so on. In turn each takes the first free one.
    """
    entry, filled = [-1] * size, 0
    at, skips = [o for o, _ in starts], [s for _, s in starts]
    while True:
        for i, skip in enumerate(skips):
            c = at[i]
            while entry[c] >= 0:
                c = (c + skip) % size
            entry[c], at[i] = i, (c + skip) % size
            filled += 1
            if filled == size:
                return entry


class Maglev:
    """A table of size entries, each with its node; a lookup is one hash."""

    def __init__(self, nodes, size: int = 65537):
        self.nodes = sorted(set(nodes), key=as_bytes)  # all clients agree
        if not 0 < len(self.nodes) <= size:
            raise ValueError(f"{len(self.nodes)} nodes: name at least one, "
                             f"and at most as many as entries, {size}")
        if size < 2 or not all(size % d for d in range(2, isqrt(size) + 1)):
            raise ValueError(f"the table's size must be prime, not {size}")
        starts = [(hash64(b"offset", node) % size,
                   hash64(b"skip", node) % (size - 1) + 1)
                  for node in self.nodes]
        self.table = [self.nodes[i] for i in populate(starts, size)]

    def place(self, key):
        return self.table[hash64(key) % len(self.table)]
# --8<-- [end:maglev]


# --8<-- [start:bounded]
def bounded(keys, ring: Ring, c: float = 1.25) -> dict:
    """{key: node} by the ring, but a full node sends a key on, clockwise.

    No node holds more than ceil(c * keys / nodes), c is more than 1. Keys
    are placed in the order of their hashes, so that the answer depends on
    the set of keys alone. Each placement needs the loads of the others.
    """
    if not c > 1:
        raise ValueError(f"c is more than 1, the mean load, not {c}")
    if not ring.nodes:
        raise ValueError("the ring is empty: add a node first")
    keys = sorted(set(keys), key=hash64)
    room = dict.fromkeys(ring.nodes, ceil(c * len(keys) / len(ring.nodes)))
    placed = {}
    for key in keys:
        at = ring._at(key)
        while not room[ring.points[at][1]]:
            at = (at + 1) % len(ring.points)
        placed[key] = ring.points[at][1]
        room[placed[key]] -= 1
    return placed
# --8<-- [end:bounded]


# --8<-- [start:measure]
def moved(before: dict, after: dict) -> float:
    """Share of the keys whose node is another one."""
    changed = sum(after[key] != node for key, node in before.items())
    return changed / len(before)


def busiest(placed: dict, nodes: int) -> float:
    """Keys on the fullest node over the mean: 1 is even."""
    return max(Counter(placed.values()).values()) * nodes / len(placed)
# --8<-- [end:measure]


def named(count: int) -> list[bytes]:
    return [b"n%d" % i for i in range(count)]


def placements(nodes: list, keys) -> dict[str, dict]:
    """{name: {key: node}} for every placement of this page."""
    rings = {tokens: Ring(nodes, tokens) for tokens in (1, 10, 100)}
    maglev = Maglev(nodes, 10007)
    found = {
        "modulo": {key: modulo(key, nodes) for key in keys},
        **{f"ring, {tokens}": {key: ring.place(key) for key in keys}
           for tokens, ring in rings.items()},
        "rendezvous": {key: rendezvous(key, nodes) for key in keys},
        "jump": {key: nodes[jump(hash64(key), len(nodes))] for key in keys},
        "Maglev": {key: maglev.place(key) for key in keys},
        "ring, 1, c 1.25": bounded(keys, rings[1], 1.25),
    }
    return found


# --8<-- [start:demo]
def demo(keys: int = 8_000, gone: int = 3) -> list[tuple]:
    """One of ten nodes dies, and the list closes up behind it.

    (placement, busiest of ten over the mean, share of the keys that move,
    share that moves although its node is still there)
    """
    ten = named(10)
    nine = ten[:gone] + ten[gone + 1:]
    before, after = (placements(nodes, range(keys)) for nodes in (ten, nine))
    rows = []
    for name, old in before.items():
        stayed = {key: node for key, node in old.items() if node != ten[gone]}
        needless = moved(stayed, after[name]) * len(stayed) / len(old)
        rows.append((name, busiest(old, 10), moved(old, after[name]),
                     needless))
    return rows
# --8<-- [end:demo]


def newcomer(tokens: int, rings: int, nodes: int = 10) -> list[float]:
    """The newcomer's arc from n nodes to n + 1, over the fair 1 / (n + 1).

    Exact arcs, one a ring, sorted.
    """
    shares = []
    for trial in range(rings):
        ring = Ring([b"%d/%d" % (trial, i) for i in range(nodes + 1)], tokens)
        shares.append(ring.shares()[ring.nodes[-1]] * (nodes + 1))
    return sorted(shares)


def arcs(nodes: int, tokens: int, rings: int = 1) -> list[float]:
    """Every node's part of the ring over the mean, sorted, all rings."""
    found = []
    for trial in range(rings):
        ring = Ring([b"%d/%d" % (trial, i) for i in range(nodes)], tokens)
        found += [share * nodes for share in ring.shares().values()]
    return sorted(found)


def deviation(shares: list[float]) -> float:
    """Root mean square distance from 1, the even share."""
    return sqrt(sum((share - 1) ** 2 for share in shares) / len(shares))


# --8<-- [start:loads]
def loads(c: float, nodes: int = 100, keys: int = 10_000,
          leave: int = 10) -> tuple:
    """Bounded loads, one token a node: busiest over the mean, share of the
    keys that are not at home, share that moves when one node leaves (the
    mean of ``leave`` nodes, each alone)."""
    ring, left = Ring(named(nodes), tokens=1), 0.0
    home = {key: ring.place(key) for key in range(keys)}
    before = bounded(home, ring, c)
    for gone in named(leave):
        fewer = Ring([node for node in named(nodes) if node != gone], 1)
        left += moved(before, bounded(home, fewer, c)) / leave
    return busiest(before, nodes), moved(home, before), left
# --8<-- [end:loads]


def disruption(nodes: int, size: int, fail: int) -> float:
    """Share of Maglev's entries that change although their node stays."""
    names = named(nodes)
    old, new = (Maglev(some, size).table for some in (names, names[fail:]))
    lost = set(names[:fail])
    return sum(a != b and a not in lost
               for a, b in zip(old, new, strict=True)) / size


if __name__ == "__main__":
    print("one of ten dies: fullest before, keys moved, moved needlessly")
    #> one of ten dies: fullest before, keys moved, moved needlessly
    for name, most, all_moved, needless in demo():
        print(f"{name:15} {most:5.2f} {all_moved:6.1%} {needless:6.1%}")
        #> modulo           1.05  90.1%  79.5%
        #> ring, 1          3.02   2.9%   0.0%
        #> ring, 10         1.64  14.9%   0.0%
        #> ring, 100        1.17  11.7%   0.0%
        #> rendezvous       1.08  10.8%   0.0%
        #> jump             1.05  68.7%  58.7%
        #> Maglev           1.07  11.2%   0.9%
        #> ring, 1, c 1.25  1.25  14.9%  12.0%
    for tokens in (1, 10, 100):
        got, said = deviation(arcs(100, tokens)), spread(100, tokens)
        print(f"{tokens:3} tokens: spread {got:.3f}, theory {said:.3f}")
        #>   1 tokens: spread 1.159, theory 0.990
        #>  10 tokens: spread 0.288, theory 0.314
        #> 100 tokens: spread 0.088, theory 0.099
    for tokens in (1, 100):
        found = newcomer(tokens, 60)
        low, high = found[3], found[56]
        print(f"{tokens} tokens: newcomer: {low:.2f} to {high:.2f} of 1/11")
        #> 1 tokens: newcomer: 0.12 to 2.49 of 1/11
        #> 100 tokens: newcomer: 0.87 to 1.14 of 1/11
    for c in (100, 2, 1.25, 1.1):
        most, away, left = loads(c, leave=1)
        print(f"c = {c}: fullest {most:.2f}, {away:.1%} away from home")
        #> c = 100: fullest 3.94, 0.0% away from home
        #> c = 2: fullest 2.00, 19.0% away from home
        #> c = 1.25: fullest 1.25, 63.7% away from home
        #> c = 1.1: fullest 1.10, 73.4% away from home
    for size in (1009, 10007):
        needless = disruption(100, size, 1)
        print(f"Maglev, {size} entries, 1 of 100 dies: {needless:.2%} extra")
        #> Maglev, 1009 entries, 1 of 100 dies: 3.07% extra
        #> Maglev, 10007 entries, 1 of 100 dies: 1.54% extra
    print("jump, keys 0 to 4:", *[jump(key, 100) for key in range(5)])
    #> jump, keys 0 to 4: 0 55 62 8 45
