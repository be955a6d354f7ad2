"""Refuses equal stamps too: a value that nobody changes can never be read again."""

from snippets.challenges.data_consistency import NEVER, Client, Get
from snippets.simnet import Send


class Session(Client):
    seen = NEVER

    def receive(self, sender, message):
        if message.round == self.round and message.stamp <= self.seen:
            return [Send(sender, Get(self.round))]
        effects = super().receive(sender, message)
        if message.round <= self.round:
            self.seen = max(self.seen, self.history[-1].stamp)
        return effects
