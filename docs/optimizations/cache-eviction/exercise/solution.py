"""A second list of keys only: who is on it when asked for again has proved its worth."""

from collections import OrderedDict


class Guarded:
    def __init__(self, size: int):
        self.size, self.entries, self.refused = size, OrderedDict(), OrderedDict()

    def use(self, key) -> bool:
        if key in self.entries:
            self.entries.move_to_end(key)
            return True
        if len(self.entries) == self.size:
            if key not in self.refused:
                self.refused[key] = None
                if len(self.refused) > self.size:
                    self.refused.popitem(last=False)
                return False
            del self.refused[key]
            self.entries.popitem(last=False)
        self.entries[key] = None
        return False
