"""A read has a second round, of the entry it found."""

from snippets.concepts.components import Client, Entry, Query, Store
from snippets.simnet import Effect


class WriteBack(Client):
    def end(self, key: str, entry: Entry) -> list[Effect]:
        if self.value is not None:
            return super().end(key, entry)
        if isinstance(self.asked, Query):
            return self.ask(Store, key, entry)
        return super().end(key, self.asked.entry)
