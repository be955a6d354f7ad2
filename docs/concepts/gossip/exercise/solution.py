"""Count the useless calls, and begin again at a useful one."""


class Rumor:
    def __init__(self, k: int):
        self.k, self.useless = k, 0
        self.hot = True

    def called(self, knew: bool) -> None:
        self.useless = self.useless + 1 if knew else 0
        if self.useless >= self.k:
            self.hot = False
