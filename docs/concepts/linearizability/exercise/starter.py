"""A ticket machine counts: `take` adds 1 and returns the new number, the first is 1. `linearizable` judges a history of takes, and forgets time.

Make it return True exactly when one order explains all numbers: an operation that returned (`ret`) before another was called (`inv`) comes
before it, and equal times count as concurrent. A take whose answer was lost (`ret` and `res` are None) may have taken any number after its
call, or none.
"""


def linearizable(takes: list[dict]) -> bool:
    numbers = sorted(take["res"] for take in takes if take["ret"] is not None)
    return numbers == list(range(1, len(numbers) + 1))


print(linearizable([
    {"inv": 0, "ret": 5, "res": 2},
    {"inv": 1, "ret": 4, "res": 1},
]))
