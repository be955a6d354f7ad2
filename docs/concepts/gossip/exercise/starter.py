"""A site that knows a rumor calls others until the rumor bores it. `Rumor` decides:
`called(knew)` is told after each call whether the other site knew already. Now it
stops after any k calls. Make it stop only after k useless calls in a row: a call to
a site that did not know makes the rumor hot again.
"""


class Rumor:
    def __init__(self, k: int):
        self.k, self.calls = k, 0
        self.hot = True  # still worth a call

    def called(self, knew: bool) -> None:
        self.calls += 1
        if self.calls == self.k:
            self.hot = False
