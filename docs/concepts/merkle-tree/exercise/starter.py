"""A log that appends a million entries cannot hash them all again for each new root. It need not even keep them: the roots of the full subtrees are enough.

`grow` takes those roots, largest subtree first, with the number of entries so far, and one new entry; it returns the roots for one entry more.
`head` computes the root of the whole list from them, the same as `root` of all entries. Keep as few hashes as there are ones in the binary
size: 6 entries are a subtree of 4 and one of 2. The code below keeps every leaf.
"""

from snippets.concepts.merkle_tree import leaf_hash, node_hash, root


def grow(peaks: list[bytes], size: int, entry: bytes) -> list[bytes]:
    return [*peaks, leaf_hash(entry)]


def head(peaks: list[bytes]) -> bytes:
    row = list(peaks)
    while len(row) > 1:
        pairs = [row[i : i + 2] for i in range(0, len(row), 2)]
        row = [node_hash(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return row[0]


peaks = []
for size, entry in enumerate([b"a", b"b", b"c", b"d", b"e", b"f"]):
    peaks = grow(peaks, size, entry)
print(len(peaks), head(peaks) == root([b"a", b"b", b"c", b"d", b"e", b"f"]))
