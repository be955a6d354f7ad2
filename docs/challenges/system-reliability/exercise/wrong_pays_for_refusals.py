"""Counts refused retries as well: an outage leaves a debt that later requests have to pay."""


class Budget:
    def __init__(self, percent):
        self.percent, self.requests, self.retries = percent, 0, 0

    def request(self):
        self.requests += 1

    def may_retry(self):
        self.retries += 1
        return 100 * self.retries <= self.percent * self.requests
