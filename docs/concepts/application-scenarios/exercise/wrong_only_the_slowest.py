"""Runs only the slowest piece twice; the next slowest then holds the barrier."""


def barrier(times, patience):
    *rest, slowest = sorted(times)
    if slowest <= patience:
        return slowest, 0
    return max([min(slowest, patience + 1), *rest]), 1
