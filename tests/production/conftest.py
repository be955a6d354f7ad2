"""Fixtures: a server is started by the first test of a worker that asks for it, and kept.

A test that kills, cuts off or reconfigures a server starts its own with the factories.
"""

import os
import shutil
import subprocess
from itertools import count
from pathlib import Path

import psycopg
import pytest
import redis

from tests.production.servers import Server, binary, ended, free_port


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
