"""One hash that stands for a list, and short proofs about the list.

Source: Laurie et al., "Certificate Transparency Version 2.0", RFC 9162,
2021, section 2.1; DeCandia et al., "Dynamo", SOSP 2007, section 4.7.
Guarantee: whoever holds a tree's size and root accepts a leaf, or an older
tree, only if it is in it. Assumes that nobody finds two texts with the same
SHA-256, and that size and root come together, from a trusted place.
Left out: signatures; stored nodes (a proof here hashes all leaves again).
"""

from hashlib import sha256
from itertools import zip_longest
from math import comb
from random import Random


# --8<-- [start:root]
def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf: RFC 9162, section 2.1.1."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node; its prefix keeps it apart from leaves."""
    return sha256(b"\x01" + left + right).digest()


def split(n: int) -> int:
    """The largest power of two below n: how many leaves go to the left."""
    return 1 << (n - 1).bit_length() - 1


def root(leaves: list[bytes]) -> bytes:
    """The hash of the whole list; of an empty one, SHA-256 of nothing.

    Raises ValueError if `leaves` is not a list of bytes.
    """
    check(leaves=leaves)
    if len(leaves) <= 1:
        return leaf_hash(*leaves) if leaves else sha256().digest()
    k = split(len(leaves))
    return node_hash(root(leaves[:k]), root(leaves[k:]))
# --8<-- [end:root]


def check(leaves=(), hashes=(), roots=(), **numbers):
    """Raise ValueError for what no tree, however wrong, could give."""
    for values in leaves, hashes, roots:
        if not isinstance(values, list | tuple) or not all(
                isinstance(value, bytes) for value in values):
            raise ValueError("leaves and proofs are lists of bytes")
    if any(len(value) != 32 for value in (*hashes, *roots)):
        raise ValueError("a hash is the 32 bytes of a SHA-256")
    for name, value in numbers.items():
        if type(value) is not int or value < 0:
            raise ValueError(f"{name} is {value!r}: use an integer from 0 up")


# --8<-- [start:prove]
def inclusion_proof(leaves: list[bytes], index: int) -> list[bytes]:
    """The siblings on the way up: 2.1.3.1. ValueError: no such leaf."""
    check(leaves=leaves, index=index)
    n = len(leaves)
    if index >= n:
        raise ValueError(f"there is no leaf {index} in a list of {n}")
    if n == 1:
        return []
    k = split(n)
    if index < k:
        return inclusion_proof(leaves[:k], index) + [root(leaves[k:])]
    return inclusion_proof(leaves[k:], index - k) + [root(leaves[:k])]


def consistency_proof(leaves: list[bytes], first: int) -> list[bytes]:
    """What leads from the root of the first leaves to that of all: 2.1.4.1.

    At most ceil(log2 n) + 1 hashes. Raises ValueError unless 0 < first <= n.
    """
    check(leaves=leaves, first=first)
    if not 0 < first <= len(leaves):
        raise ValueError(f"first is {first}: use 1 to {len(leaves)}")
    return subproof(first, leaves, True)


def subproof(m, leaves, known):
    """`known`: the verifier has the root of these m leaves already."""
    if m == len(leaves):
        return [] if known else [root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return subproof(m, leaves[:k], known) + [root(leaves[k:])]
    return subproof(m - k, leaves[k:], False) + [root(leaves[:k])]
# --8<-- [end:prove]


# --8<-- [start:verify]
def climb(at, last, start, siblings):
    """The roots with and without what is right of `at`, or None.

    `last` is the place of the last node on this level; at the root it is 0.
    """
    old = new = start
    for sibling in siblings:
        if last == 0:
            return None  # at the root, and the proof goes on
        if at % 2 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while at and not at % 2:  # carried up: no sibling here
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    return (old, new) if last == 0 else None


def verify_inclusion(leaf: bytes, index: int, size: int,
                     proof: list[bytes], root_hash: bytes) -> bool:
    """Whether `leaf` is leaf `index` of the tree of this size and root.

    Section 2.1.3.2. Size and root must come together: the root alone does
    not settle the size. Raises ValueError for what is not even a proof.
    """
    check([leaf], proof, [root_hash], index=index, size=size)
    up = index < size and climb(index, size - 1, leaf_hash(leaf), proof)
    return bool(up) and up[1] == root_hash


def verify_consistency(first: int, second: int, first_root: bytes,
                       second_root: bytes, proof: list[bytes]) -> bool:
    """Whether the first tree's leaves are the first of the second's.

    Section 2.1.4.2; for equal sizes the proof is empty. Raises ValueError
    as above, and for an empty first tree: there is nothing to prove.
    """
    check((), proof, (first_root, second_root), first=first, second=second)
    if first == 0:
        raise ValueError("first is 0: every list begins with the empty one")
    if first >= second or not proof:
        return first == second and first_root == second_root and not proof
    at, last = first - 1, second - 1
    while at % 2:  # up to the last full subtree of the first tree
        at, last = at >> 1, last >> 1
    if at == 0:  # which is all of it, so the proof leaves it out
        proof = [first_root, *proof]
    return climb(at, last, proof[0], proof[1:]) == (first_root, second_root)
# --8<-- [end:verify]


# --8<-- [start:naive]
def plain_root(leaves: list[bytes]) -> bytes:
    """Naive: leaves and nodes are hashed alike."""
    if len(leaves) == 1:
        return sha256(leaves[0]).digest()
    k = split(len(leaves))
    return sha256(plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


def forge(leaves: list[bytes]) -> list[bytes]:
    """Half as many leaves, same plain root: each is the text of a node."""
    row = [sha256(leaf).digest() for leaf in leaves]
    return [a + b for a, b in zip(row[::2], row[1::2])]


def paired_root(leaves: list[bytes]) -> bytes:
    """Naive: an odd node is paired with itself, as in Bitcoin's blocks."""
    row = [leaf_hash(leaf) for leaf in leaves]
    while len(row) > 1:
        row += row[-1:] * (len(row) % 2)
        row = [node_hash(a, b) for a, b in zip(row[::2], row[1::2])]
    return row[0]
# --8<-- [end:naive]


# --8<-- [start:compare]
def levels(leaves: list[bytes]) -> list[list[bytes]]:
    """All nodes of `root`'s tree, row by row: an odd one is carried up."""
    rows = [[leaf_hash(leaf) for leaf in leaves]]
    while len(row := rows[-1]) > 1:
        pairs = zip_longest(row[::2], row[1::2])
        rows.append([node_hash(a, b) if b else a for a, b in pairs])
    return rows


def compare(mine, theirs) -> tuple[list[int], int]:
    """Where two trees of one size differ, and how many hashes that took.

    From the root down: below a node that is equal nothing is looked at.
    """
    if not len(mine[0]) == len(theirs[0]) > 0:
        raise ValueError("compare trees of one size, which are not empty")
    nodes, compared = [0], 0
    for row in reversed(range(len(mine))):
        compared += len(nodes)
        nodes = [i for i in nodes if mine[row][i] != theirs[row][i]]
        if row:
            nodes = [child for i in nodes for child in (2 * i, 2 * i + 1)
                     if child < len(mine[row - 1])]
    return nodes, compared


def by_range(items: dict[bytes, bytes], depth: int) -> list[bytes]:
    """2 ** depth leaves, each for the keys whose hash begins with its bits."""
    leaves = [b""] * 2 ** depth
    for key, value in sorted(items.items()):
        at = int.from_bytes(sha256(key).digest()[:4]) >> 32 - depth
        leaves[at] += leaf_hash(key) + leaf_hash(value)
    return leaves
# --8<-- [end:compare]


def expected(depth: int, differences: int) -> float:
    """The mean of `compare`, any set of so many leaves equally likely."""
    n, d = 2 ** depth, differences
    met = [1 - comb(n - (n >> row), d) / comb(n, d) for row in range(depth)]
    return 1 + 2 * sum(2 ** row * p for row, p in enumerate(met))


# The eight entries with which Certificate Transparency's libraries test.
REFERENCE = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f")]


def demo(differences=(1, 10, 100), depth=16, seed=7):
    """Two replicas of 2 ** depth keys: (differences, hashes compared)."""
    mine = [b"value %d" % i for i in range(2 ** depth)]
    tree, rows = levels(mine), []
    for wanted in differences:
        theirs, left, rng = list(mine), wanted, Random(seed)
        while left:
            i = int(rng.random() * len(mine))
            left -= theirs[i] == mine[i]
            theirs[i] = b"other"
        rows.append((wanted, compare(tree, levels(theirs))[1]))
    return rows


if __name__ == "__main__":
    log, head, seven = REFERENCE, root(REFERENCE), root(REFERENCE[:7])
    proof = inclusion_proof(log, 5)
    print(f"leaf 5 of 8: {' '.join(part.hex()[:4] for part in proof)}")
    #> leaf 5 of 8: bc1a ca85 d37e
    print(verify_inclusion(log[5], 5, 8, proof, head))
    #> True
    proof = consistency_proof(log, 6)
    print(f"from 6 to 8: {' '.join(part.hex()[:4] for part in proof)}")
    #> from 6 to 8: 0ebc ca85 d37e
    for past in log[:6], [b"rewritten", *log[1:6]]:
        print(verify_consistency(6, 8, root(past), head, proof))
        #> True
        #> False
    six, eight = log[:6], log[:6] + log[4:6]
    for one in plain_root, root:
        print(f"{one.__name__}, forged: {one(log) == one(forge(log))}")
        #> plain_root, forged: True
        #> root, forged: False
    for one in paired_root, root:
        print(f"{one.__name__}, last two again: {one(six) == one(eight)}")
        #> paired_root, last two again: True
        #> root, last two again: False
    proof = inclusion_proof(log[:7], 0)
    for size in 5, 8, 9:
        right = verify_inclusion(log[0], 0, size, proof, seven)
        print(f"leaf 0 of 7, said to be of {size}: {right}")
        #> leaf 0 of 7, said to be of 5: True
        #> leaf 0 of 7, said to be of 8: True
        #> leaf 0 of 7, said to be of 9: False
    for d, compared in demo():
        mean, most = expected(16, d), 1 + 2 * d * 16
        print(f"{d}: {compared} hashes, mean {mean:.0f}, at most {most}")
        #> 1: 33 hashes, mean 33, at most 33
        #> 10: 257 hashes, mean 256, at most 321
        #> 100: 1917 hashes, mean 1895, at most 3201
    old = {b"key %04d" % i: b"v" for i in range(4096)}
    new = dict([*old.items()][1:] + [(b"key 4096", b"v")])
    for name, leaves in ("place", sorted), ("hash", lambda x: by_range(x, 12)):
        found, compared = compare(levels(leaves(old)), levels(leaves(new)))
        print(f"by {name}: {len(found)} differ, {compared} hashes")
        #> by place: 4096 differ, 8191 hashes
        #> by hash: 2 differ, 45 hashes
