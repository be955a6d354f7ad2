"""tools.links, against a server of our own: what is dead, what is only out of reach."""

import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools import links


class Handler(BaseHTTPRequestHandler):
    """``/404`` answers 404; ``/get/200/head/405`` answers each method in its own way."""

    def do_HEAD(self):
        self.answer(self.path.split("/")[-1])

    def do_GET(self):
        parts = self.path.split("/")
        self.answer(parts[2] if parts[1] == "get" else parts[-1])

    def answer(self, code):
        if code == "hang-up":
            self.close_connection = True
            return
        self.send_response(int(code))
        if code == "302":
            self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def closed():
    """An address where nobody listens: bound, so that nobody else can take it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


@pytest.mark.parametrize(
    "path, verdict",
    [
        ("/200", "ok"),
        ("/302", "ok"),
        ("/404", "dead"),
        ("/410", "dead"),
        ("/403", "unreachable"),
        ("/429", "unreachable"),
        ("/503", "unreachable"),
        ("/hang-up", "unreachable"),
        ("/get/200/head/405", "ok"),
        ("/get/200/head/404", "ok"),
        ("/get/404/head/405", "dead"),
        ("/get/200/head/hang-up", "ok"),
        ("/数据/200", "ok"),
    ],
)
def test_a_verdict(server, path, verdict):
    assert links.check(server + path) == verdict


def test_a_closed_port_is_unreachable_not_dead(closed):
    assert links.check(closed) == "unreachable"


@pytest.mark.parametrize("url", ["http://", "http://127.0.0.1:port/", "http://[half/"])
def test_a_broken_address_is_reported_not_raised(url):
    assert links.check(url) == "unreachable"


def test_silence_ends_with_the_timeout(monkeypatch):
    monkeypatch.setattr(links, "TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert links.check(url) == "unreachable"


def test_the_report_tells_dead_from_unreachable(server, closed):
    places = {
        f"{server}/200": ["a.md:1"],
        f"{server}/404": ["b.md:2"],
        closed: ["c.md:3", "d.md:4"],
    }
    lines, dead = links.report(places)
    assert lines == [
        f"unreachable: {closed} (c.md:3, d.md:4)",
        f"dead: {server}/404 (b.md:2)",
        "links: 3 checked: 1 ok, 1 dead, 1 unreachable",
    ]
    assert dead


@pytest.mark.parametrize("path, code", [("/200", 0), ("/503", 0), ("/404", 1)])
def test_only_a_dead_link_fails(server, monkeypatch, capsys, path, code):
    monkeypatch.setattr(links, "collect", lambda: {server + path: ["a.md:1"]})
    assert links.main() == code
    assert "links: 1 checked" in capsys.readouterr().out


def test_no_network_fails_nothing(closed, monkeypatch, capsys):
    monkeypatch.setattr(links, "collect", lambda: {closed: ["a.md:1"]})
    assert links.main() == 0
    assert f"unreachable: {closed} (a.md:1)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text, found",
    [
        ("see [it](https://a.org/x).", ["https://a.org/x"]),
        ("([it](https://a.org/x)), and", ["https://a.org/x"]),
        ("[it](https://doi.org/10.1/0020(95)00144-2).", ["https://doi.org/10.1/0020(95)00144-2"]),
        ("[a](https://a.org/x)([b](https://b.org))", ["https://a.org/x", "https://b.org"]),
        ("<https://a.org/x?y=1#z>; `http://b.org`", ["https://a.org/x?y=1#z", "http://b.org"]),
        ("http://127.0.0.1:8000/ http://localhost:1/x", []),
        ("https://shop.example/ https://example.com", []),
        ("ftp://a.org https://", []),
    ],
)
def test_the_addresses_in_a_text(text, found):
    assert links.urls(text) == found


def test_collect_reads_pages_glossary_and_sources(tmp_path):
    reference = tmp_path / "docs" / "reference"
    reference.mkdir(parents=True)
    (tmp_path / "docs" / "index.md").write_text("# Home\n\n[it](https://a.org/x)\n", "utf-8")
    (reference / "glossary.toml").write_text("# https://a.org/x\n# https://b.org/y\n", "utf-8")
    places = links.collect(tmp_path / "docs")
    assert places["https://a.org/x"] == ["docs/index.md:3", "docs/reference/glossary.toml:1"]
    assert places["https://b.org/y"] == ["docs/reference/glossary.toml:2"]
    rfc = "https://www.rfc-editor.org/rfc/rfc1"
    [place] = [each for each in places[rfc] if "crocker1969host" in each]
    assert re.fullmatch(rf"papers\.bib: crocker1969host, as it was: https://web\.archive\.org/web/\d{{8}}/{rfc}", place)


def test_this_repository_has_links_and_none_of_them_is_our_own():
    places = links.collect()
    assert len(places) > 50
    assert not any("127.0.0.1" in url or url.endswith(")]") for url in places)
