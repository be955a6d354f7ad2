"""Two reads, one after the other, can disagree while a write is on its way: the program leaves out the write-back. Put it in.

Before a read ends, store what it found: `end` is called when a majority has answered. For a read whose question was a `Query`, ask the
servers to `Store` the entry instead of ending; when a majority has stored it, end with that entry. Writes stay as they are.
"""

from snippets.concepts.components import Client, Entry, Query, Store
from snippets.simnet import Effect


class WriteBack(Client):
    def end(self, key: str, entry: Entry) -> list[Effect]:
        return super().end(key, entry)


client = WriteBack("A", ("S1", "S2", "S3"), max)
print(client.read("x"))
