"""Ask three workers for their parts of a sum, and end even when one is silent.

Source: Waldo, Wyant, Wollrath and Kendall, "A Note on Distributed Computing",
1994, section 4.3 (partial failure: no common agent, no global state).
Guarantee: a caller with a timeout reports within timeout_ms after ask(), with
the sum of the parts that came and the name of every worker whose part did not.
Assumes: the caller itself stays up, and numbers its questions.
Left out: asking again, and asking a copy of the silent worker instead.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import cos, erfc, log, pi, sqrt
from random import Random

from snippets.simnet import (
    CancelTimer,
    Effect,
    Note,
    Send,
    SetTimer,
    Simulation,
)

WORKERS = ("W1", "W2", "W3")
STOCK = {"W1": 120, "W2": 80, "W3": 100}  # each knows its own entry alone
LINK_MS = {"W1": 8, "W2": 13, "W3": 11}  # one way, caller to worker or back
SILENCES = ("crash", "question lost", "answer lost", "late answer")


# --8<-- [start:messages]
@dataclass(frozen=True)
class Ask:
    number: int  # of the question, so that a late answer is known as late


@dataclass(frozen=True)
class Part:
    number: int
    stock: int
    stamped_ms: int  # by the worker's clock, which is not the caller's


@dataclass(frozen=True)
class Delivery:
    amount: int
# --8<-- [end:messages]


# --8<-- [start:worker]
@dataclass
class Worker:
    """Holds a stock that no other node can read except by asking."""

    id: str
    stock: int
    clock: Callable[[], int]

    def receive(self, sender: str, message: Ask | Delivery) -> list[Effect]:
        match message:
            case Ask(number):
                return [Send(sender, Part(number, self.stock, self.clock()))]
            case Delivery(amount):
                self.stock += amount
        return []

    def move(self, amount: int, to: str) -> list[Effect]:
        """Send amount to another worker; until it arrives, neither has it."""
        self.stock -= amount
        return [Send(to, Delivery(amount))]
# --8<-- [end:worker]


@dataclass(frozen=True)
class Report:
    total: int
    missing: tuple[str, ...]  # the workers that are not in the total


# --8<-- [start:caller]
@dataclass
class Caller:
    """Adds up the parts. With timeout_ms None it waits for all of them."""

    id: str
    workers: tuple[str, ...]
    timeout_ms: int | None
    number: int = 0
    parts: dict[str, Part] = field(default_factory=dict)
    report: Report | None = None

    def ask(self) -> list[Effect]:
        """Ask every worker once; what is known of an earlier question goes."""
        self.number += 1
        self.parts, self.report = {}, None
        effects: list[Effect] = [
            Send(worker, Ask(self.number)) for worker in self.workers]
        if self.timeout_ms is not None:
            effects.append(SetTimer("deadline", self.timeout_ms))
        return effects

    def receive(self, sender: str, part: Part) -> list[Effect]:
        if part.number != self.number or self.report:
            return [Note(f"too late: {sender}")]
        self.parts[sender] = part  # a second copy of an answer adds nothing
        if len(self.parts) < len(self.workers):
            return []
        return [CancelTimer("deadline"), *self.close()]

    def timeout(self, timer: str) -> list[Effect]:
        return self.close()

    def close(self) -> list[Effect]:
        missing = [name for name in self.workers if name not in self.parts]
        total = sum(part.stock for part in self.parts.values())
        self.report = Report(total, tuple(missing))
        without = f" without {', '.join(missing)}" if missing else ""
        return [Note(f"{total}{without}")]
# --8<-- [end:caller]


# --8<-- [start:careless]
class Careless(Caller):
    """Stops waiting, but adds up what came as if it were everything."""

    def close(self) -> list[Effect]:
        self.workers = tuple(self.parts)
        return super().close()
# --8<-- [end:careless]


# --8<-- [start:silences]
def gather(silence: str = "", timeout_ms: int | None = 200,
           caller: type[Caller] = Caller, skew_ms: int = 0,
           link_ms: dict[str, int] = LINK_MS) -> Simulation:
    """One question at 100 ms, with W3 silent in one of SILENCES, or "".

    ``skew_ms`` is how far the clock of W2 is ahead. Nothing here is random.
    Raises ValueError for a silence that is not one of SILENCES.
    """
    if silence not in ("", *SILENCES):
        raise ValueError(f"unknown silence {silence!r}: use one of {SILENCES}")

    def delay(rng, sender, to, message):
        late = silence == "late answer" and sender == "W3"
        worker = sender if sender in link_ms else to
        return (link_ms[worker] + (300 if late else 0),)

    def watch(node):
        if not isinstance(node, Caller) or not node.number:
            return ("", "")
        return ("reported" if node.report else "waiting", "")

    sim = Simulation(Random(0), delay, watch=watch)
    sim.add(caller("caller", WORKERS, timeout_ms))
    for name in WORKERS:
        clock = sim.clock(skew_ms if name == "W2" else 0)
        sim.add(Worker(name, STOCK[name], clock))
    if silence == "crash":
        sim.at(50, sim.crash, "W3")
    if silence == "question lost":
        sim.at(50, sim.cut, {"caller"}, {"W3"})
    if silence == "answer lost":
        sim.at(50, sim.cut, {"W3"}, {"caller"})
    sim.at(100, sim.call, "caller", "ask")
    return sim


def seen_by_the_caller(sim: Simulation, until_ms: int) -> tuple:
    """All that reaches the caller: what, from whom and when."""
    return tuple((event.at_ms, event.kind, event.peer, event.what)
                 for event in sim.trace
                 if event.node == "caller" and event.at_ms <= until_ms
                 and event.kind in ("received", "timeout"))
# --8<-- [end:silences]


# --8<-- [start:moved]
def moved(amount: int, source: str, to: str, at_ms: int) -> Report:
    """The report when stock moves between two workers during the question."""
    sim = gather(link_ms={"W1": 5, "W2": 13, "W3": 40})
    sim.at(at_ms, sim.call, source, "move", amount, to)
    sim.run(until_ms=1000)
    return sim.nodes["caller"].report
# --8<-- [end:moved]


# --8<-- [start:suspects]
def patience(timeout_ms: float, median_ms: float, spread: float) -> float:
    """The timeout in standard deviations of the logarithm of a round trip."""
    if min(timeout_ms, median_ms, spread) <= 0:
        raise ValueError("timeout, median and spread must be more than 0")
    return log(timeout_ms / median_ms) / spread


def suspects(timeout_ms: float, rng: Random, asks: int = 200_000,
             median_ms: float = 50, spread: float = 0.8) -> float:
    """The share of answers of a healthy worker that miss the timeout.

    Round trips are lognormal; spread is the deviation of their logarithm.
    """
    limit, late = patience(timeout_ms, median_ms, spread), 0
    for _ in range(asks):
        size = sqrt(-2 * log(1.0 - rng.random()))  # Box and Muller, 1958
        late += size * cos(2 * pi * rng.random()) > limit
    return late / asks


def suspects_formula(timeout_ms: float, median_ms: float = 50,
                     spread: float = 0.8) -> float:
    """The same share, exactly: the upper tail of the normal distribution."""
    return erfc(patience(timeout_ms, median_ms, spread) / sqrt(2)) / 2
# --8<-- [end:suspects]


def demo(silence: str = "late answer") -> Simulation:
    """The run of the page: W3 is silent past the deadline at 300 ms."""
    sim = gather(silence)
    sim.run(until_ms=500)
    return sim


if __name__ == "__main__":
    print("all well:", demo("").nodes["caller"].report)
    #> all well: Report(total=300, missing=())

    hung = gather("crash", timeout_ms=None)
    last = hung.run(until_ms=3_600_000)[-1]
    print("no timeout: the last event is", last.kind, "at", last.at_ms, "ms")
    #> no timeout: the last event is received at 126 ms
    print("report after an hour:", hung.nodes["caller"].report)
    #> report after an hour: None

    for silence in SILENCES:
        said = [f"{event.at_ms} ms: {event.what}"
                for event in demo(silence).trace if event.kind == "note"]
        print(f"{silence:13}", *said, sep=" | ")
        #> crash         | 300 ms: 200 without W3
        #> question lost | 300 ms: 200 without W3
        #> answer lost   | 300 ms: 200 without W3
        #> late answer   | 300 ms: 200 without W3 | 422 ms: too late: W3
    views = {seen_by_the_caller(demo(each), 300) for each in SILENCES}
    print("different views of the caller until 300 ms:", len(views))
    #> different views of the caller until 300 ms: 1

    careless = gather("crash", caller=Careless)
    careless.run(until_ms=500)
    print("careless:", careless.nodes["caller"].report)
    #> careless: Report(total=200, missing=())

    slow = gather(skew_ms=-40)
    slow.run(until_ms=500)
    stamp = slow.nodes["caller"].parts["W2"].stamped_ms
    print("asked at 100 ms; by its own clock W2 answers at", stamp, "ms")
    #> asked at 100 ms; by its own clock W2 answers at 73 ms
    print("40 moved after W1 counted:", moved(40, "W1", "W3", at_ms=106))
    #> 40 moved after W1 counted: Report(total=340, missing=())
    print("40 moved before W3 counted:", moved(40, "W3", "W1", at_ms=106))
    #> 40 moved before W3 counted: Report(total=260, missing=())

    rng = Random(23)
    for timeout_ms in (100, 200, 500, 1000):
        run, exact = suspects(timeout_ms, rng), suspects_formula(timeout_ms)
        print(f"{timeout_ms:4} ms: suspects {run:.3%}, by formula {exact:.3%}")
        #>  100 ms: suspects 19.355%, by formula 19.313%
        #>  200 ms: suspects 4.163%, by formula 4.156%
        #>  500 ms: suspects 0.203%, by formula 0.200%
        #> 1000 ms: suspects 0.011%, by formula 0.009%
