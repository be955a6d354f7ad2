"""Earn what the time since the last look is worth, up to most, then take."""

from dataclasses import dataclass

from snippets.challenges.retry_storm import Budget


@dataclass
class Reserve(Budget):
    least_per_s: float = 1.0
    seen_s: float = 0.0

    def retry_at(self, now_s: float) -> bool:
        earned = (now_s - self.seen_s) * self.least_per_s
        self.tokens = min(self.most, self.tokens + earned)
        self.seen_s = now_s
        return self.retry()
