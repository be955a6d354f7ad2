"""Remembers every number for ever: right answers, until memory is full."""


class Window:
    def __init__(self, size=64):
        self.size, self.largest, self.seen = size, 0, set()

    def accept(self, n):
        if n <= self.largest - self.size or n in self.seen:
            return False
        self.largest = max(self.largest, n)
        self.seen.add(n)
        return True
