"""Commits when everybody is prepared. The coordinator may have decided to abort all the same."""


def outcome(answers):
    if "aborted" in answers or "working" in answers:
        return "aborted"
    if "committed" in answers or all(answer == "prepared" for answer in answers):
        return "committed"
    return None
