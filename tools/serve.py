"""Serve the site while it is edited: python -m tools.serve PORT."""

import os
import socket
import sys

from tools.programs import ROOT


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
    address = f"127.0.0.1:{given}"
    environment = {**os.environ, "SITE_URL": f"http://{address}/"}
    command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", address]
    os.execve(sys.executable, command, environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
