"""A leader that hears only "refused" goes back by one entry a message: for log f of Figure 7
it sends 8. Let the follower say more in `refusal`, and let the leader use it in `next_index`,
so that at most one message is needed for each term with conflicting entries (section 5.3),
and nothing is sent that the follower has already. Logs are tuples of terms, the first entry
has index 1. `messages` is right as it is.
"""


def refusal(log, prev, term):
    """What a follower answers when its entry at index prev is missing or not of this term."""
    return None


def next_index(log, prev, hint):
    """What the leader tries after prev was refused with this hint: at most prev."""
    return prev


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
