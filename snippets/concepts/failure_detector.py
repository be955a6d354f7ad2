"""Failure detectors: silence becomes suspicion, by a timeout, by phi, by SWIM.

Source: Chandra and Toueg, "Unreliable Failure Detectors for Reliable
Distributed Systems", 1996 (completeness and accuracy); Hayashibara, Defago,
Yared and Katayama, "The phi Accrual Failure Detector", 2004; Das, Gupta and
Motivala, "SWIM", 2002 (ping, ping-req, suspicion); Dadgar, Phillips and
Currey, "Lifeguard", 2017 (the suspicion timeout).
Guarantee: a crashed process is suspected in the end (completeness). None of
them is accurate: each suspects a healthy process some day.
Assumes that processes crash and stay down; periods in step for SWIM.
Left out: SWIM's dissemination, which is taken to be instant (see gossip),
incarnation numbers, joining.
"""

from collections import deque
from math import cos, erfc, exp, log, log10, pi, sqrt
from random import Random


# --8<-- [start:phi]
def phi_normal(elapsed: float, mean: float, deviation: float) -> float:
    """-log10 of the chance that a heartbeat comes later than this, if the
    gaps between heartbeats are normal. Hayashibara et al. 2004."""
    later = erfc((elapsed - mean) / deviation / sqrt(2)) / 2
    return -log10(later) if later > 0 else float("inf")


def phi_akka(elapsed: float, mean: float, deviation: float) -> float:
    """The same by the logistic approximation that Akka computes."""
    y = (elapsed - mean) / deviation
    e = exp(min(700.0, -y * (1.5976 + 0.070566 * y * y)))
    return 0.0 - log10(e / (1 + e) if elapsed > mean else 1 - 1 / (1 + e))


def phi_exponential(elapsed: float, mean: float) -> float:
    """The same for exponential gaps, as Cassandra has it."""
    return elapsed / mean / log(10)
# --8<-- [end:phi]


# --8<-- [start:detectors]
class Fixed:
    """The naive detector: suspect after timeout_ms without a heartbeat."""

    def __init__(self, timeout_ms: float):
        self.timeout_ms = timeout_ms

    def heartbeat(self, gap_ms: float) -> float:
        """Told the gap since the last one; how long may the next take?"""
        return self.timeout_ms


class Phi:
    """Suspect when phi reaches the threshold; the gaps are normal."""

    def __init__(self, threshold: float, window: int = 200,
                 least_ms: float = 10.0):
        self.gaps, self.window, self.least_ms = deque(), window, least_ms
        low, high = -40.0, 40.0  # how many deviations phi = threshold is
        for _ in range(60):
            middle = (low + high) / 2
            enough = phi_normal(middle, 0.0, 1.0) >= threshold
            low, high = (low, middle) if enough else (middle, high)
        self.deviations, self.total, self.squares = high, 0.0, 0.0

    def heartbeat(self, gap_ms: float) -> float:
        self.gaps.append(gap_ms)
        self.total += gap_ms
        self.squares += gap_ms * gap_ms
        if len(self.gaps) > self.window:
            old = self.gaps.popleft()
            self.total -= old
            self.squares -= old * old
        mean = self.total / len(self.gaps)
        variance = max(0.0, self.squares / len(self.gaps) - mean * mean)
        # Few equal gaps have no deviation, and the next would be too late.
        return mean + self.deviations * max(self.least_ms, sqrt(variance))


class Exponential(Phi):
    """Cassandra's phi: only the mean gap counts."""

    def __init__(self, threshold: float, window: int = 200):
        super().__init__(threshold, window)
        self.factor = threshold * log(10)

    def heartbeat(self, gap_ms: float) -> float:
        super().heartbeat(gap_ms)
        return self.factor * self.total / len(self.gaps)
# --8<-- [end:detectors]


# --8<-- [start:monitor]
# Delays are lognormal: (median in ms, deviation of the logarithm), for so
# many heartbeats each, again and again.
STEADY = ((20.0, 0.5),)
CHANGING = ((10.0, 0.3), (60.0, 0.9))


def lognormal(rng: Random, median_ms: float, spread: float) -> float:
    radius = sqrt(-2.0 * log(1.0 - rng.random()))
    return median_ms * exp(spread * radius * cos(2 * pi * rng.random()))


def monitor(detector, network, beats: int, rng: Random,
            interval_ms: float = 100.0, stretch: int = 1000) -> dict:
    """One process sends heartbeats, another one listens.

    Returned are mistakes, the suspicions of a healthy process an hour, and
    detect_ms, how long after a crash it is suspected, if it crashes right
    after a heartbeat: the mean over all heartbeats.
    """
    if beats < 2 or interval_ms <= 0 or stretch < 1 or not network:
        raise ValueError("use two heartbeats or more, a positive interval, "
                         "and a network with at least one kind of delay")
    mistakes, waited, counted = 0, 0.0, 0
    last_ms = due_ms = None
    for beat in range(beats):
        kind = network[beat // stretch % len(network)]
        at_ms = beat * interval_ms + lognormal(rng, *kind)
        if last_ms is None:
            due_ms = at_ms + 1000.0 + interval_ms
        elif at_ms <= last_ms:
            continue  # overtaken by a later one: it says nothing new
        else:
            mistakes += at_ms > due_ms
            due_ms = at_ms + detector.heartbeat(at_ms - last_ms)
        last_ms = at_ms
        waited += due_ms - beat * interval_ms
        counted += 1
    hours = beats * interval_ms / 3_600_000
    return {"mistakes": mistakes / hours, "detect_ms": waited / counted}
# --8<-- [end:monitor]


# --8<-- [start:swim]
def simulate(n: int, rng: Random, k: int = 3, loss: float = 0.0,
             suspicion: int = 0, periods: int = 100,
             crash: bool = True) -> dict:
    """SWIM, in periods: each member pings one other at random.

    k          members that are asked to ping it if no answer comes
    loss       the chance that any one message is lost
    suspicion  periods a suspected member has to answer somebody. 0: a
               member without an answer is declared failed at once
    crash      member 0 is down from the beginning

    Returned are first_detection, periods until a member declares it failed
    (None: not in this run); suspicions and false_positives, healthy members
    suspected and declared failed, a member and period; messages, those
    sent, a member and period. A member declared failed by mistake stays.
    """
    if n < 3 or not 0 <= k <= n - 2 or not 0 <= loss < 1:
        raise ValueError(f"n={n}, k={k}, loss={loss}: use 3 members or more,"
                         " helpers among the others, a loss below 1")
    if suspicion < 0 or periods < 1:
        raise ValueError(f"suspicion={suspicion}, periods={periods}: "
                         "use 0 or more, and at least one period")
    up = range(1 if crash else 0, n)
    suspected = {}  # member: the period in which it is declared failed
    first, sent, suspicions, false = None, 0, 0, 0

    def arrives() -> bool:
        nonlocal sent
        sent += 1
        return rng.random() >= loss

    def other(*not_these) -> int:
        while (member := int(rng.random() * n)) in not_these:
            pass
        return member

    def ping(target) -> bool:
        return arrives() and target in up and arrives()

    def declare(target, period):
        nonlocal first, false
        del suspected[target]
        if target in up:
            false += 1
        elif first is None:
            first = period

    for period in range(1, periods + 1):
        for member in up:
            target = other(member)
            answered = ping(target)
            if not answered:
                helpers = []
                while len(helpers) < k:
                    helpers.append(other(member, target, *helpers))
                # All are asked at once, so none is spared.
                answered = any([arrives() and helper in up and ping(target)
                                and arrives() for helper in helpers])
            if answered:
                suspected.pop(target, None)
            elif target not in suspected:
                suspected[target] = period + suspicion
                suspicions += target in up
                if not suspicion:  # nobody may answer for it
                    declare(target, period)
        for target, due in list(suspected.items()):
            if due == period:
                declare(target, period)
    share = len(up) * periods
    return {"first_detection": first, "suspicions": suspicions / share,
            "false_positives": false / share, "messages": sent / share}
# --8<-- [end:swim]


# --8<-- [start:formulas]
def expected_detection(n: int) -> float:
    """Periods until one of n - 1 members pings the crashed one; tends to
    e / (e - 1). Das et al. 2002, section 3.1."""
    return 1 / (1 - (1 - 1 / (n - 1)) ** (n - 1))


def no_answer(loss: float, k: int) -> float:
    """Chance that a healthy member is not heard by ping and k ping-reqs."""
    heard = 1 - loss
    return (1 - heard ** 2) * (1 - heard ** 4) ** k


def suspicion_ms(confirmations: int, k: int, least: float,
                 most: float) -> float:
    """Lifeguard: how long to wait, after so many independent suspicions.

    ``k`` confirmations bring it down to the least; any unit.
    """
    if k < 1 or confirmations < 0 or not 0 < least <= most:
        raise ValueError(f"k={k}, {confirmations} confirmations, {least} to "
                         f"{most}: use k of 1 or more, and a rising range")
    share = log(confirmations + 1) / log(k + 1)
    return max(least, most - (most - least) * share)
# --8<-- [end:formulas]


# --8<-- [start:demo]
TIMEOUTS_MS = (150, 200, 300, 400, 600, 800, 1200)
THRESHOLDS = (1, 2, 3, 5, 8, 12)


def demo(beats: int = 20_000) -> dict[str, list]:
    """The trade-off on the changing network: (setting, result) by kind."""
    def run(kind, settings):
        return [(s, monitor(kind(s), CHANGING, beats, Random(1)))
                for s in settings]

    return {"timeout": run(Fixed, TIMEOUTS_MS), "phi": run(Phi, THRESHOLDS)}
# --8<-- [end:demo]


def swim(runs: int, seed: int, n: int, **options) -> dict:
    """Means of simulate over so many runs; of the detections there were."""
    rng = Random(seed)
    found = [simulate(n, rng, **options) for _ in range(runs)]
    means = {}
    for name in found[0]:
        values = [run[name] for run in found if run[name] is not None]
        means[name] = sum(values) / len(values) if values else None
    return means


if __name__ == "__main__":
    print("a heartbeat every 100 ms; suspicions of a healthy process an hour")
    #> a heartbeat every 100 ms; suspicions of a healthy process an hour
    for name, network in ("steady", STEADY), ("changing", CHANGING):
        for kind, setting in (Fixed, 200), (Fixed, 600), (Phi, 3), (Phi, 8):
            run = monitor(kind(setting), network, 20_000, Random(1))
            wrong, late = run["mistakes"], run["detect_ms"]
            label = f"{name:8} {kind.__name__:5} {setting:3}"
            print(f"{label}: {wrong:6.1f}, a crash seen after {late:.0f} ms")
            #> steady   Fixed 200:    1.8, a crash seen after 223 ms
            #> steady   Fixed 600:    0.0, a crash seen after 623 ms
            #> steady   Phi     3:  253.8, a crash seen after 176 ms
            #> steady   Phi     8:    1.8, a crash seen after 219 ms
            #> changing Fixed 200: 2124.0, a crash seen after 250 ms
            #> changing Fixed 600:  124.2, a crash seen after 650 ms
            #> changing Phi     3:  459.0, a crash seen after 335 ms
            #> changing Phi     8:  187.2, a crash seen after 476 ms
    for t in 1000, 1200, 1400, 1600:
        exact, akka = phi_normal(t, 1000, 100), phi_akka(t, 1000, 100)
        print(f"{t} ms: phi {exact:.3f}, Akka's {akka:.3f}")
        #> 1000 ms: phi 0.301, Akka's 0.301
        #> 1200 ms: phi 1.643, Akka's 1.643
        #> 1400 ms: phi 4.499, Akka's 4.737
        #> 1600 ms: phi 9.006, Akka's 10.783
    print(f"exponential: phi 8 is {8 * log(10):.1f} mean gaps")
    #> exponential: phi 8 is 18.4 mean gaps
    for n in 10, 50, 150:
        run = swim(80, 1, n, periods=8)
        seen, sent = run["first_detection"], run["messages"]
        print(f"SWIM, {n:3}: seen after {seen:.2f} periods, {sent:.2f} sent")
        #> SWIM,  10: seen after 1.61 periods, 2.55 sent
        #> SWIM,  50: seen after 1.38 periods, 2.11 sent
        #> SWIM, 150: seen after 1.50 periods, 2.03 sent
    print(f"e / (e - 1) = {exp(1) / (exp(1) - 1):.2f}")
    #> e / (e - 1) = 1.58
    print("10% lost; share of the probes that fail a healthy member")
    #> 10% lost; share of the probes that fail a healthy member
    for k, suspicion in (0, 0), (1, 0), (3, 0), (3, 3):
        run = swim(5, 1, 50, k=k, loss=0.1, suspicion=suspicion, crash=False)
        print(f"k = {k}, suspicion {suspicion}: {run['false_positives']:.2%}")
        #> k = 0, suspicion 0: 19.30%
        #> k = 1, suspicion 0: 6.42%
        #> k = 3, suspicion 0: 0.79%
        #> k = 3, suspicion 3: 0.01%
