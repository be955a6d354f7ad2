"""Sends by the plan without waiting for the last answer: an open loop."""


def load_test(answer, every_ms: int, until_ms: int) -> list[tuple[int, int]]:
    return [(at, answer(at) - at) for at in range(0, until_ms, every_ms)]
