"""Takes the larger number for on, and still adds those for off."""


class Flag:
    def __init__(self, ons=None, offs=None):
        self.ons, self.offs = dict(ons or {}), dict(offs or {})

    def lead(self) -> int:
        """By how much on is ahead; above 0 the flag is on."""
        return sum(self.ons.values()) - sum(self.offs.values())

    def value(self) -> bool:
        return self.lead() > 0

    def on(self, replica: str) -> None:
        if not self.value():
            self.ons[replica] = self.ons.get(replica, 0) + 1 - self.lead()

    def off(self, replica: str) -> None:
        if self.value():
            self.offs[replica] = self.offs.get(replica, 0) + self.lead()

    def merge(self, other: "Flag") -> None:
        for name, count in other.ons.items():
            self.ons[name] = max(self.ons.get(name, 0), count)
        for name, count in other.offs.items():
            self.offs[name] = self.offs.get(name, 0) + count
