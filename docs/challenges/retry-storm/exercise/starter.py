"""`Budget` gives a retry for every tenth request, so a client that sends one request
a minute may never retry. Write `Reserve`: a budget that besides earns
`least_per_s` tokens a second, whether or not there are requests. Together they
never hold more than `most`. The clock comes in as `now_s` and may stand still.
"""

from dataclasses import dataclass

from snippets.challenges.retry_storm import Budget


@dataclass
class Reserve(Budget):
    least_per_s: float = 1.0
    seen_s: float = 0.0  # when tokens were last earned by the clock

    def retry_at(self, now_s: float) -> bool:
        """Take a token at now_s, if there is one."""
        return self.retry()
