"""Turns on `own_writes`: a user who only reads is not helped by that."""

from snippets.challenges.data_consistency import Client


class Session(Client):
    own_writes = True

    def __post_init__(self):
        super().__post_init__()
        self.own_writes = True
