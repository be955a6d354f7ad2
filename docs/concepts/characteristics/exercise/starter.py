"""A client that gave up does not know whether its deposit was booked, so it sends it again. Make that safe.

`Once` must book each deposit number once. A number that comes again gets the answer that it got the first time, byte for byte, and nothing is booked.
"""

from snippets.concepts.characteristics import CENTS, Server, pack


class Once(Server):
    def receive(self, sender, message):
        return super().receive(sender, message)


server = Once("S1")
print(server.receive("client", pack("<", 0, CENTS)))
print(server.receive("client", pack("<", 0, CENTS)))
print(server.balances)
