"""Helps only when the follower's log is too short; through wrong terms it still walks."""


def refusal(log, prev, term):
    return min(prev, len(log) + 1)


def next_index(log, prev, hint):
    return hint


def messages(leader, follower):
    """(nextIndex where the logs agree, AppendEntries sent to find it)."""
    upto, sent = len(leader) + 1, 0
    while True:
        prev, sent = upto - 1, sent + 1
        term = leader[prev - 1] if prev else 0
        if prev == 0 or (prev <= len(follower) and follower[prev - 1] == term):
            return upto, sent
        upto = next_index(leader, prev, refusal(follower, prev, term))
        assert 1 <= upto <= prev, f"after index {prev} was refused, {upto} is no progress"
