"""Counts the useless calls, and forgets to begin again at a useful one."""


class Rumor:
    def __init__(self, k: int):
        self.k, self.useless = k, 0
        self.hot = True

    def called(self, knew: bool) -> None:
        self.useless += knew
        if self.useless >= self.k:
            self.hot = False
