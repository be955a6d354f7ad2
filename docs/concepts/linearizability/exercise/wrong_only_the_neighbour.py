"""Compares each take with the one before it only, so a late call two numbers back is missed."""


def linearizable(takes: list[dict]) -> bool:
    by_number = {take["res"]: take for take in takes if take["ret"] is not None}
    answered = sum(take["ret"] is not None for take in takes)
    lost = sorted(take["inv"] for take in takes if take["ret"] is None)
    if len(by_number) < answered or any(number < 1 for number in by_number):
        return False
    before = float("-inf")
    for number in range(1, max(by_number, default=0) + 1):
        if number not in by_number:
            if not lost:
                return False
            before = lost.pop(0)
            continue
        if by_number[number]["ret"] < before:
            return False
        before = by_number[number]["inv"]
    return True
