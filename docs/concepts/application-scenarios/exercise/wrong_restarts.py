"""Stops the first run when the second begins: a piece that was nearly done begins anew."""


def barrier(times, patience):
    ends = [patience + 1 if took > patience else took for took in times]
    return max(ends), sum(took > patience for took in times)
