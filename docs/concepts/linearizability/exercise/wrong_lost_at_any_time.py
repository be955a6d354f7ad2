"""Lets a lost take fill a gap that closed before the take was called."""


def linearizable(takes: list[dict]) -> bool:
    by_number = {take["res"]: take for take in takes if take["ret"] is not None}
    answered = sum(take["ret"] is not None for take in takes)
    lost = len(takes) - answered
    if len(by_number) < answered or any(number < 1 for number in by_number):
        return False
    latest = float("-inf")
    for number in range(1, max(by_number, default=0) + 1):
        if number not in by_number:
            lost -= 1
            continue
        latest = max(latest, by_number[number]["inv"])
        if by_number[number]["ret"] < latest:
            return False
    return lost >= 0
