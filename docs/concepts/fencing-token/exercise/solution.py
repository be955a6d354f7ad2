"""The pair is compared as a whole: token first, then number."""


class Storage:
    def __init__(self):
        self.value, self.last = None, (0, 0)

    def write(self, token: int, number: int, value) -> str:
        if (token, number) < self.last:
            return "refused"
        if (token, number) > self.last:
            self.last, self.value = (token, number), value
        return "done"
