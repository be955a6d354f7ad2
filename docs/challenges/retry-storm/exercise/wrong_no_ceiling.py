"""A quiet night saves up enough for a storm in the morning."""

from dataclasses import dataclass

from snippets.challenges.retry_storm import Budget


@dataclass
class Reserve(Budget):
    least_per_s: float = 1.0
    seen_s: float = 0.0

    def retry_at(self, now_s: float) -> bool:
        self.tokens += (now_s - self.seen_s) * self.least_per_s
        self.seen_s = now_s
        return self.retry()
