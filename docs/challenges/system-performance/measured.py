from functools import cache
from random import Random

from snippets.challenges import system_performance as program
from tools.measure import Paper, Table


@cache
def points():
    return tuple(program.demo())


@cache
def server(rho, n):
    return program.measure(Random(7), rho, n)


@cache
def pool(servers, rho, n):
    """Share of requests that wait, and the mean response, with one line."""
    rng = Random(7)
    arrivals = program.poisson(rng, servers * rho, n)
    services = program.exponential(rng, 1, n)
    took = program.responses(arrivals, program.serve(arrivals, services, servers))
    waited = sum(t > s + 1e-9 for t, s in zip(took, services, strict=True))
    return waited / n, program.mean(took)


def fixed(rho, n):
    arrivals = program.poisson(Random(7), rho, n)
    return program.mean(program.responses(arrivals, program.serve(arrivals, [1.0] * n))) - 1


@cache
def little():
    rng, n = Random(7), 50_000
    arrivals = program.poisson(rng, 0.8, n)
    departures = program.serve(arrivals, program.exponential(rng, 1, n))
    found = program.mean_in_system(arrivals, departures)
    return found, n / departures[-1] * program.mean(program.responses(arrivals, departures))


def paper():
    found, product = little()
    three = "three standard errors"
    return [
        Paper(
            key="kleinrock1975queueing",
            place="chapter 3, M/M/1",
            claim="mean response time at 80% utilisation, in service times",
            said=program.mm1(0.8),
            got=server(0.8, 200_000).response,
            tolerance=3 * program.error(0.8, 200_000) * 5,
            show="{:.2f}",
            note=f"200,000 requests; {three}",
        ),
        Paper(
            key="kleinrock1975queueing",
            place="chapter 3, M/M/1",
            claim="the same at 90%",
            said=program.mm1(0.9),
            got=server(0.9, 300_000).response,
            tolerance=3 * program.error(0.9, 300_000) * 10,
            show="{:.2f}",
            note=f"300,000 requests; {three}",
        ),
        Paper(
            key="erlang1917solution",
            place="the formula for waiting",
            claim="chance to wait, 10 servers, one line, 90%",
            said=program.erlang_c(10, 0.9),
            got=pool(10, 0.9, 200_000)[0],
            tolerance=0.02,
            show="{:.3f}",
            note="200,000 requests; three times the spread of eight seeds",
        ),
        Paper(
            key="kleinrock1975queueing",
            place="chapter 5, Pollaczek-Khinchine",
            claim="mean wait, equal services (M/D/1), 80%, in service times",
            said=program.mg1(0.8, 0) - 1,
            got=fixed(0.8, 200_000),
            tolerance=0.06,
            show="{:.2f}",
            note="200,000 requests; three times the spread of eight seeds",
        ),
        Paper(
            key="little1961proof",
            place="the theorem",
            claim="mean number in the system, counted, against rate times mean response time",
            said=product,
            got=found,
            tolerance=1e-6,
            show="{:.4f}",
            note="an identity for every run that begins and ends empty",
        ),
    ]


def tables():
    stick = [
        (
            f"{p.rho:.0%}",
            f"{program.mm1(p.rho):.0f}",
            f"{p.response:.1f} ± {program.error(p.rho, p.requests):.0%}",
            f"{program.mm1_percentile(p.rho, 0.99):.1f}",
            f"{p.p99:.1f}",
            f"{p.throughput:.3f}",
            f"{p.requests:,}",
        )
        for p in points()
    ]

    luck = sorted(program.measure(Random(seed), 0.99, 100_000).response for seed in range(1, 9))
    spread = [("99%", "100", *(f"{response:.0f}" for response in luck))]

    pools = []
    for servers, rho in ((1, 0.9), (2, 0.9), (10, 0.9), (100, 0.9), (10, 0.99)):
        run = (
            f"{pool(servers, rho, 200_000)[1]:.2f}" if rho == 0.9 else "not run: too slow to settle"
        )
        pools.append(
            (
                str(servers),
                f"{rho:.0%}",
                f"{program.erlang_c(servers, rho):.3f}",
                f"{program.mmc(servers, rho):.2f}",
                run,
            )
        )

    return {
        "stick": Table(
            (
                "utilisation",
                "mean: formula",
                "mean: run",
                "p99: formula",
                "p99: run",
                "served per service time",
                "requests",
            ),
            tuple(stick),
            "rrrrrrr",
        ),
        "luck": Table(
            ("utilisation", "formula", *(f"run {i}" for i in range(1, 9))), tuple(spread), "r" * 10
        ),
        "pool": Table(
            ("servers", "utilisation", "chance to wait", "mean response: formula", "run"),
            tuple(pools),
            "rrrrr",
        ),
    }
