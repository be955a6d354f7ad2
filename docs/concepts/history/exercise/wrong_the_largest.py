"""Keeps the clock with the most events: the size of a clock orders nothing."""


def siblings(clocks):
    return [max(clocks, key=lambda clock: sum(clock.values()))]
