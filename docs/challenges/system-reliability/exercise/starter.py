"""A retry budget keeps retries a small share of the requests, however many fail. Build it.

Call `request()` once for each new request, and `may_retry()` before each retry: it says whether one more retry keeps the retries within
`percent` % of the requests so far, and counts it if so. Whole numbers only, so that nothing drifts.
"""


class Budget:
    def __init__(self, percent: int):
        self.percent = percent

    def request(self) -> None:
        pass

    def may_retry(self) -> bool:
        return True


budget = Budget(10)
for _ in range(20):
    budget.request()
print([budget.may_retry() for _ in range(4)])
