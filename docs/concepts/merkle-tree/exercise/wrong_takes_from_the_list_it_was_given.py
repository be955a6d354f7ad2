"""Pops from the caller's list: the roots of the shorter log are gone."""

from snippets.concepts.merkle_tree import leaf_hash, node_hash


def grow(peaks: list[bytes], size: int, entry: bytes) -> list[bytes]:
    new = leaf_hash(entry)
    while size % 2:
        new = node_hash(peaks.pop(), new)
        size //= 2
    return [*peaks, new]


def head(peaks: list[bytes]) -> bytes:
    *rest, found = peaks
    for peak in reversed(rest):
        found = node_hash(peak, found)
    return found
