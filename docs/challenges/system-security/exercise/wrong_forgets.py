"""Clears its memory whenever the window moves: the numbers before are accepted a second time."""


class Window:
    def __init__(self, size=64):
        self.size, self.largest, self.seen = size, 0, set()

    def accept(self, n):
        if n <= self.largest - self.size or n in self.seen:
            return False
        if n > self.largest:
            self.largest, self.seen = n, set()
        self.seen.add(n)
        return True
