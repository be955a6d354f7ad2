"""Fixtures: a server is started by the first test of a worker that asks for it, and kept.

A test that kills, cuts off or reconfigures a server starts its own with the factories.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
from functools import partial
from itertools import count
from pathlib import Path

import httpx
import psycopg
import pytest
import redis

from tests.production.etcd import http, member
from tests.production.servers import FaultProxy, Server, binary, ended, free_port


@pytest.fixture(scope="session")
def mode(request) -> str:
    return request.config.getoption("--servers")


# --------------------------------------------------------------------------- Valkey


@pytest.fixture(scope="session")
def start_valkey(mode, tmp_path_factory):
    """start_valkey("--replicaof", ...) -> Server; its url and port are attributes."""
    program = binary("valkey", mode)

    def start(*options):
        port, folder = free_port(), tmp_path_factory.mktemp("valkey")
        url = f"redis://127.0.0.1:{port}"
        client = redis.Redis.from_url(url, retry=None)
        server = Server(
            [
                *(program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder),
                # A replica gets its copy at once; the default waits 5 s for more replicas.
                *("--repl-diskless-sync-delay", "0", *options),
            ],
            folder,
            client.ping,
        )
        server.port, server.url = port, url
        return server

    return start


@pytest.fixture(scope="session")
def valkey_server(start_valkey):
    with ended(start_valkey("--databases", "1000")) as server:
        server.databases = count()
        yield server


@pytest.fixture
def valkey(valkey_server) -> str:
    """The address of an empty database of its own."""
    return f"{valkey_server.url}/{next(valkey_server.databases)}"


# ----------------------------------------------------------------------- PostgreSQL


def not_root() -> list[str]:
    """PostgreSQL refuses user 0. In a namespace of its own it sees another number."""
    return ["unshare", "--user", "--map-user=1000"] if os.geteuid() == 0 else []


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url, autocommit=True, connect_timeout=5)


@pytest.fixture(scope="session")
def postgresql_template(mode, tmp_path_factory) -> tuple[Path, Path]:
    """The folder of the binaries, and a fresh data folder to copy."""
    programs, data = binary("postgresql", mode).parent, tmp_path_factory.mktemp("pg") / "data"
    command = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    command += ["--no-sync", "--no-locale"]
    done = subprocess.run([*not_root(), *map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return programs, data


@pytest.fixture(scope="session")
def start_postgresql(postgresql_template, tmp_path_factory):
    """start_postgresql("wal_level=logical", data=folder) -> Server, with url and port."""
    programs, template = postgresql_template

    def start(*settings, data: Path | None = None):
        port, folder = free_port(), tmp_path_factory.mktemp("postgresql")
        if data is None:
            data = folder / "data"
            shutil.copytree(template, data)
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        settings = (
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "shared_buffers=16MB",
            # Nothing here loses power: what a killed process has written, the kernel has.
            "fsync=off",
            *settings,
        )
        command = [*not_root(), programs / "postgres", "-D", data, "-p", port]
        for setting in settings:
            command += ["-c", setting]
        server = Server(command, folder, lambda: connect(url).close())
        server.port, server.url, server.programs = port, url, programs
        return server

    return start


@pytest.fixture(scope="session")
def postgresql_server(start_postgresql):
    with ended(start_postgresql("wal_level=logical", "max_prepared_transactions=10")) as server:
        server.databases = count()
        yield server


@pytest.fixture
def postgresql(postgresql_server) -> str:
    """The address of an empty database of its own."""
    name = f"test{next(postgresql_server.databases)}"
    with connect(postgresql_server.url) as connection:
        connection.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
    return postgresql_server.url.removesuffix("postgres") + name


# ----------------------------------------------------------------------------- etcd


class Etcd:
    """A cluster, each member behind a proxy that knows who is calling."""

    def __init__(self, program: Path, folder: Path, names=("n1", "n2", "n3")):
        self.names = names
        peers = {name: free_port() for name in self.names}
        self.links = {name: FaultProxy(peers[name], self.caller) for name in self.names}
        self.urls = {name: f"http://127.0.0.1:{free_port()}" for name in self.names}
        known = {name: f"http://127.0.0.1:{link.port}" for name, link in self.links.items()}
        self.ids = {}
        self.members = {
            name: member([program], folder, name, url, f"http://127.0.0.1:{peers[name]}", known)
            for name, url in self.urls.items()
        }
        for server in self.members.values():  # no member answers before two are up
            server.ready()
        answer = http.post(f"{self.urls['n1']}/v3/cluster/member/list", json={}).json()
        self.ids = {f"{int(m['ID']):x}": m["name"] for m in answer["members"]}

    def caller(self, data: bytes) -> str:
        """etcd's members say in a header of each connection who they are."""
        match = re.search(rb"X-Server-From: (\w+)", data, re.I)
        return match[1].decode() if match else "unknown"

    def isolate(self, name: str) -> None:
        """No byte passes between a member and the others, either way."""
        own = next(key for key, value in self.ids.items() if value == name)
        self.links[name].cut()
        for other in set(self.names) - {name}:
            self.links[other].cut(own)

    def mend(self) -> None:
        for link in self.links.values():
            link.heal()

    def leader(self) -> str:
        """The name of the leader as a live member sees it, or an empty string."""
        for url in self.urls.values():
            with contextlib.suppress(httpx.HTTPError):
                status = http.post(f"{url}/v3/maintenance/status", json={}).json()
                return self.ids.get(f"{int(status.get('leader', 0)):x}", "")
        return ""

    def kill9(self) -> None:
        for part in (*self.members.values(), *self.links.values()):
            part.kill9()


@pytest.fixture(scope="session")
def etcd_program(mode) -> Path:
    return binary("etcd", mode)


@pytest.fixture(scope="session")
def etcd(etcd_program, tmp_path_factory) -> str:
    """The address of a single member. A test uses keys of its own."""
    with ended(Etcd(etcd_program, tmp_path_factory.mktemp("etcd"), ("n1",))) as one:
        yield one.urls["n1"]


@pytest.fixture
def etcd_cluster(etcd_program, tmp_path):
    with ended(Etcd(etcd_program, tmp_path)) as cluster:
        yield cluster


# ----------------------------------------------------------------------------- NATS


@pytest.fixture(scope="session")
def start_nats(mode, tmp_path_factory):
    program = binary("nats", mode)

    def start():
        port, folder = free_port(), tmp_path_factory.mktemp("nats")

        def first_call():
            # The server speaks first: INFO {...}
            with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
                assert connection.recv(4) == b"INFO"

        command = [program, "-a", "127.0.0.1", "-p", port, "-js", "-sd", folder / "data"]
        server = Server(command, folder, first_call)
        server.url = f"nats://127.0.0.1:{port}"
        return server

    return start


@pytest.fixture(scope="session")
def nats_url(start_nats) -> str:
    """The address of a server that tests share; each program deletes its own stream."""
    with ended(start_nats()) as server:
        yield server.url


# ----------------------------------------------------------------- nginx and HAProxy


@pytest.fixture(scope="session")
def start_nginx(mode, tmp_path_factory):
    """start_nginx(configuration, port) -> Server; its folder is the prefix of all paths."""
    program = binary("nginx", mode)

    def start(configuration: str, port: int, folder: Path | None = None):
        folder = folder or tmp_path_factory.mktemp("nginx")
        (folder / "nginx.conf").write_text(configuration, "utf-8")
        command = [program, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]
        return Server(command, folder, partial(accepts, port))

    return start


@pytest.fixture(scope="session")
def start_haproxy(mode, tmp_path_factory):
    program = binary("haproxy", mode)

    def start(configuration: str, port: int):
        folder = tmp_path_factory.mktemp("haproxy")
        (folder / "haproxy.cfg").write_text(configuration, "utf-8")
        command = [program, "-f", folder / "haproxy.cfg", "-db"]
        return Server(command, folder, partial(accepts, port))

    return start


def accepts(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=2).close()
