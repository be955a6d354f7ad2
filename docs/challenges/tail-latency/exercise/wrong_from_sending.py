"""Catches up after the stall, but still measures from the moment of sending."""


def load_test(answer, every_ms: int, until_ms: int) -> list[tuple[int, int]]:
    found, now_ms = [], 0
    for planned_ms in range(0, until_ms, every_ms):
        sent_ms = max(planned_ms, now_ms)
        now_ms = answer(sent_ms)
        found.append((sent_ms, now_ms - sent_ms))
    return found
