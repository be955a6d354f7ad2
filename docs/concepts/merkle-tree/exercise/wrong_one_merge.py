"""Closes one subtree at most, where the eighth entry closes three."""

from snippets.concepts.merkle_tree import leaf_hash, node_hash


def grow(peaks: list[bytes], size: int, entry: bytes) -> list[bytes]:
    new = leaf_hash(entry)
    if size % 2:
        return [*peaks[:-1], node_hash(peaks[-1], new)]
    return [*peaks, new]


def head(peaks: list[bytes]) -> bytes:
    *rest, found = peaks
    for peak in reversed(rest):
        found = node_hash(peak, found)
    return found
