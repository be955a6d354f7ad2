"""Drops the takes whose answer was lost, as if they had not happened."""


def linearizable(takes: list[dict]) -> bool:
    done = sorted((take for take in takes if take["ret"] is not None), key=lambda t: t["res"])
    latest = float("-inf")
    for number, take in enumerate(done, 1):
        latest = max(latest, take["inv"])
        if take["res"] != number or take["ret"] < latest:
            return False
    return True
