"""Earns from the beginning of time at every call, because seen_s stays."""

from dataclasses import dataclass

from snippets.challenges.retry_storm import Budget


@dataclass
class Reserve(Budget):
    least_per_s: float = 1.0
    seen_s: float = 0.0

    def retry_at(self, now_s: float) -> bool:
        earned = (now_s - self.seen_s) * self.least_per_s
        self.tokens = min(self.most, self.tokens + earned)
        return self.retry()
