"""Joins the largest subtrees first, so that 7 entries get another root."""

from snippets.concepts.merkle_tree import leaf_hash, node_hash


def grow(peaks: list[bytes], size: int, entry: bytes) -> list[bytes]:
    peaks, new = list(peaks), leaf_hash(entry)
    while size % 2:
        new = node_hash(peaks.pop(), new)
        size //= 2
    return [*peaks, new]


def head(peaks: list[bytes]) -> bytes:
    found, *rest = peaks
    for peak in rest:
        found = node_hash(found, peak)
    return found
