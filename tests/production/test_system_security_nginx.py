"""Mutual TLS keeps out who has no certificate of ours, and rotates without a restart."""

import os
import signal
import subprocess

import httpx
import pytest
import trustme

from snippets.production import system_security_nginx as program
from tests.production.servers import free_port, play, said, until
from tools.programs import ROOT, read

NAME = "system_security_nginx"
CONFIGURATION = ROOT / "snippets" / "production" / f"{NAME}.conf"


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def start(start_nginx, port, tmp_path):
    """start(configuration) -> Server in tmp_path; killed at the end."""
    started = []

    def start(text=None):
        text = text or read(CONFIGURATION)
        assert ":8443 " in text
        started.append(start_nginx(text.replace(":8443", f":{port}"), port, tmp_path))
        return started[-1]

    start.started = started
    yield start
    for server in started:
        server.kill9()


def test_it_prints_what_its_comments_say(start, port, tmp_path):
    def hup():
        os.kill(start.started[0].process.pid, signal.SIGHUP)

    assert play(
        NAME,
        {"TLS_PORT": str(port), "TLS_FOLDER": str(tmp_path)},
        {
            "start nginx with system_security_nginx.conf in this folder": start,
            "send nginx the signal HUP": hup,
        },
    ) == said(NAME)
    assert start.started[0].process.poll() is None, "rotation must not end the process"


@pytest.fixture
def folder(tmp_path, port, monkeypatch):
    """The files of the program, for a client in this process."""
    monkeypatch.setattr(program, "FOLDER", tmp_path)
    monkeypatch.setattr(program, "PORT", port)
    ours = trustme.CA()
    ours.cert_pem.write_to_path(tmp_path / "authority.pem")
    program.issue(ours, "server")
    return tmp_path, ours


def test_without_verification_everybody_gets_in(start, folder):
    """So it is ssl_verify_client that keeps them out."""
    path, _ = folder
    start(read(CONFIGURATION).replace("ssl_verify_client on;", ""))
    theirs = program.issue(trustme.CA(), "mallory")
    assert program.ask(path / "authority.pem") == "200 OK"
    assert program.ask(path / "authority.pem", theirs) == "200 OK"


def test_a_server_whose_certificate_has_expired_is_refused_by_its_clients(start, folder):
    path, ours = folder
    program.issue(ours, "server", days=-1)
    start()
    answer = program.ask(path / "authority.pem", program.issue(ours, "ann"))
    assert answer == "the client refuses the server"


def test_a_connection_that_is_open_outlives_the_rotation(start, folder):
    """A HUP starts new workers; the client need not notice."""
    path, ours = folder
    server = start()
    context = program.ssl.create_default_context(cafile=path / "authority.pem")
    context.load_cert_chain(program.issue(ours, "ann"))
    old = program.shown()
    with httpx.Client(verify=context) as client:
        url = f"https://127.0.0.1:{program.PORT}/"
        assert client.get(url).text == "SUCCESS"
        program.issue(ours, "server")
        os.kill(server.process.pid, signal.SIGHUP)
        assert program.until_another(old)
        assert client.get(url).text == "SUCCESS"


def test_a_file_that_is_rewritten_within_its_second_is_not_noticed(start, folder):
    """Why the program replaces the file: nginx would keep the certificate it has."""
    path, ours = folder
    server, file = start(), path / "server.pem"
    old, stat = program.shown(), file.stat()
    text = program.issue(ours, "another").read_bytes()
    file.write_bytes(text)  # the same file, and by its time unchanged
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    workers = children(server)
    os.kill(server.process.pid, signal.SIGHUP)
    until(lambda: children(server) - workers, "a new worker has read the files")
    until(lambda: not children(server) & workers, "the old worker is gone")
    assert program.shown() == old
    (path / "new").write_bytes(text)
    (path / "new").replace(file)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    os.kill(server.process.pid, signal.SIGHUP)
    assert program.until_another(old)


def children(server) -> set[int]:
    """The process numbers of the workers."""
    listed = subprocess.run(["ps", "-A", "-o", "ppid=,pid="], capture_output=True, text=True)
    pairs = [line.split() for line in listed.stdout.splitlines()]
    return {int(pid) for parent, pid in pairs if int(parent) == server.process.pid}


def test_the_page_shows_the_configuration_that_was_tested():
    page = ROOT / "docs" / "challenges" / "system-security" / "index.md"
    assert f'--8<-- "production/{CONFIGURATION.name}"' in read(page)
