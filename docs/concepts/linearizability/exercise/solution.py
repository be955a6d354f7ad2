"""Numbers in order, lost takes into the gaps, earliest call first."""


def linearizable(takes: list[dict]) -> bool:
    by_number = {take["res"]: take for take in takes if take["ret"] is not None}
    answered = sum(take["ret"] is not None for take in takes)
    lost = sorted(take["inv"] for take in takes if take["ret"] is None)
    if len(by_number) < answered or any(number < 1 for number in by_number):
        return False
    latest = float("-inf")  # the latest call among the smaller numbers
    for number in range(1, max(by_number, default=0) + 1):
        if number in by_number:
            inv = by_number[number]["inv"]
        elif lost:
            inv = lost.pop(0)
        else:
            return False
        latest = max(latest, inv)
        # Whoever has this number may not have returned before a smaller one was called.
        if number in by_number and by_number[number]["ret"] < latest:
            return False
    return True
