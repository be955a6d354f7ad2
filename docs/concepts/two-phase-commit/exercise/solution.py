"""One who knows is enough, and so is one who has promised nothing."""


def outcome(answers):
    if "committed" in answers:
        return "committed"
    if "aborted" in answers or "working" in answers:
        return "aborted"
    return None
