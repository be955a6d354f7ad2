"""The earlier of two ends, for each slow piece."""


def barrier(times: list[float], patience: float) -> tuple[float, int]:
    ends = [min(took, patience + 1) if took > patience else took for took in times]
    return max(ends), sum(took > patience for took in times)
