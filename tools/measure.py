"""What a page's ``measured.py`` returns: paper rows, effects on the map, tables.

``docs/<section>/<page>/measured.py`` turns the functions of the page's program into
what the page states. It may define any of

    paper() -> list[Paper]            the rows of "the paper says / we get"
    effects() -> list[Effect]         an optimization's four cells of the map
    tables() -> dict[str, Table]      tables a page includes by name

``tools.generate`` runs them, writes the Markdown, and the tests judge every row.
"""

from dataclasses import dataclass
from numbers import Real

CHALLENGES = (
    "data-consistency",
    "system-performance",
    "system-reliability",
    "system-security",
)


@dataclass(frozen=True)
class Paper:
    """One result of a paper beside the same result of our run.

    ``said`` is a number, a (low, high) pair for a range, or any other value that must
    be equal. ``tolerance`` is absolute and in the unit of ``said``: what other seeds and
    honest readings of the text give, never what makes one seed pass. ``show`` formats
    both sides. ``differs`` is the reason why our run disagrees; with it the row must
    *not* hold, so that neither an agreement nor a disagreement can go stale.
    """

    key: str  # the source, a key of docs/reference/papers.bib
    place: str  # where in the source: "Figure 3", "section 4.2", "theorem 1"
    claim: str  # what is measured, with the set-up, in one phrase
    said: object
    got: object
    tolerance: float = 0.0
    show: str = "{}"
    note: str = ""  # what the paper leaves open, or how the tolerance was found
    differs: str = ""

    def agrees(self) -> bool:
        """Whether ``got`` lies within the tolerance of what the paper says."""
        if isinstance(self.said, tuple) and len(self.said) == 2 and isinstance(self.got, Real):
            low, high = self.said
            return low - self.tolerance <= self.got <= high + self.tolerance
        if isinstance(self.said, Real) and isinstance(self.got, Real):
            # The last term forgives the rounding of binary fractions, nothing more.
            return abs(self.got - self.said) <= self.tolerance + 1e-12 * abs(self.said)
        return self.got == self.said

    def holds(self) -> bool:
        """Whether the row is what the page says it is: agreement, or a known difference."""
        return self.agrees() != bool(self.differs)


@dataclass(frozen=True)
class Effect:
    """What one optimization does to one challenge: the same measure without and with it.

    The verdict is computed, never typed: a change of less than a twentieth either way
    is "no change".
    """

    challenge: str  # one of CHALLENGES
    measure: str  # "share of stale reads at a TTL of 10 s"
    without: float
    with_it: float
    better: str  # "lower" or "higher"
    show: str = "{}"  # how both numbers are printed: "{:.1%}", "{:.0f} ms"
    function: str = ""  # the function of the program that measured it

    def __post_init__(self):
        if self.challenge not in CHALLENGES:
            raise ValueError(f"unknown challenge {self.challenge!r}: use one of {CHALLENGES}")
        if self.better not in ("lower", "higher"):
            raise ValueError(f"better is {self.better!r}: use 'lower' or 'higher'")

    @property
    def verdict(self) -> str:
        """"helps", "hurts" or "no change"."""
        size = max(abs(self.without), abs(self.with_it))
        if abs(self.with_it - self.without) * 20 <= size:
            return "no change"
        return "helps" if (self.with_it > self.without) == (self.better == "higher") else "hurts"


@dataclass(frozen=True)
class Table:
    """A table of strings, already formatted; ``align`` has one of l, r, c a column."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: str = ""
