"""Remembers accounts in place of numbers: the second deposit into an account is refused."""

import struct

from snippets.concepts.characteristics import ACCOUNTS, Server


class Once(Server):
    def receive(self, sender, message):
        self.answers = getattr(self, "answers", {})
        account = struct.unpack(self.order + "BI", message)[0] % ACCOUNTS
        if account not in self.answers:
            self.answers[account] = super().receive(sender, message)
        return self.answers[account]
