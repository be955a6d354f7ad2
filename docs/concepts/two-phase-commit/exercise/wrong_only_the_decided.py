"""Waits for one who has decided. Safe, and blocked where it need not be."""


def outcome(answers):
    return next((answer for answer in answers if answer in ("committed", "aborted")), None)
