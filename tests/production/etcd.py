"""One member of an etcd cluster, wherever its addresses are."""

import base64
from functools import partial
from pathlib import Path

import httpx

from tests.production.servers import Server

http = httpx.Client(timeout=2)


def member(start: list, folder: Path, name: str, client: str, listens: str, peers: dict[str, str]) -> Server:
    """Launch a member, and don't wait: none answers before a majority is up.

    ``start`` is the program, or a command that ends with it. ``client`` and ``listens`` are the addresses for
    clients and for other members, ``peers`` those at which members look for each other.
    """
    options = {
        "name": name,
        "data-dir": folder / name / "data",
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": listens,
        "initial-advertise-peer-urls": peers[name],
        "initial-cluster": ",".join(f"{other}={url}" for other, url in peers.items()),
        "heartbeat-interval": 100,
        "election-timeout": 1000,
        "log-level": "error",
        "unsafe-no-fsync": "true",  # nothing here loses power
    }
    command = [*start, *(f"--{key}={value}" for key, value in options.items())]
    return Server(command, folder / name, partial(answers, client), wait=False)


def answers(url: str) -> None:
    """Raise unless a member answers a read that a majority has confirmed."""
    body = {"key": base64.b64encode(b"ready").decode()}
    http.post(f"{url}/v3/kv/range", json=body).raise_for_status()
