"""The numbers of the window that were accepted, the rest forgotten."""


class Window:
    def __init__(self, size: int = 64):
        self.size, self.largest, self.seen = size, 0, set()

    def accept(self, n: int) -> bool:
        if n < 1 or n <= self.largest - self.size or n in self.seen:
            return False
        self.largest = max(self.largest, n)
        self.seen.add(n)
        self.seen = {old for old in self.seen if old > self.largest - self.size}
        return True
