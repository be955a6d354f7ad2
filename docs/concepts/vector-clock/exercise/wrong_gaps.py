"""Shows a post although an earlier one of the same author is missing."""


def ready(author: str, vector: dict[str, int], seen: dict[str, int]) -> bool:
    return vector[author] > seen.get(author, 0) and all(
        n <= seen.get(name, 0) for name, n in vector.items() if name != author
    )
