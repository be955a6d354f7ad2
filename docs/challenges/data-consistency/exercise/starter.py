"""A user who has seen a value must never see an older one: monotonic reads. Give the client that memory.

`Session` keeps the largest stamp it has read. An answer to a read that is older is not taken: ask the same replica again, as `own_writes` does
for the user's own writes. An equal stamp is not older.
"""

from random import Random

from snippets.challenges.data_consistency import NEVER, Answer, Client, Get, Stamp
from snippets.simnet import Effect, Send


class Session(Client):
    seen = NEVER

    def receive(self, sender: str, message: Answer) -> list[Effect]:
        return super().receive(sender, message)


user = Session("A", lambda: 0, Random(1), ("R1", "R2"))
user.read("R1")
user.receive("R1", Answer(user.round, Stamp(20, "B"), "new"))
user.read("R2")
user.receive("R2", Answer(user.round, Stamp(10, "B"), "old"))
print([read.value for read in user.history])
