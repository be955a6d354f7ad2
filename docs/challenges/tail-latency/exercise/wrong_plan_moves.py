"""Measures from the plan, but makes a new plan after each stall."""


def load_test(answer, every_ms: int, until_ms: int) -> list[tuple[int, int]]:
    found, now_ms, planned_ms = [], 0, 0
    while planned_ms < until_ms:
        sent_ms = max(planned_ms, now_ms)
        now_ms = answer(sent_ms)
        found.append((sent_ms, now_ms - planned_ms))
        planned_ms = max(planned_ms + every_ms, now_ms)
    return found
