"""Remembers which question it has repeated."""

from snippets.concepts.distributed_system import Ask, Caller
from snippets.simnet import Effect, Send, SetTimer


class Patient(Caller):
    repeated = 0

    def timeout(self, timer: str) -> list[Effect]:
        if self.repeated == self.number:
            return self.close()
        self.repeated = self.number
        silent = [name for name in self.workers if name not in self.parts]
        again = [Send(name, Ask(self.number)) for name in silent]
        return [*again, SetTimer("deadline", self.timeout_ms)]
