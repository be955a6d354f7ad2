"""HAProxy and nginx share requests out among unequal servers as our simulation does."""

from random import Random

import pytest

from snippets.optimizations import load_balancing as simulation
from tests.production.servers import ended, free_port, play, said
from tools.programs import ROOT, read

NAME = "load_balancing_proxies"
USUAL = [*range(8001, 8004), *range(9001, 9004)]


def configuration(name: str, ports: list[int]) -> str:
    """The file a reader sees, with free ports in place of the usual ones."""
    text = read(ROOT / "snippets" / "production" / name)
    for usual, port in zip(USUAL, ports, strict=True):
        assert f":{usual}" in text
        text = text.replace(f"127.0.0.1:{usual}", f"127.0.0.1:{port}")
    return text


@pytest.fixture
def balancers(start_haproxy, start_nginx):
    """The ports of both balancers and of the three servers, as the program reads them."""
    servers = [free_port() for _ in range(3)]
    haproxy, nginx = ([free_port() for _ in range(3)] for _ in range(2))
    with ended(
        start_haproxy(configuration("load_balancing_haproxy.cfg", haproxy + servers), haproxy[0]),
        start_nginx(configuration("load_balancing_nginx.conf", nginx + servers), nginx[0]),
    ):
        named = {"HAPROXY_PORTS": haproxy, "NGINX_PORTS": nginx, "SERVER_PORTS": servers}
        yield {name: ",".join(map(str, ports)) for name, ports in named.items()}


def test_it_prints_what_its_comments_say(balancers):
    assert play(NAME, balancers) == said(NAME)


@pytest.mark.parametrize(
    ("pick", "looks"),
    [
        (simulation.round_robin(), False),
        (simulation.least_connections(), True),
        (simulation.best_of(Random(1), 2), True),
    ],
    ids=["round robin", "least connections", "two choices"],
)
def test_our_simulation_of_the_same_says_the_same(pick, looks):
    speeds, sent = (10, 10, 1), [0, 0, 0]

    def counting(up, queue, client):
        server = pick(up, queue, client)
        sent[server] += 1
        return server

    calls = simulation.workload(Random(1), 3000, 0.6, speeds, work=lambda rng: simulation.MEAN_MS)
    simulation.serve(calls, counting, speeds)
    if looks:
        assert 2 * sent[2] < min(sent[:2])
    else:
        assert sent == [1000, 1000, 1000]


@pytest.mark.parametrize("name", ["load_balancing_haproxy.cfg", "load_balancing_nginx.conf"])
def test_the_page_shows_the_configuration_that_was_tested(name):
    page = ROOT / "docs" / "optimizations" / "load-balancing" / "index.md"
    assert f'--8<-- "production/{name}"' in read(page)
