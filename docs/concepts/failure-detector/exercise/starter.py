"""`Monitor` is told of each heartbeat, and asked whether it suspects. It learns its timeout from
the largest gap it has seen: three times that. One long pause, and it never suspects
anybody again. Let only the last `window` gaps count. Until it has seen a gap, the timeout
is `first_ms`.
"""


class Monitor:
    def __init__(self, first_ms: float, window: int):
        self.first_ms, self.window = first_ms, window
        self.largest, self.last_ms = None, None

    def heartbeat(self, now_ms: float) -> None:
        if self.last_ms is not None:
            self.largest = max(self.largest or 0.0, now_ms - self.last_ms)
        self.last_ms = now_ms

    def suspects(self, now_ms: float) -> bool:
        """Whether nothing came for longer than the timeout. The first heartbeat starts it."""
        if self.last_ms is None:
            return False
        timeout_ms = self.first_ms if self.largest is None else 3 * self.largest
        return now_ms - self.last_ms > timeout_ms
