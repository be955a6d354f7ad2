"""Takes the mean gap: a network that alternates is suspected at each long one."""

from collections import deque


class Monitor:
    def __init__(self, first_ms: float, window: int):
        self.first_ms, self.gaps = first_ms, deque(maxlen=window)
        self.last_ms = None

    def heartbeat(self, now_ms: float) -> None:
        if self.last_ms is not None:
            self.gaps.append(now_ms - self.last_ms)
        self.last_ms = now_ms

    def suspects(self, now_ms: float) -> bool:
        if self.last_ms is None:
            return False
        timeout_ms = 3 * sum(self.gaps) / len(self.gaps) if self.gaps else self.first_ms
        return now_ms - self.last_ms > timeout_ms
