"""The follower names its term at prev and where that begins; the leader skips the term."""


def refusal(log, prev, term):
    if prev > len(log):
        return 0, len(log) + 1
    conflict = log[prev - 1]
    return conflict, log.index(conflict) + 1


def next_index(log, prev, hint):
    conflict, first = hint
    own = [i for i, term in enumerate(log[: prev - 1], 1) if term == conflict]
    return own[-1] + 1 if own else first


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
