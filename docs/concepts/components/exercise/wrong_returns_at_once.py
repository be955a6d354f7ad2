"""Stores the entry, but ends without waiting: the read has returned what may yet be lost."""

from snippets.concepts.components import Client, Query, Store


class WriteBack(Client):
    def end(self, key, entry):
        if self.value is None and isinstance(self.asked, Query):
            effects = self.ask(Store, key, entry)
            return [*effects, *super().end(key, entry)]
        return super().end(key, entry)
