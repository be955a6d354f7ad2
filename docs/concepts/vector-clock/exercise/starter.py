"""A chat sends every post to all members, with a vector that counts posts: entry k says how many posts of k its author had seen, its own included.

`ready` says whether a member that has seen so many posts of each (`seen`) may show a post of `author` now. It keeps the order of each author.
Make it wait for everything else the author had seen, too, so that no answer is shown before its question.
"""


def ready(author: str, vector: dict[str, int], seen: dict[str, int]) -> bool:
    return vector[author] == seen.get(author, 0) + 1


print(ready("bob", {"ann": 1, "bob": 1}, {}))
