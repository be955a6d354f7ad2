"""Paper rows and tables of this page, from calls of its program."""

from math import sqrt
from random import Random

from snippets.concepts import queueing as program
from tools.measure import Paper, Table

SERVICES = {
    "exponential": (program.exponential, 1),
    "equal": (program.equal, 0),
    "uneven": (program.uneven, 2.25),
}


def run(*args, seed=7, **kwargs):
    return program.station(Random(seed), *args, **kwargs)


def paper():
    half = run(0.5, requests=200_000)
    ninety = run(0.9, requests=400_000)
    deterministic = run(0.8, 1, program.equal, requests=300_000)
    rows = [
        Paper(
            key="kleinrock1975queueing",
            place="chapter 3, M/M/1",
            claim="mean time in the system at 50, 80, 90, 95 and 99%, in service times",
            said=(2, 5, 10, 20, 100),
            got=tuple(round(program.mm1(rho), 9) for rho in (0.5, 0.8, 0.9, 0.95, 0.99)),
            note="the formula",
        ),
        Paper(
            key="kleinrock1975queueing",
            place="chapter 3, M/M/1",
            claim="mean wait at 50%, in service times, run",
            said=1.0,
            got=half.wait,
            tolerance=0.03,
            show="{:.3f}",
            note="200,000 requests; 3%",
        ),
        Paper(
            key="kleinrock1975queueing",
            place="chapter 3, M/M/1",
            claim="the same at 90%",
            said=9.0,
            got=ninety.wait,
            tolerance=0.84,
            show="{:.2f}",
            note="400,000 requests: three standard errors, planned as Whitt 1989 does",
        ),
        Paper(
            key="kleinrock1975queueing",
            place="chapter 5, Pollaczek-Khinchine",
            claim="mean wait, equal services, 80%, in service times",
            said=2.0,
            got=deterministic.wait,
            tolerance=0.06,
            show="{:.3f}",
            note="300,000 requests; 3%",
        ),
        Paper(
            key="erlang1917solution",
            place="the formula for loss",
            claim="share lost, 10 lines, 8 erlangs, conversations all of one length",
            said=program.erlang_b(10, 8),
            got=run(8, 10, program.equal, 0, requests=100_000).lost,
            tolerance=0.005,
            show="{:.2%}",
            note="100,000 calls: three standard errors",
        ),
    ]
    for servers, waits, mean in ((2, 0.8526, 4.2632), (10, 0.6687, 0.6687)):
        requests = 300_000
        got = run(0.9 * servers, servers, requests=requests)
        rows += [
            Paper(
                key="erlang1917solution",
                place="the formula for waiting",
                claim=f"share that waits, {servers} servers, 90%, run",
                said=waits,
                got=got.waited,
                tolerance=0.03 * waits,
                show="{:.3f}",
                note=f"{requests:,} requests; 3%",
            ),
            Paper(
                key="erlang1917solution",
                place="the formula for waiting",
                claim=f"mean wait, {servers} servers, 90%, in service times, run",
                said=mean,
                got=got.wait,
                tolerance=3 * sqrt(2 * 1.9 / requests) * 10 * mean,
                show="{:.3f}",
                note=f"{requests:,} requests: three standard errors",
            ),
        ]
    for beta in (0.5, 1, 2):
        load = 10_000
        rows.append(
            Paper(
                key="halfin1981heavy",
                place="proposition 1",
                claim=f"share that waits, load + {beta}√load servers, load to infinity",
                said=program.halfin_whitt(beta),
                got=program.erlang_c(program.by_square_root(load, beta), load),
                tolerance=0.002,
                show="{:.4f}",
                note="load 10,000, Erlang's formula",
            )
        )
    for load in (0.5, 0.7, 0.8, 0.9, 0.95):
        for choices in (2, 3):
            said = program.supermarket(choices, load)
            time = 3_000 if load > 0.8 else 1_000
            got = program.shop(Random(7), choices, load, time=time)[0]
            rows.append(
                Paper(
                    key="mitzenmacher2001power",
                    place="the supermarket model, n to infinity",
                    claim=f"mean time, load {load}, the shortest of {choices} queues",
                    said=said,
                    got=got,
                    tolerance=0.05 * said,
                    show="{:.3f}",
                    note="100 queues, as few as the paper simulates"
                    if choices == 2 and load == 0.5
                    else "",
                )
            )
    return rows


def tables():
    rows = []

    def add(name, said, got, error, percent=False):
        show = "{:.2%}" if percent else "{:.3f}"
        rows.append(
            (
                name,
                show.format(said),
                f"{show.format(got)} ± {show.format(error)}",
                f"{(got - said) / error:+.1f}",
            )
        )

    for load, places in ((0.5, 3), (0.95, 5), (1.2, 5), (1.2, 20)):
        got = run(load, room=places - 1)
        name = f"M/M/1/{places}, load {load}"
        add(f"{name}: lost", program.mm1k_loss(load, places), got.lost, got.error.lost, True)
        add(f"{name}: wait", program.mm1k_wait(load, places), got.wait, got.error.wait)
    for servers, load in ((2, 1), (5, 6), (50, 45)):
        got = run(load, servers, room=0)
        add(
            f"M/M/{servers}/{servers}, load {load}: lost",
            program.erlang_b(servers, load),
            got.lost,
            got.error.lost,
            True,
        )
    for servers, load in ((2, 1), (5, 4), (20, 16)):
        got = run(load, servers, requests=100_000)
        name = f"M/M/{servers}, load {load}"
        add(f"{name}: waits", program.erlang_c(servers, load), got.waited, got.error.waited, True)
        add(f"{name}: wait", program.mmc_wait(servers, load), got.wait, got.error.wait)
    for spread, (service, variance) in SERVICES.items():
        got = run(0.6, 1, service)
        add(f"M/G/1, load 0.6, {spread}", program.mg1_wait(0.6, variance), got.wait, got.error.wait)

    pool = []
    for load in (1, 10, 100, 1000):
        fewest = program.servers_for(load, 0.01)
        pool.append(
            (
                f"{load:,}",
                f"{program.by_utilisation(load):,}",
                f"{program.erlang_c(program.by_utilisation(load), load):.2%}",
                f"{fewest:,}",
                f"{load / fewest:.1%}",
                f"{(fewest - load) / sqrt(load):.2f}",
            )
        )
    return {
        "grid": Table(("model", "formula", "run ± error", "errors apart"), tuple(rows), "lrrr"),
        "pool": Table(
            (
                "load, erlangs",
                "servers at 80%",
                "of these wait",
                "servers for 1% waiting",
                "utilisation then",
                "spare, in √load",
            ),
            tuple(pool),
            "rrrrrr",
        ),
    }
