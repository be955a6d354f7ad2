"""A new entry closes as many subtrees as the old size has ones at its end."""

from snippets.concepts.merkle_tree import leaf_hash, node_hash


def grow(peaks: list[bytes], size: int, entry: bytes) -> list[bytes]:
    peaks, new = list(peaks), leaf_hash(entry)
    while size % 2:
        new = node_hash(peaks.pop(), new)
        size //= 2
    return [*peaks, new]


def head(peaks: list[bytes]) -> bytes:
    *rest, found = peaks
    for peak in reversed(rest):
        found = node_hash(peak, found)
    return found
