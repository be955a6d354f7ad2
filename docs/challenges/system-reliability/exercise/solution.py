"""Compares 100 times the retries with percent times the requests."""


class Budget:
    def __init__(self, percent: int):
        self.percent, self.requests, self.retries = percent, 0, 0

    def request(self) -> None:
        self.requests += 1

    def may_retry(self) -> bool:
        if 100 * (self.retries + 1) > self.percent * self.requests:
            return False
        self.retries += 1
        return True
