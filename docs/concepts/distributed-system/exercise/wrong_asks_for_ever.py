"""Asks again at every deadline and never reports."""

from snippets.concepts.distributed_system import Ask, Caller
from snippets.simnet import Send, SetTimer


class Patient(Caller):
    def timeout(self, timer):
        silent = [name for name in self.workers if name not in self.parts]
        again = [Send(name, Ask(self.number)) for name in silent]
        return [*again, SetTimer("deadline", self.timeout_ms)]
