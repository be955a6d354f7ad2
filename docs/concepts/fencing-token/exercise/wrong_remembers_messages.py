"""Remembers which messages it has seen: a first copy that is late still undoes a newer write."""


class Storage:
    def __init__(self):
        self.value, self.largest, self.seen = None, 0, set()

    def write(self, token: int, number: int, value) -> str:
        if token < self.largest:
            return "refused"
        self.largest = token
        if (token, number) not in self.seen:
            self.seen.add((token, number))
            self.value = value
        return "done"
