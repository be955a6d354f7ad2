"""One loop over the plan; the connection is free at now_ms."""


def load_test(answer, every_ms: int, until_ms: int) -> list[tuple[int, int]]:
    found, now_ms = [], 0
    for planned_ms in range(0, until_ms, every_ms):
        sent_ms = max(planned_ms, now_ms)
        now_ms = answer(sent_ms)
        found.append((sent_ms, now_ms - planned_ms))
    return found
