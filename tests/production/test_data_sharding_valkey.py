"""Our slot of a key is the server's, and a node says MOVED for the slots of others."""

import pytest
import redis

from snippets.optimizations.data_sharding import redis_slot
from snippets.production import data_sharding_valkey as program
from tests.production.servers import ended, free_port, play, said, until

NODES = 3


@pytest.fixture(scope="module")
def cluster(start_valkey):
    """Three primaries that share the slots; each is found through any other."""
    nodes = [
        start_valkey("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
        for _ in range(NODES)
    ]
    with ended(*nodes):
        clients = [redis.Redis.from_url(node.url, decode_responses=True) for node in nodes]
        for number, client in enumerate(clients):
            first, last = (program.SLOTS * n // NODES for n in (number, number + 1))
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last - 1)
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node in nodes[1:]:
            bus = node.argv[node.argv.index("--cluster-port") + 1]
            clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", node.port, bus)

        def agreed(client):
            state = client.cluster("INFO")
            return state["cluster_state"] == "ok" and int(state["cluster_known_nodes"]) == NODES

        until(lambda: all(map(agreed, clients)), "every node knows the cluster")
        yield nodes, clients


def test_it_prints_what_its_comments_say(cluster):
    nodes, _ = cluster
    name = "data_sharding_valkey"
    for entry in nodes[:1] + nodes[-1:]:  # whichever node is asked first
        assert play(name, {"VALKEY_CLUSTER_URL": entry.url}) == said(name)


KEYS = ["foo", "", "{}x", "{a}{b}", "a{b", "a}b{c}", "{{x}}", "foo{}{bar}", "键", "x" * 300]


@pytest.mark.parametrize("key", KEYS)
def test_the_server_computes_the_same_slot(cluster, key):
    _, (client, *_) = cluster
    assert client.cluster("KEYSLOT", key) == program.slot(key.encode()) == redis_slot(key.encode())


def test_hash_tags_are_why_two_keys_share_a_slot(cluster):
    _, (client, *_) = cluster
    assert program.slot(b"ann:cart") != program.slot(b"ann:orders")
    assert {client.cluster("KEYSLOT", f"{{ann}}:{n}") for n in range(50)} == {program.slot(b"ann")}
