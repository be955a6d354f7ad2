"""Forgets what came before: only one call is looked at, so k above 1 never stops."""


class Rumor:
    def __init__(self, k: int):
        self.k = k
        self.hot = True

    def called(self, knew: bool) -> None:
        self.hot = int(knew) < self.k
