"""A new leader has every write that the old one acknowledged."""

import httpx
import pytest

from snippets.production import raft_etcd as program
from tests.production.servers import play, said, until

NAME = "raft_etcd"


def test_it_prints_what_its_comments_say(etcd_cluster):
    killed = []

    def kill():
        name = until(etcd_cluster.leader, "there is a leader")
        killed.append(etcd_cluster.members[name])
        killed[0].kill9()

    assert play(
        NAME,
        {"ETCD_ENDPOINTS": ",".join(etcd_cluster.urls.values())},
        {"kill -9 the leader": kill, "start it again": lambda: killed[0].start()},
    ) == said(NAME)


def test_with_two_of_three_killed_nothing_is_acknowledged(etcd_cluster, monkeypatch):
    """The majority is what makes it safe, so without one it stops."""
    monkeypatch.setattr(program, "MEMBERS", list(etcd_cluster.urls.values()))
    monkeypatch.setattr(program, "SECONDS", 5)
    program.write("w0")
    etcd_cluster.members["n1"].kill9()
    etcd_cluster.members["n2"].kill9()
    with pytest.raises(TimeoutError):
        program.write("w1")
    with pytest.raises(httpx.HTTPError):
        program.call(etcd_cluster.urls["n1"], "kv/put")
    monkeypatch.setattr(program, "SECONDS", 60)
    etcd_cluster.members["n1"].start()
    program.write("w2")
    assert program.written() >= 2
