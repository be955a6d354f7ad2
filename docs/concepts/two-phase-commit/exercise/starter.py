"""A manager is prepared and its coordinator is gone. It asks the others. What may it do?
`answers` holds the states of those who answered, and None for each that did not. Who is
"working" when it is asked has promised nothing, and will refuse from now on. Return
"committed", "aborted", or None to go on waiting: never what another may contradict, and
never None when the answers are enough.
"""


def outcome(answers):
    """What a prepared manager does when the other managers have answered this."""
    return None
