"""What a build made and the next one need not make again, in ``.build/kept``.

    find(key), keep(key, value)   one value, by a hash of all that it was made from
    each(function, items)         function(*item) for every item, kept, and made side by side
    ahead(function, items)        the same without results: it fills the store, in forked processes
    meanwhile(function)           one call that does so beside a block, in time that others leave

A file holds one value behind its own hash. It is written beside its place and moved there, so a build
that is killed leaves whole values or none, two builds at once share them, and a file that was
damaged is as good as none. What no build used for a week is deleted.

Nothing depends on it: with ``KEEP=no`` in the environment, or without a file to write, every
build makes everything, and the same bytes.
"""

import gc
import hashlib
import os
import pickle
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from tools.programs import ROOT

KEPT = ROOT / ".build" / "kept"
DAY = 24 * 60 * 60
PATIENCE = 120  # seconds in which a process makes nothing before it is given up


def hashed(*parts) -> str:
    """One hash of texts, bytes, and whatever has a form of its own when printed.

    What prints its address in memory gets a new hash in every process: never found, never wrong.
    """
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        digest.update(b"%d " % len(data) + data)
    return digest.hexdigest()


@cache
def made_by() -> str:
    """A hash of what makes things: this Python, every installed package, and our tools."""
    packages = {
        entry.name
        for folder in sys.path
        if os.path.isdir(folder)
        for entry in os.scandir(folder)
        if entry.name.endswith((".dist-info", ".egg-info"))
    }
    tools = sorted([*ROOT.glob("tools/*.py"), *ROOT.glob("tools/publish/*.py")])
    return hashed(sys.version, sorted(packages), *(path.read_bytes() for path in tools))


def keeping() -> bool:
    return os.environ.get("KEEP") != "no"


def _place(key: str) -> Path:
    return KEPT / key[:2] / key[2:]


def find(key: str):
    """The value kept under a key, or None."""
    if not keeping():
        return None
    try:
        with open(_place(key), "rb") as file:
            if os.fstat(file.fileno()).st_mtime < time.time() - DAY:
                os.utime(file.fileno())
            digest, data = file.read(32), file.read()
        if hashlib.sha256(data).digest() == digest:
            return pickle.loads(data)
    except OSError:
        pass
    return None


def there(key: str) -> bool:
    """Whether something is kept under a key; ``find`` tells whether it is whole."""
    return keeping() and _place(key).is_file()


def keep(key: str, value) -> None:
    """Keep a value that is not None. A disk that is full, or read-only, is no reason to fail."""
    if not keeping():
        return
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    place = _place(key)
    try:
        if not place.parent.is_dir():
            place.parent.mkdir(parents=True, exist_ok=True)
        half = place.with_name(f"{place.name}.{os.getpid()}.half")
        half.write_bytes(hashlib.sha256(data).digest() + data)
        half.replace(place)
    except OSError:
        pass


def sweep() -> None:
    """Delete what was not used for a week."""
    for path in KEPT.glob("*/*"):
        try:
            if path.stat().st_mtime < time.time() - 7 * DAY:
                path.unlink()
        except OSError:
            pass


def each(function, items: list[tuple]) -> list:
    """``[function(*item) for item in items]``, made of texts only and therefore kept."""
    name = f"{function.__module__}.{function.__qualname__}"
    keys = [hashed(made_by(), name, *item) for item in items]
    found = [find(key) for key in keys]

    def make(number: int):
        value = function(*items[number])
        keep(keys[number], value)
        return value

    missing = [number for number, value in enumerate(found) if value is None]
    ahead(make, missing)
    for number in missing:
        found[number] = find(keys[number])
        if found[number] is None:
            found[number] = make(number)
    return found


# ---------------------------------------------------------------------------- side by side


def alone() -> bool:
    """Whether this process has one thread, counted by the kernel.

    A fork copies the locks of all threads and only the thread that forks: what another one held at that moment
    stays locked for ever. So there is no fork beside another thread, and none where that is not known.
    """
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def ahead(function, items: list) -> None:
    """Call ``function(item)`` for every item in as many processes as there are cores, for what it keeps.

    Failures and what is printed are lost here: the caller, who finds a value missing, makes it
    again and meets them.
    """
    workers = min(len(items) // 2, os.cpu_count() or 1)
    if workers < 2 or not keeping() or not alone():
        return
    with tempfile.TemporaryFile() as queue:
        # Children of one fork share a file and the position in it: who reads a number has the item.
        queue.write(b"".join(number.to_bytes(4, "big") for number in range(len(items))))
        queue.seek(0)

        def work():
            while number := os.read(queue.fileno(), 4):
                with suppress(Exception):
                    function(items[int.from_bytes(number, "big")])

        children = [_child(work) for _ in range(workers)]
        left, since = -1, time.monotonic()
        while children:
            children = [child for child in children if os.waitpid(child, os.WNOHANG) == (0, 0)]
            if (now := os.lseek(queue.fileno(), 0, os.SEEK_CUR)) != left:
                left, since = now, time.monotonic()
            if time.monotonic() - since > PATIENCE:
                for child in children:
                    os.kill(child, 9)
            time.sleep(0.005)


@contextmanager
def meanwhile(function):
    """Call a function in a process of its own while a block runs, for what it keeps; it ends with the block.

    It comes behind everything else that wants the processor. Its failures are lost, as in ``ahead``.
    """
    if not keeping() or not alone():
        yield
        return

    def work():
        os.nice(19)
        os.setpgid(0, 0)
        function()

    child = _child(work)
    with suppress(OSError):
        os.setpgid(child, child)  # by whoever is first; its own children are in the group too
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child, 9)
        os.waitpid(child, 0)


def _child(work) -> int:
    """Fork a process that does some work, in silence; return its number."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    try:
        gc.disable()  # it ends before it could matter, and looking takes a fifth of the time
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        work()
    finally:
        os._exit(0)  # nothing of the parent's is finished twice
