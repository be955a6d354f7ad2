"""Three hosts in one kernel, without root: python -m tests.production.hosts ETCD FOLDER PROGRAM.

Each host is a network namespace with an address of its own, on one bridge. A partition is a route
that drops packets in the kernel, as a broken switch would. Started by ``alone()`` in namespaces that hide all
of it from the machine; an etcd member on each host, and the program of snippets/production that is asked for
faults, in front of them.
"""

import subprocess
import sys
from functools import partial
from pathlib import Path

from tests.production.etcd import member
from tests.production.servers import ended, play

HOSTS = {"n1": "10.77.0.1", "n2": "10.77.0.2", "n3": "10.77.0.3"}
ALONE = ["unshare", "--user", "--map-root-user", "--net", "--mount"]


def refused() -> str:
    """Why this machine gives nobody such namespaces, or nothing."""
    try:
        done = subprocess.run([*ALONE, "sh", "-ec", SWITCH], capture_output=True, text=True)
    except FileNotFoundError:
        return "there is no 'unshare' (util-linux)"
    return done.stderr.strip() if done.returncode else ""


def alone(*words) -> subprocess.CompletedProcess:
    """Run this module in namespaces of its own."""
    command = [*ALONE, sys.executable, "-m", "tests.production.hosts", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])


SWITCH = """mount -t tmpfs tmpfs /run
mkdir /run/netns
ip link set lo up
ip link add br0 type bridge
ip link set br0 up
ip addr add 10.77.0.254/24 dev br0
"""
HOST = """ip netns add {name}
ip link add to-{name} type veth peer name eth0 netns {name}
ip link set to-{name} master br0 up
ip -n {name} addr add {address}/24 dev eth0
ip -n {name} link set eth0 up
ip -n {name} link set lo up
"""


def sh(text: str) -> None:
    subprocess.run(["sh", "-ec", text], check=True)


def between(one: str, others, what: str) -> None:
    """``add`` or ``del`` a black hole for packets between a host and the others, both ways."""
    for other in others:
        sh(f"ip -n {one} route {what} blackhole {HOSTS[other]}/32\nip -n {other} route {what} blackhole {HOSTS[one]}/32")


class Members(list):
    def kill9(self) -> None:
        for each in self:
            each.kill9()


def main(etcd: str, folder: str, program: str) -> None:
    sh(SWITCH + "".join(HOST.format(name=name, address=address) for name, address in HOSTS.items()))
    urls = {name: f"http://{address}" for name, address in HOSTS.items()}
    peers = {name: f"{url}:2380" for name, url in urls.items()}
    with ended(
        Members(
            member(["ip", "netns", "exec", name, etcd], Path(folder), name, f"{url}:2379", peers[name], peers)
            for name, url in urls.items()
        )
    ) as members:
        for each in members:
            each.ready()
        faults = {
            "cut n3 off the other members": partial(between, "n3", ("n1", "n2"), "add"),
            "mend the links of n3": partial(between, "n3", ("n1", "n2"), "del"),
        }
        endpoints = ",".join(f"{url}:2379" for url in urls.values())
        print("\n".join(play(program, {"ETCD_ENDPOINTS": endpoints}, faults)))


if __name__ == "__main__":
    main(*sys.argv[1:])
