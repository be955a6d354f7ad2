"""The author's next post, and nothing that the author had seen is missing."""


def ready(author: str, vector: dict[str, int], seen: dict[str, int]) -> bool:
    return vector[author] == seen.get(author, 0) + 1 and all(
        n <= seen.get(name, 0) for name, n in vector.items() if name != author
    )
