"""tools.npm with the real npm, against a registry of our own on the loopback."""

import base64
import hashlib
import io
import json
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools import npm


def archive() -> bytes:
    """A package with two files and a script that must not run."""
    manifest = {"name": "pebble", "version": "1.2.3", "scripts": {"prepack": "exit 7"}}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, text in {"package.json": json.dumps(manifest), "dist/a.js": "export {}"}.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


ARCHIVE = archive()
PIN = "sha512-" + base64.b64encode(hashlib.sha512(ARCHIVE).digest()).decode()


class Registry(BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self):
        type(self).asked += 1
        home = f"http://127.0.0.1:{self.server.server_address[1]}"
        if self.path.endswith(".tgz"):
            return self.answer(200, ARCHIVE)
        if self.path != "/pebble":
            return self.answer(404, b"{}")
        versions = {
            "1.2.3": {"name": "pebble", "version": "1.2.3", "dist": {"tarball": f"{home}/p.tgz"}}
        }
        tags = {"latest": "1.2.3"}
        about = {"name": "pebble", "versions": versions, "dist-tags": tags}
        return self.answer(200, json.dumps(about).encode())

    def answer(self, code, data):
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def registry(monkeypatch, tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("npm_config_registry", address)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    for name in ("no_proxy", "NO_PROXY", "npm_config_noproxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setattr(npm, "KEPT", tmp_path / "kept")
    yield server
    server.shutdown()
    server.server_close()


def test_a_package_is_fetched_once_and_refused_when_it_is_another(registry):
    folder = npm.fetch("pebble", "1.2.3", PIN)
    assert (folder / "dist" / "a.js").read_text() == "export {}"
    assert [path.name for path in npm.KEPT.iterdir()] == [folder.name]
    asked = Registry.asked
    assert npm.fetch("pebble", "1.2.3", PIN) == folder
    assert Registry.asked == asked, "what is there is fetched again"

    other = "sha512-" + base64.b64encode(bytes(64)).decode()
    with pytest.raises(npm.NpmError, match="not what was pinned: it has sha512-"):
        npm.fetch("pebble", "1.2.3", other)
    with pytest.raises(npm.NpmError, match="pin the sha512"):
        npm.fetch("pebble", "1.2.3", "sha1-AAAA")
    with pytest.raises(npm.NpmError, match=r"^npm: boulder@1 could not be fetched \(E404\)"):
        npm.fetch("boulder", "1", PIN)
    assert [path.name for path in npm.KEPT.iterdir()] == [folder.name], "a failure leaves files"


def test_without_a_network_one_sentence_says_so(registry, monkeypatch):
    registry.shutdown()
    registry.server_close()
    monkeypatch.setattr(npm, "PATIENCE", ("--fetch-retries=0",))
    with pytest.raises(npm.NpmError) as caught:
        npm.fetch("pebble", "1.2.3", PIN)
    said = "npm: pebble@1.2.3 could not be fetched (ECONNREFUSED); is there a network?"
    assert str(caught.value) == said
