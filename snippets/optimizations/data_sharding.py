"""Data sharding: three ways to place keys on machines, and what each moves.

Source: Thaler and Ravishankar, "Using name-based mappings to increase hit
rates", 1998 (rendezvous); the Redis Cluster specification; Kafka's producer.

Guarantee: a placement is a function of the key and the list of machines, so
every client finds the same machine without asking anyone. Rendezvous moves no
key between two machines that stay.
Assumes: all clients hold the same list of machines.
Left out: copying the data that moves, replicas, how clients learn the list,
and the other hashes that move little (see consistent hashing).
"""

from binascii import crc_hqx
from bisect import bisect
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from random import Random


def hash64(*parts: str) -> int:
    """A 64-bit hash that is the same in every process, unlike hash()."""
    text = "\0".join(parts).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")


# --8<-- [start:modulo]
def modulo(key: str, machines: list[str]) -> str:
    """The naive placement: hash, remainder. Breaks when the list grows."""
    return machines[hash64(key) % len(machines)]
# --8<-- [end:modulo]


# --8<-- [start:range]
class Ranges:
    """Keys in order, cut into ranges; a new machine takes half the fullest."""

    def __init__(self, machines: list[str], keys: list[str]):
        ordered, size = sorted(keys), len(keys) / len(machines)
        self.starts = [""] + [
            ordered[int(i * size)] for i in range(1, len(machines))
        ]
        self.owners = list(machines)

    def place(self, key: str) -> str:
        return self.owners[bisect(self.starts, key) - 1]

    def split(self, machine: str, keys: list[str]) -> None:
        """Give the upper half of the fullest range to one more machine."""
        held = {owner: [] for owner in self.owners}
        for key in sorted(keys):
            held[self.place(key)].append(key)
        fullest = max(self.owners, key=lambda owner: len(held[owner]))
        at = self.owners.index(fullest) + 1
        self.starts.insert(at, held[fullest][len(held[fullest]) // 2])
        self.owners.insert(at, machine)
# --8<-- [end:range]


# --8<-- [start:rendezvous]
def rendezvous(key: str, machines: list[str]) -> str:
    """Every machine bids for the key with a hash of both; the highest wins.

    When a machine leaves, the other bids stand: only its own keys move.
    """
    return max(machines, key=lambda machine: hash64(machine, key))
# --8<-- [end:rendezvous]


# --8<-- [start:real]
def redis_slot(key: bytes) -> int:
    """The slot of a key in Redis Cluster, of 16,384, as the servers say it.

    Where the key holds a {tag}, only the tag counts: the text between the
    first { and the next }, unless that is empty. crc_hqx is the CRC16 used.
    """
    begin = key.find(b"{")
    end = key.find(b"}", begin + 1)
    if begin >= 0 and end > begin + 1:
        key = key[begin + 1:end]
    return crc_hqx(key, 0) % 16_384


def murmur2(data: bytes) -> int:
    """Kafka's 32-bit hash, unsigned: Appleby's MurmurHash2, fixed seed."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = 0x9747B28C ^ len(data)
    whole = len(data) // 4 * 4
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at:at + 4], "little") * m & mask
        h = (h * m ^ (k ^ k >> 24) * m) & mask
    if whole < len(data):  # the last one to three bytes
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def kafka_partition(key: bytes, partitions: int) -> int:
    """Where Kafka's producer puts a key if nobody names a partition.

    The sign bit is masked off; it is no absolute value. Raises ValueError
    for fewer than one partition.
    """
    if partitions < 1:
        raise ValueError(f"a topic has one partition or more: {partitions}")
    return (murmur2(key) & 0x7FFFFFFF) % partitions
# --8<-- [end:real]


# --8<-- [start:measure]
def moved_share(before: dict, after: dict) -> float:
    """The share of keys that change machines, from two {key: machine}."""
    return sum(after[key] != before[key] for key in before) / len(before)


def busiest(placed: dict, machines: int) -> float:
    """The fullest machine's keys over the mean; 1.0 is perfect balance."""
    counts = {}
    for machine in placed.values():
        counts[machine] = counts.get(machine, 0) + 1
    return max(counts.values()) * machines / len(placed)
# --8<-- [end:measure]


def names(count: int) -> list[str]:
    return [f"m{i}" for i in range(count)]


def users(count: int) -> list[str]:
    return [f"user:{i:06}" for i in range(count)]


@dataclass(frozen=True)
class Row:
    """One placement, from 10 machines to 11."""

    name: str
    moved: float  # share of all keys
    busiest: float  # fullest machine over the mean, with 11


def schemes(keys: list[str], machines: list[str]):
    """{name: {key: machine}} of the placements of this page."""
    ranges = Ranges(machines[:10], keys)
    for machine in machines[10:]:
        ranges.split(machine, keys)
    place = {
        "modulo": lambda key: modulo(key, machines),
        "ranges": ranges.place,
        "rendezvous": lambda key: rendezvous(key, machines),
    }
    return {
        name: {key: f(key) for key in keys} for name, f in place.items()
    }


def demo(keys: int = 20_000) -> list[Row]:
    """Machine 11 joins 10: what moves, and how even the load is then."""
    few = schemes(users(keys), names(10))
    more = schemes(users(keys), names(11))
    return [
        Row(name, moved_share(few[name], more[name]), busiest(more[name], 11))
        for name in few
    ]


# --8<-- [start:effects]
def throughput(shards: int, rng: Random, requests: int = 40_000) -> float:
    """Requests a second when the busiest shard, at 1,000 a second, is full.

    10,000 keys, asked for by Zipf's law with exponent 0.9: key k is asked for
    in proportion to 1 / k ** 0.9.
    """
    total = list(accumulate(1 / k**0.9 for k in range(1, 10_001)))
    home = [hash64(key) % shards for key in users(10_000)]
    load = [0] * shards
    for _ in range(requests):
        load[home[bisect(total, rng.random() * total[-1])]] += 1
    return 1_000 * requests / max(load)


def some_shard_down(shards: int, rng: Random, trials: int = 40_000) -> float:
    """How often at least one shard is down; each is, 1 % of the time."""
    down = sum(
        any(rng.random() < 0.01 for _ in range(shards)) for _ in range(trials)
    )
    return down / trials


def keys_on_one(shards: int, keys: int = 20_000) -> float:
    """Share of the keys on the fullest shard: lost or stolen with it."""
    placed = {key: hash64(key) % shards for key in users(keys)}
    return busiest(placed, shards) / shards


def half_seen(shards: int, rng: Random, reads: int = 20_000) -> float:
    """Share of reads of two balances that see half of a transfer.

    One transfer every 100 ms. Each shard applies its half 1 to 10 ms after
    the transfer began; on one shard both halves are applied at once. A read
    asks for both balances at one random moment.
    """
    torn = 0
    for read in range(reads):
        first = hash64("from", str(read)) % shards
        second = hash64("to", str(read)) % shards
        applied = 1 + 9 * rng.random(), 1 + 9 * rng.random()
        now = 100 * rng.random()
        if first != second and min(applied) <= now < max(applied):
            torn += 1
    return torn / reads
# --8<-- [end:effects]


if __name__ == "__main__":
    for row in demo():
        print(f"{row.name:16} moved {row.moved:5.1%}, max {row.busiest:.2f}")
        #> modulo           moved 91.1%, max 1.03
        #> ranges           moved  5.0%, max 1.10
        #> rendezvous       moved  8.9%, max 1.04
    keys = b"user:1000", b"{user:1000}.cart"
    print("slots of", *keys, "are", *map(redis_slot, keys))
    #> slots of b'user:1000' b'{user:1000}.cart' are 1649 1649
    for fewer, more in ((6, 7), (6, 12)):
        placed = [{key: kafka_partition(key.encode(), n)
                   for key in users(20_000)} for n in (fewer, more)]
        share = moved_share(*placed)
        print(f"Kafka, {fewer} to {more} partitions: {share:.1%} move")
        #> Kafka, 6 to 7 partitions: 85.5% move
        #> Kafka, 6 to 12 partitions: 50.0% move
    ranges, late = Ranges(names(10), users(20_000)), users(20_004)[20_001:]
    print("new users, by range:", *[ranges.place(key) for key in late])
    #> new users, by range: m9 m9 m9
    print("by rendezvous:", *[rendezvous(key, names(10)) for key in late])
    #> by rendezvous: m9 m1 m8
