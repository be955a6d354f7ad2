"""Compares the numbers across holders: the next holder, who begins at 1, is refused."""


class Storage:
    def __init__(self):
        self.value, self.token, self.number = None, 0, 0

    def write(self, token: int, number: int, value) -> str:
        if token < self.token or number < self.number:
            return "refused"
        self.token, self.number, self.value = token, number, value
        return "done"
