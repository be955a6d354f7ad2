"""The smaller side of a partition refuses, and its own copy grows old."""

import pytest

from snippets.production import quorum_etcd as program
from tests.production import hosts
from tests.production.servers import play, said, until

NAME = "quorum_etcd"


def run(cluster, cut):
    return play(
        NAME,
        {"ETCD_ENDPOINTS": ",".join(cluster.urls.values())},
        {"cut n3 off the other members": cut, "mend the links of n3": cluster.mend},
    )


def test_it_prints_what_its_comments_say(etcd_cluster):
    assert run(etcd_cluster, lambda: etcd_cluster.isolate("n3")) == said(NAME)


def test_a_leader_that_is_cut_off_stops_answering(etcd_cluster, monkeypatch):
    """It believes for a while that it leads, and still answers nothing it cannot confirm."""
    leader = until(etcd_cluster.leader, "there is a leader")
    old = etcd_cluster.urls[leader]
    other = next(url for name, url in etcd_cluster.urls.items() if name != leader)
    until(lambda: program.put(old, "color", "red"), "the leader writes")
    etcd_cluster.isolate(leader)
    assert not program.put(old, "color", "green")
    until(lambda: program.put(other, "color", "blue"), "the others elect and write")
    assert program.get(old, "color") is None
    assert program.get(old, "color", serializable=True) == "red"
    etcd_cluster.mend()
    assert program.read(old, "color") == "blue"


def test_without_the_cut_every_member_answers_with_the_newest(etcd_cluster):
    urls = etcd_cluster.urls.values()
    for number, member in enumerate(urls):
        until(lambda: program.put(member, "color", f"v{number}"), "it takes writes")  # noqa: B023
        assert {program.read(url, "color") for url in urls} == {f"v{number}"}


def test_hosts_between_which_the_kernel_drops_packets_do_the_same(etcd_program, tmp_path):
    """The proxy's cut is ours; this one is made by routes of three network namespaces."""
    if why := hosts.refused():
        pytest.skip(f"this machine gives no network namespaces: {why}")
    done = hosts.alone(etcd_program, tmp_path, NAME)
    assert (done.returncode, done.stdout.splitlines()) == (0, said(NAME)), done.stderr
