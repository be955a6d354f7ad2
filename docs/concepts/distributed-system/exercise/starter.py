"""A worker that is silent once may answer when it is asked again. Make the caller patient.

At its first deadline `Patient` asks the silent workers, and only those, once more, under the same question number, and sets the deadline
anew. At the second deadline it closes, whatever is missing.
"""

from snippets.concepts.distributed_system import Ask, Caller
from snippets.simnet import Effect, Send, SetTimer


class Patient(Caller):
    def timeout(self, timer: str) -> list[Effect]:
        return self.close()


caller = Patient("caller", ("W1", "W2"), 200)
print(caller.ask())
print(caller.timeout("deadline"))
