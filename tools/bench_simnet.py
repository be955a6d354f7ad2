"""How many events a second snippets.simnet runs, beside SimPy on the same workload.

    python -m tools.bench_simnet

Ten nodes in a ring. Each sends its neighbour a ping and sets a timer; a ping is answered
by a pong; a pong, or the timer, starts the next ping and sets the timer anew. Messages
take 5 to 20 ms and one in fifty is lost. Both sides draw their delays from the same
generator in the same way, and both append every sent, received and lost to a list.

Two SimPy programs are measured. ``processes`` is written as SimPy's documentation does it:
a process and a Store a node, and ``get | timer`` to wait for whichever comes first.
``callbacks`` uses SimPy as a bare event queue: closures call each other, there are no
nodes, no effects and no processes. It is the floor for what an event queue costs, and
not what one would want to read.

All three run in turn, so that each repetition sees the same machine; ratios are taken
inside a repetition.
"""

import sys
from dataclasses import dataclass
from random import Random
from statistics import median
from time import perf_counter

import simpy

from snippets.simnet import Lost, Send, SetTimer, Simulation, uniform

NODES, UNTIL_MS, RETRY_MS, REPETITIONS = 10, 10_000, 60, 15
DELAY = uniform(5, 20, loss=0.02)


@dataclass
class Node:
    id: str
    peer: str

    def start(self):
        return [Send(self.peer, "ping"), SetTimer("retry", RETRY_MS)]

    def receive(self, sender, message):
        return [Send(sender, "pong")] if message == "ping" else self.start()

    def timeout(self, timer):
        return self.start()


def simnet() -> int:
    """The number of events of one run: messages sent, received and lost."""
    sim = Simulation(Random(1), DELAY)
    for i in range(NODES):
        sim.add(Node(f"S{i}", f"S{(i + 1) % NODES}"))
    sim.run(UNTIL_MS)
    return sum(event.kind in ("sent", "received", "lost") for event in sim.trace)


def processes() -> int:
    """The same in SimPy, with a process and a Store for each node."""
    env, rng, trace = simpy.Environment(), Random(1), []
    inbox = [simpy.Store(env) for _ in range(NODES)]

    def send(sender, to, message):
        trace.append((env.now, sender, "sent", message, to))
        (delay_ms,) = DELAY(rng, sender, to, message)
        env.process(deliver(sender, to, message, delay_ms))

    def deliver(sender, to, message, delay_ms):
        yield env.timeout(delay_ms)
        if isinstance(delay_ms, Lost):
            trace.append((env.now, to, "lost", message, sender))
        else:
            inbox[to].put((sender, message))

    def node(me):
        peer, get = (me + 1) % NODES, inbox[me].get()
        send(me, peer, "ping")
        timer = env.timeout(RETRY_MS)
        while True:
            done = yield get | timer
            if get in done:
                sender, message = done[get]
                get = inbox[me].get()
                trace.append((env.now, me, "received", message, sender))
                if message == "ping":
                    send(me, sender, "pong")
                    continue
            send(me, peer, "ping")
            timer = env.timeout(RETRY_MS)

    for me in range(NODES):
        env.process(node(me))
    env.run(until=UNTIL_MS + 1)
    return len(trace)


def callbacks() -> int:
    """The same with SimPy as a bare event queue."""
    env, rng, trace, latest = simpy.Environment(), Random(1), [], [0] * NODES

    def send(sender, to, message):
        trace.append((env.now, sender, "sent", message, to))
        (delay_ms,) = DELAY(rng, sender, to, message)
        fate = "lost" if isinstance(delay_ms, Lost) else "received"

        def arrive(_):
            trace.append((env.now, to, fate, message, sender))
            if fate == "received":
                if message == "ping":
                    send(to, sender, "pong")
                else:
                    start(to)

        env.timeout(delay_ms).callbacks.append(arrive)

    def start(me):
        send(me, (me + 1) % NODES, "ping")
        latest[me] += 1
        number = latest[me]

        def expire(_):
            if latest[me] == number:
                start(me)

        env.timeout(RETRY_MS).callbacks.append(expire)

    for me in range(NODES):
        start(me)
    env.run(until=UNTIL_MS + 1)
    return len(trace)


def measure(repetitions: int = REPETITIONS) -> dict[str, list[float]]:
    """Events a second of each program, one number a repetition, interleaved."""
    rates = {program.__name__: [] for program in (simnet, processes, callbacks)}
    for _ in range(repetitions):
        for program in (simnet, processes, callbacks):
            began = perf_counter()
            events = program()
            rates[program.__name__].append(events / (perf_counter() - began))
    return rates


def spread(values: list[float], show: str) -> str:
    return f"{median(values):{show}} (from {min(values):{show}} to {max(values):{show}})"


def main() -> int:
    counts = [program() for program in (simnet, processes, callbacks)]  # and warms up
    if max(counts) > 1.02 * min(counts):
        print(f"the workloads differ: {counts} events")
        return 1
    rates = measure()
    print(f"{counts[0]:,} events a run, {REPETITIONS} runs each in turn; the median")
    for name, values in rates.items():
        print(f"{name:10} {spread(values, ',.0f')} events a second")
    for rival in ("processes", "callbacks"):
        ratios = [ours / theirs for ours, theirs in zip(rates["simnet"], rates[rival], strict=True)]
        print(f"simnet / SimPy with {rival}: {spread(ratios, '.2f')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
