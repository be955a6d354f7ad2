"""A server like those that hosts have: it compresses what they compress, and lets browsers keep files."""

import gzip
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import unquote, urlsplit

PACKED = (".zip", ".whl", ".woff2", ".png", ".ico")  # what no host compresses again
SCRIPTS = {".mjs": "text/javascript", ".wasm": "application/wasm", ".ipynb": "application/json"}


class Server(ThreadingHTTPServer):
    """Serves one folder for each first part of an address, and counts the bytes of bodies."""

    def __init__(self, folders: dict[str, Path]):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folders = folders
        self.sent = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


@cache
def body(path: Path) -> bytes:
    data = path.read_bytes()
    return data if path.suffix in PACKED else gzip.compress(data, 6)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_GET(self):
        side, _, name = unquote(urlsplit(self.path).path)[1:].partition("/")
        path = self.server.folders.get(side, Path("none")) / name
        if path.is_dir():
            path /= "index.html"
        there = path.is_file()
        data = body(path) if there else b""
        self.send_response(200 if there else 404)
        if there and path.suffix not in PACKED:
            self.send_header("Content-Encoding", "gzip")
        kind = SCRIPTS.get(path.suffix) or guess_type(path.name)[0] or "application/octet-stream"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=3600")
        self.end_headers()
        self.wfile.write(data)
        self.server.sent += len(data)
