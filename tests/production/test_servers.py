"""The parts that the demonstrations stand on: nothing is left behind, faults are faults."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from importlib import metadata
from types import SimpleNamespace

import psutil
import pytest

from tests.conftest import pytest_addoption
from tests.production import servers
from tests.production.servers import FIND, FaultProxy, Server, binary, ended, until
from tools import tested
from tools.programs import ROOT

# ------------------------------------------------------------------- missing servers


def test_a_missing_server_is_a_failure_where_it_is_required():
    with pytest.raises(pytest.fail.Exception, match=r"no etcd server; install requirements-test"):
        binary("etcd", "require", find=lambda: None)


def test_elsewhere_it_skips_with_one_sentence():
    with pytest.raises(pytest.skip.Exception, match=r"no etcd server; install requirements-test"):
        binary("etcd", "auto", find=lambda: None)
    with pytest.raises(pytest.skip.Exception, match="--servers=off"):
        binary("etcd", "off")


@pytest.mark.parametrize("name", FIND)
def test_the_six_servers_are_here(name, mode):
    assert os.access(binary(name, mode), os.X_OK)


def test_where_ci_is_set_servers_are_required(monkeypatch):
    """Nobody has to remember to ask for it."""
    monkeypatch.delenv("CI", raising=False)
    assert default_mode() == "auto"
    monkeypatch.setenv("CI", "true")
    assert default_mode() == "require"


def default_mode():
    given = {}
    parser = SimpleNamespace(addoption=lambda name, **more: given.update(more))
    pytest_addoption(parser)
    return given["default"]


# ------------------------------------------------------------------ nothing is left

PARENT = """
import sys, time
from pathlib import Path
from tests.production.servers import Server
program = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', " \\
    "'import time; time.sleep(600)']); time.sleep(600)"
server = Server([sys.executable, "-c", program], Path(sys.argv[1]), lambda: None)
print(server.process.pid, flush=True)
time.sleep(600)
"""


def alive(group: int) -> bool:
    with suppress(ProcessLookupError):
        os.killpg(group, 0)
        return True
    return False


def test_servers_and_their_children_die_with_a_test_run_that_is_killed(tmp_path):
    run = subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    group = int(run.stdout.readline())
    assert alive(group)
    run.kill()
    run.wait()
    run.stdout.close()
    until(lambda: not alive(group), "the watcher kills what the run has left")


# Leaves the group, as PostgreSQL's children do, and ends a while after its parent.
ORPHAN = """
import os, sys, time
os.setsid()
print(os.getpid(), flush=True)
while os.getppid() == int(sys.argv[1]):
    time.sleep(0.01)
time.sleep(0.3)
"""


@pytest.fixture
def forked(tmp_path):
    """A server that has such a child, and the child's number."""
    program = "import os, subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1], str(os.getpid())])"
    with ended(Server([sys.executable, "-c", program, ORPHAN], tmp_path, lambda: None)) as server:
        yield server, int(until(lambda: server.log.read_text("utf-8").strip(), "the child has begun"))


def test_a_killed_server_has_ended_with_what_left_its_group(forked):
    server, child = forked
    server.kill9()
    assert not psutil.pid_exists(child)


def test_what_outlives_a_killed_server_is_named(forked, monkeypatch):
    server, child = forked
    monkeypatch.setattr(servers, "SECONDS", 0)
    with pytest.raises(pytest.fail.Exception, match=rf"was killed, and after 0 s there still is .*pid={child}"):
        server.kill9()


def test_a_server_that_does_not_start_fails_at_once_with_its_last_words(tmp_path):
    def never():
        raise ConnectionRefusedError

    program = "import sys; sys.exit('no such option')"
    with pytest.raises(pytest.fail.Exception, match="no such option"):
        Server([sys.executable, "-c", program], tmp_path, never)


def test_a_paused_server_does_not_answer_and_a_resumed_one_does(tmp_path):
    program = "import sys\nwhile True: sys.stdout.write('x'); sys.stdout.flush()"
    with ended(Server([sys.executable, "-c", program], tmp_path, lambda: None)) as server:
        until(lambda: server.log.stat().st_size, "it writes")
        server.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, server.process.pid, os.WSTOPPED)
        size = server.log.stat().st_size
        server.resume()
        until(lambda: server.log.stat().st_size > size, "it writes again")


# ------------------------------------------------------------------- the fault proxy


@pytest.fixture
def echo():
    """(proxy, connect): connections through the proxy to a server that repeats."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with suppress(OSError):
            while True:
                threading.Thread(target=repeat, args=(listener.accept()[0],), daemon=True).start()

    def repeat(connection):
        with suppress(OSError), connection:
            while data := connection.recv(1024):
                heard.append(data)
                connection.sendall(data)

    def connect():
        connection = socket.create_connection(("127.0.0.1", proxy.port))
        connections.append(connection)
        connection.settimeout(0.2)
        return connection

    heard, connections = [], []
    threading.Thread(target=serve, daemon=True).start()
    proxy = FaultProxy(listener.getsockname()[1], caller_of=lambda data: data[:1].decode())
    proxy.heard = heard
    yield proxy, connect
    for connection in connections:
        connection.close()
    proxy.close()
    listener.close()


def answer(connection, text=None):
    """What comes back, or None if nothing does."""
    if text:
        connection.sendall(text)
    try:
        return connection.recv(1024)
    except TimeoutError:
        return None


def test_a_cut_is_silent_and_loses_nothing_when_it_heals(echo):
    proxy, connect = echo
    one = connect()
    assert answer(one, b"a1") == b"a1"
    proxy.cut()
    assert answer(one, b"a2") is None and answer(connect(), b"b1") is None
    proxy.heal()
    one.settimeout(30)
    assert answer(one) == b"a2"


def test_a_cut_one_way_lets_the_request_through_and_holds_the_answer(echo):
    proxy, connect = echo
    one = connect()
    proxy.cut(ways=["down"])
    assert answer(one, b"a1") is None
    until(lambda: b"a1" in proxy.heard, "the request arrives")


def test_a_cut_holds_one_caller_and_not_another(echo):
    proxy, connect = echo
    one, other = connect(), connect()
    proxy.cut("a")
    assert answer(one, b"a1") is None
    other.settimeout(30)
    assert answer(other, b"b1") == b"b1"


def test_a_reset_is_an_error_at_once(echo):
    proxy, connect = echo
    one = connect()
    assert answer(one, b"a1") == b"a1"
    proxy.reset()
    one.settimeout(30)
    with pytest.raises(ConnectionResetError):
        answer(one)


def test_a_delay_lets_later_data_of_others_overtake(echo):
    proxy, connect = echo
    slow, quick = connect(), connect()
    proxy.delay_s = 1
    slow.sendall(b"a1")
    until(lambda: proxy.held, "the slow data has arrived at the proxy")
    proxy.delay_s = 0
    quick.settimeout(30)
    assert answer(quick, b"b1") == b"b1"
    assert b"a1" not in proxy.heard
    until(lambda: b"a1" in proxy.heard, "and comes in the end")


# ----------------------------------------------------- the versions that the pages name

SAYS = {  # how a server is asked for its version, and what surrounds it in the answer
    "valkey": (["--version"], r"v=(\S+)"),
    "postgresql": (["--version"], r"\) (\S+)"),
    "etcd": (["--version"], r"etcd Version: (\S+)"),
    "nats": (["--version"], r": v(\S+)"),
    "nginx": (["-v"], r"nginx/(\S+)"),
    "haproxy": (["-v"], r"version (\d+\.\d+\.\d+)"),
}


@pytest.mark.parametrize("name", SAYS)
def test_a_page_names_the_version_that_the_server_has(name, mode):
    option, pattern = SAYS[name]
    done = subprocess.run([binary(name, mode), *option], capture_output=True, text=True)
    assert re.search(pattern, done.stdout + done.stderr)[1] == tested.version(name)


def test_a_page_names_the_version_of_the_package_that_was_used():
    for package in ("distributed", "redis", "psycopg", "httpx", "nats-py"):
        assert tested.pins()[package] == metadata.version(package)
