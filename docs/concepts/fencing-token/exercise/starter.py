"""A token orders holders, not the messages of one holder: a message that is delivered twice, the
second time late, carries the same token and undoes what came between.

Let each holder number its writes from 1, and let `write` take the token and the number. It must
refuse what is older than the last write it applied, by token first and then by number. The
same message again is answered "done", because its sender may have missed the answer, and changes nothing.
"""


class Storage:
    def __init__(self):
        self.value, self.largest = None, 0

    def write(self, token: int, number: int, value) -> str:
        if token < self.largest:
            return "refused"
        self.largest = token
        self.value = value
        return "done"


store = Storage()
for message in ((33, 1, "a"), (33, 2, "b"), (33, 1, "a")):
    print(message, store.write(*message), store.value)
