"""Aborts when nobody knows better. Somebody who did not answer may have committed."""


def outcome(answers):
    return "committed" if "committed" in answers else "aborted"
