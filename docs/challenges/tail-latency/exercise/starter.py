"""A load generator with one connection, which measures from the moment of sending and
so omits what a stall hides. Keep the one connection: never send before the last
answer. But measure each request from its place in the plan (0, `every_ms`,
2 `every_ms`, ...), and after a stall catch up, so that no request is left out.
Return a pair for each request: when it was sent, and its latency, in ms.
"""


def load_test(answer, every_ms: int, until_ms: int) -> list[tuple[int, int]]:
    """answer(sent_ms) is when the server answers; plans lie below until_ms."""
    found, now_ms = [], 0
    while now_ms < until_ms:
        done_ms = answer(now_ms)
        found.append((now_ms, done_ms - now_ms))
        now_ms = max(now_ms + every_ms, done_ms)
    return found
