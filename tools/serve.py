"""Serve the site while it is edited: python -m tools.serve PORT."""

import hashlib
import os
import shutil
import socket
import sys

from tools.programs import ROOT, SNIPPETS

NOTEBOOKS = ROOT / ".cache" / "mkdocs-jupyter"


def keep_notebooks_while_true() -> None:
    """Drop the executed notebooks when a module that they may import has changed.

    mkdocs-jupyter keeps them by their own text alone. A build executes them every time.
    """
    digest = hashlib.sha256()
    for path in sorted([*SNIPPETS.rglob("*.py"), *(ROOT / "tools" / "figures").glob("*.py")]):
        digest.update(path.read_bytes())
    stamp = NOTEBOOKS.parent / "notebooks-made-from"
    if not stamp.is_file() or stamp.read_text("utf-8") != digest.hexdigest():
        shutil.rmtree(NOTEBOOKS, ignore_errors=True)
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(digest.hexdigest(), "utf-8")


def main(arguments: list[str]) -> int:
    given = arguments[0] if arguments else "8000"
    if not given.isdigit() or not 0 < int(given) < 65536:
        print(f"serve: {given!r} is not a port; use a number, as in make serve PORT=8001")
        return 2
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(given)))
        except OSError:
            print(f"serve: port {given} is taken; choose another, as in make serve PORT=8001")
            return 1
    os.chdir(ROOT)
    keep_notebooks_while_true()
    address = f"127.0.0.1:{given}"
    environment = {**os.environ, "SITE_URL": f"http://{address}/", "NOTEBOOK_CACHE": "true"}
    command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", address]
    os.execve(sys.executable, command, environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
