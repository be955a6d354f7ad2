"""Books once, and says nothing to the client who asks again."""

import struct

from snippets.concepts.characteristics import Server


class Once(Server):
    def receive(self, sender, message):
        self.seen = getattr(self, "seen", set())
        number = struct.unpack(self.order + "BI", message)[0]
        if number in self.seen:
            return []
        self.seen.add(number)
        return super().receive(sender, message)
