"""Refuses what is older than what was seen, and remembers what is taken."""

from snippets.challenges.data_consistency import NEVER, Answer, Client, Get
from snippets.simnet import Effect, Send


class Session(Client):
    seen = NEVER

    def receive(self, sender: str, message: Answer) -> list[Effect]:
        reading = bool(self.history) and self.history[-1].kind == "read"
        if message.round != self.round or not reading:
            return super().receive(sender, message)
        if message.stamp < self.seen:
            return [Send(sender, Get(self.round))]
        effects = super().receive(sender, message)
        self.seen = max(self.seen, self.history[-1].stamp)
        return effects
