"""A counter that must rise stops replays, but it also refuses packets that the network has merely reordered. Use a window.

`accept(n)` says yes to each number at most once, in any order, as long as it is less than `size` below the largest accepted so far; older ones are
refused, because they can no longer be told from replays. Memory must stay bounded. Numbers begin at 1.
"""


class Window:
    def __init__(self, size: int = 64):
        self.size, self.largest = size, 0

    def accept(self, n: int) -> bool:
        if n <= self.largest:
            return False
        self.largest = n
        return True


window = Window()
print([window.accept(n) for n in (1, 3, 2, 2)])
