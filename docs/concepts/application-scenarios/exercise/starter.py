"""A barrier waits for its slowest piece. Give the slow pieces a second run.

`barrier(times, patience)` gets how long each piece takes where it runs. A piece that is not done after `patience` is started once more on an idle
node, where it takes 1; the earlier end counts. Return when the barrier falls, and how many pieces ran twice.
"""


def barrier(times: list[float], patience: float) -> tuple[float, int]:
    return max(times), 0


print(barrier([1.0, 1.0, 8.0, 1.0], 1.5))
