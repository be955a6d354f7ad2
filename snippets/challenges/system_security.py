"""Attacks on a payment protocol, run against one control after the other.

Source: Dolev and Yao 1983 (the attacker is the network); RFC 2104, section 2
(HMAC) and RFC 4231, section 4 (its test vectors); RFC 4303, section 3.4.3
(a counter against replay); Needham and Schroeder 1978 and Lowe 1995 (search).

Guarantee: with a key per pair and a tag over names and counter, a receiver
acts on a command only if the sender it names sent it there, once, in order.
Assumes: keys are secret and were handed out safely; HMAC cannot be forged.
Left out: encryption, signatures, handing out keys, denial of service, and
clocks that attackers set.
"""

import hmac
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import combinations, product
from math import log
from random import Random


# --8<-- [start:control]
@dataclass(frozen=True)
class Control:
    name: str
    tag: str = ""  # "", "hash", "shared" or "pair": what the tag is made with
    names: bool = False  # the tag covers who sends and who is meant
    counter: bool = False  # the tag covers a number that must rise


LADDER = (  # each adds one thing to the one before
    Control("nothing"),
    Control("a hash of the message", "hash"),
    Control("HMAC, one key for all", "shared"),
    Control("HMAC, a key per pair", "pair"),
    Control("+ names in the tag", "pair", names=True),
    Control("+ a counter in the tag", "pair", names=True, counter=True),
)


@dataclass(frozen=True)
class Packet:
    sender: str  # a claim
    to: str
    n: int
    amount: int
    tag: str = ""


def sealed(control: Control, packet: Packet, key: bytes) -> Packet:
    """The packet with the tag that this control and this key give it."""
    covered = {"amount": packet.amount}
    if control.names:
        covered |= {"from": packet.sender, "to": packet.to}
    if control.counter:
        covered["n"] = packet.n
    text = json.dumps(covered, sort_keys=True).encode()  # fields keep apart
    if control.tag in ("", "hash"):
        tag = sha256(text).hexdigest() if control.tag else ""
    else:
        tag = hmac.digest(key, text, "sha256").hex()
    return replace(packet, tag=tag)


@dataclass
class Node:
    name: str
    control: Control
    keys: dict[str, bytes]  # by peer
    sent: int = 0
    last: dict[str, int] = field(default_factory=dict)
    done: list[Packet] = field(default_factory=list)

    def send(self, to: str, amount: int) -> Packet:
        """The next packet to a peer; ValueError if there is no key for it."""
        if to not in self.keys:
            raise ValueError(f"{self.name} has no key for {to}")
        self.sent += 1
        packet = Packet(self.name, to, self.sent, amount)
        return sealed(self.control, packet, self.keys[to])

    def receive(self, packet: Packet) -> bool:
        """Act on the packet, or refuse it."""
        if packet.to != self.name or packet.sender not in self.keys:
            return False
        right = sealed(self.control, packet, self.keys[packet.sender])
        if not hmac.compare_digest(packet.tag, right.tag):
            return False
        if self.control.counter:
            if packet.n <= self.last.get(packet.sender, 0):
                return False
            self.last[packet.sender] = packet.n
        self.done.append(packet)
        return True
# --8<-- [end:control]


def members(control: Control, rng: Random) -> dict[str, Node]:
    """Alice, Bob and Carol with the keys that the control gives them."""
    people, everyone = ("alice", "bob", "carol"), rng.getrandbits(256)
    keys = {name: {} for name in people}
    for a, b in combinations(people, 2):
        key = everyone if control.tag == "shared" else rng.getrandbits(256)
        keys[a][b] = keys[b][a] = key.to_bytes(32, "big")
    return {name: Node(name, control, keys[name]) for name in people}


# --8<-- [start:attacks]
# An attack gets the members and returns whether it reached its aim. Whoever
# holds the network sees, changes, repeats, invents and drops packets.
def deliver(victim, packet, known_keys):
    """Deliver the packet as it is, and with each tag the attacker can make."""
    made = [sealed(victim.control, packet, key) for key in known_keys]
    return any(victim.receive(p) for p in (packet, *made))


def tamper(alice, bob, carol):
    return deliver(bob, replace(alice.send("bob", 10), amount=9000), [b""])


def forge_outside(alice, bob, carol):
    return deliver(bob, Packet("alice", "bob", 1, 9000), [b""])


def forge_inside(alice, bob, carol):
    mine = carol.keys.values()  # Carol is a member and has keys of her own
    return deliver(bob, Packet("alice", "bob", 1, 9000), mine)


def reflect(alice, bob, carol):
    back = replace(alice.send("bob", 10), sender="bob", to="alice")
    return deliver(alice, back, [b""])


def replay(alice, bob, carol):
    packet = alice.send("bob", 10)
    return bob.receive(packet) and bob.receive(packet)


def reorder(alice, bob, carol):
    old, new = alice.send("bob", 10), alice.send("bob", 20)
    return bob.receive(new) and bob.receive(old)


def read(alice, bob, carol):
    return "amount=10" in repr(alice.send("bob", 10))  # on the wire as it is


def deny(alice, bob, carol):
    """Bob makes a packet of Alice's; a judge with Bob's keys believes it."""
    judge = replace(bob, last={}, done=[])
    return deliver(judge, Packet("alice", "bob", 1, 10), [bob.keys["alice"]])


def withhold(alice, bob, carol):
    alice.send("bob", 10)  # and the network drops it
    return bob.done == []


ATTACKS: tuple[Callable, ...] = (
    tamper, forge_outside, forge_inside, reflect, replay, reorder,
    read, deny, withhold,
)


def matrix(seed: int = 1) -> dict[str, list[bool]]:
    """Which attack succeeds under which control, in the order of LADDER."""
    return {
        attack.__name__.replace("_", " "): [
            attack(*members(control, Random(seed)).values())
            for control in LADDER
        ]
        for attack in ATTACKS
    }
# --8<-- [end:attacks]


# --8<-- [start:hmac]
def hmac_by_hand(key: bytes, text: bytes) -> bytes:
    """HMAC-SHA256 as in RFC 2104: H(K xor opad, H(K xor ipad, text))."""
    key = sha256(key).digest() if len(key) > 64 else key
    inner, outer = (bytes(k ^ pad for k in key.ljust(64, b"\0"))
                    for pad in (0x36, 0x5C))
    return sha256(outer + sha256(inner + text).digest()).digest()
# --8<-- [end:hmac]


# --8<-- [start:timing]
def steps_until_different(a: bytes, b: bytes) -> int:
    """What == does: bytes looked at, which is what its duration tells."""
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        if x != y:
            return i + 1
    return len(a)


def steps_of_all(a: bytes, b: bytes) -> int:
    """What compare_digest does: every byte, equal or not."""
    return len(a)


def forge_by_timing(right: bytes, steps) -> tuple[bytes, int]:
    """A tag guessed byte by byte from durations alone, and the tries."""
    guess, tried = bytearray(len(right)), 0
    for i in range(len(right)):
        times = []
        for guess[i] in range(256):
            tried += 1
            times.append((steps(bytes(guess), right), guess == right))
            if times[-1] > times[0]:  # this byte took longer, or was accepted
                break
        guess[i] = times.index(max(times))
    return bytes(guess), tried
# --8<-- [end:timing]


# --8<-- [start:cache]
@dataclass
class ReplayCache:
    """Accept a nonce once, if its time stamp is within window_s of the clock.

    Ask only after the tag is checked, and let the tag cover both. A nonce may
    be forgotten when its stamp has left the window; window_s after it arrived
    is the naive variant, too early for a stamp from a clock that is ahead.
    """

    window_s: float
    naive: bool = False
    kept: dict[str, float] = field(default_factory=dict)  # nonce -> until

    def accept(self, now_s: float, stamped_s: float, nonce: str) -> bool:
        for old in [k for k, until in self.kept.items() if until < now_s]:
            del self.kept[old]
        if abs(now_s - stamped_s) > self.window_s or nonce in self.kept:
            return False
        start_s = now_s if self.naive else stamped_s
        self.kept[nonce] = start_s + self.window_s
        return True


def cache_size(rate_per_s, window_s, ahead_s, delay_s, rng, windows=40):
    """Mean number of nonces kept, over some windows of a Poisson stream.

    The senders' clock is ahead_s ahead. Expected, by Little's law:
    rate_per_s * (window_s + ahead_s - delay_s). Raises ValueError if the
    rate or the window is not above zero.
    """
    if rate_per_s <= 0 or window_s <= 0:
        raise ValueError("rate_per_s and window_s must be above zero")
    until, sizes, now_s = deque(), [], 0.0
    while now_s < (2 + windows) * window_s:
        now_s += -log(1.0 - rng.random()) / rate_per_s
        while until and until[0] < now_s:
            until.popleft()
        if now_s > 2 * window_s:  # by then the first ones have been forgotten
            sizes.append(len(until))
        until.append(now_s - delay_s + ahead_s + window_s)
    return sum(sizes) / len(sizes)
# --8<-- [end:cache]


# --8<-- [start:lowe]
def lowe(fixed: bool) -> tuple[tuple[str, ...], int]:
    """Search Needham-Schroeder for a run in which B takes the intruder for A.

    Returns the shortest attack, () if there is none, and the states visited.
    A starts one run with B or with the intruder I, B answers one. A message
    is (whose public key, kind, fields); fixed puts B's name into message 2.
    """
    names = [("A",), ("B",), ("I",)] if fixed else [()]

    def deliverable(to, known, seen):
        """All that I can deliver: overheard as it was, or made by itself."""
        own = sorted(known)
        yield from sorted(m for m in seen if m[0] == to)
        yield from ((to, "1", n, who) for n in own for who in "ABI")
        yield from ((to, "3", n) for n in own)
        for two in product(own, repeat=2):
            yield from ((to, "2", *two, *who) for who in names)

    def sent(message, known, seen):
        opened = {n for n in message[2:] if n[0] == "N"}  # nonces
        return (known | opened if message[0] == "I" else known,
                seen | {message})

    def following(a, b, known, seen):
        if a == ("idle", ""):
            for peer in "BI":
                first = (peer, "1", "Na", "A")
                yield (f"A sends {first}",
                       (("waits", peer), b, *sent(first, known, seen)))
        for m in deliverable("A", known, seen):
            if a[0] == "waits" and m[1:3] == ("2", "Na"):
                if not fixed or m[4] == a[1]:  # Lowe: is it from my peer?
                    reply = (a[1], "3", m[3])
                    yield (f"A gets {m}, sends {reply}",
                           (("done", a[1]), b, *sent(reply, known, seen)))
        for m in deliverable("B", known, seen):
            if b[0] == "idle" and m[1] == "1":
                reply = (m[3], "2", m[2], "Nb", *(names[1] if fixed else ()))
                yield (f"B gets {m}, sends {reply}",
                       (a, ("waits", m[3]), *sent(reply, known, seen)))
            if b[0] == "waits" and m[1:] == ("3", "Nb"):
                yield (f"B gets {m}, believes {b[1]}",
                       (a, ("done", b[1]), known, seen))

    start = (("idle", ""), ("idle", ""), frozenset({"Ni"}), frozenset())
    paths, queue = {start: ()}, deque([start])
    while queue:
        state = queue.popleft()
        if state[1] == ("done", "A") and state[0][1] != "B":
            return paths[state], len(paths)
        for line, after in following(*state):
            if after not in paths:
                paths[after] = (*paths[state], line)
                queue.append(after)
    return (), len(paths)
# --8<-- [end:lowe]


def demo() -> dict[str, list[bool]]:
    """The matrix of attacks and controls."""
    return matrix()


if __name__ == "__main__":
    for i, control in enumerate(LADDER):
        print(i, control.name)
        #> 0 nothing
        #> 1 a hash of the message
        #> 2 HMAC, one key for all
        #> 3 HMAC, a key per pair
        #> 4 + names in the tag
        #> 5 + a counter in the tag
    print(f"{'attack':13}", *range(len(LADDER)))
    #> attack        0 1 2 3 4 5
    for attack, outcome in demo().items():
        print(f"{attack:13}", *("x" if got else "." for got in outcome))
        #> tamper        x x . . . .
        #> forge outside x x . . . .
        #> forge inside  x x x . . .
        #> reflect       x x x x . .
        #> replay        x x x x x .
        #> reorder       x x x x x .
        #> read          x x x x x x
        #> deny          x x x x x x
        #> withhold      x x x x x x
    right = hmac.digest(b"key", b"pay 10", "sha256")
    print("by hand the same:", hmac_by_hand(b"key", b"pay 10") == right)
    #> by hand the same: True
    found, tried = forge_by_timing(right, steps_until_different)
    print(f"==: forged {found == right} after {tried:,} tries")
    #> ==: forged True after 4,062 tries
    found, tried = forge_by_timing(right, steps_of_all)
    print(f"compare_digest: forged {found == right} after {tried:,} tries")
    #> compare_digest: forged False after 8,192 tries
    size = cache_size(100, 30, 5, 0.05, Random(2))
    print(f"nonces kept: {size:,.0f}, formula {100 * (30 + 5 - 0.05):,.0f}")
    #> nonces kept: 3,489, formula 3,495
    for naive in (True, False):
        cache = ReplayCache(30, naive)
        twice = [cache.accept(t, stamped_s=5, nonce="a1") for t in (0, 31)]
        print("forgets by arrival" if naive else "forgets by stamp  ", twice)
        #> forgets by arrival [True, True]
        #> forgets by stamp   [True, False]
    attack, states = lowe(fixed=False)
    for line in attack:
        print(line)
        #> A sends ('I', '1', 'Na', 'A')
        #> B gets ('B', '1', 'Na', 'A'), sends ('A', '2', 'Na', 'Nb')
        #> A gets ('A', '2', 'Na', 'Nb'), sends ('I', '3', 'Nb')
        #> B gets ('B', '3', 'Nb'), believes A
    none, states_fixed = lowe(fixed=True)
    none = none or "no attack"
    print(f"found in {states} states; with B's name: {none} in {states_fixed}")
    #> found in 46 states; with B's name: no attack in 44
