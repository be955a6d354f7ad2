"""Keeps the answer to each number."""

import struct

from snippets.concepts.characteristics import Server


class Once(Server):
    def receive(self, sender, message):
        if not hasattr(self, "answers"):
            self.answers = {}
        number, _ = struct.unpack(self.order + "BI", message)
        if number not in self.answers:
            self.answers[number] = super().receive(sender, message)
        return self.answers[number]
