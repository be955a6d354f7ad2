"""Counts each retry as a request too: retries then pay for retries."""


class Budget:
    def __init__(self, percent):
        self.percent, self.requests, self.retries = percent, 0, 0

    def request(self):
        self.requests += 1

    def may_retry(self):
        if 100 * (self.retries + 1) > self.percent * self.requests:
            return False
        self.retries += 1
        self.requests += 1
        return True
