"""The built site, made once for the whole run, and served as GitHub Pages serves a project."""

import fcntl
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.build import build

PREFIX = "project"


@pytest.fixture(scope="session")
def site(tmp_path_factory, worker_id) -> Path:
    """The folder of the strict build. Test workers share one build."""
    root = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        root = root.parent
    target = root / "served" / PREFIX
    target.parent.mkdir(exist_ok=True)
    with open(root / "build.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        failed = root / "build.failed"
        if failed.is_file():
            pytest.fail(f"the site does not build:\n{failed.read_text('utf-8')}", pytrace=False)
        if not target.is_dir():
            try:
                build(target, site_url=f"http://127.0.0.1/{PREFIX}/")
            except RuntimeError as error:
                failed.write_text(str(error), "utf-8")
                pytest.fail(f"the site does not build:\n{error}", pytrace=False)
    return target


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        """The built file; in the sitemap with our port, or no navigation would be instant."""
        if not self.path.endswith("/sitemap.xml"):
            return super().do_GET()
        text = Path(self.translate_path(self.path)).read_text("utf-8")
        host, port = self.server.server_address
        data = text.replace(f"http://{host}/", f"http://{host}:{port}/").encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture(scope="session")
def base_url(site) -> str:
    """Where the built site is served: below a sub-path, on a free port of the loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site.parent))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/{PREFIX}/"
    server.shutdown()


@pytest.fixture(scope="session")
def browser():
    """A real Chromium. Fails with one line when there is none: nothing is skipped."""
    from playwright.sync_api import sync_playwright

    from tools.chromium import ADVICE, ensure

    path = ensure()
    if not path:
        pytest.fail(ADVICE, pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield chromium
        chromium.close()


@contextmanager
def opened(browser, base_url, strict=False):
    """A tab at 1280 pixels, and the list of what went wrong in it: errors, foreign requests.

    Playwright's wait_for_function and add_style_tag need what the site's own policy forbids;
    ``strict`` is for the tests of that policy, which do without.
    """
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        base_url=base_url,
        color_scheme="light",
        bypass_csp=not strict,
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab, problems = context.new_page(), []
    origin = base_url.removesuffix(f"/{PREFIX}/")
    tab.on("pageerror", lambda error: problems.append(f"{tab.url}: script error: {error}"))
    tab.on(
        "console",
        lambda said: said.type != "error" or problems.append(f"{tab.url}: error: {said.text}"),
    )
    tab.on(
        "request",
        lambda request: (
            request.url.startswith((origin + "/", "data:", "blob:"))
            or problems.append(f"{tab.url}: request to another host: {request.url}")
        ),
    )
    try:
        yield tab, problems
    finally:
        context.close()


@pytest.fixture
def page(browser, base_url):
    """A fresh tab. Fails the test on a script error or a foreign request."""
    with opened(browser, base_url) as (tab, problems):
        yield tab
        assert not problems, "\n".join(problems)


@pytest.fixture(scope="module")
def shared(browser, base_url):
    with opened(browser, base_url) as pair:
        yield pair


@pytest.fixture
def tab(shared):
    """The one tab of a test file, in the light theme: a fresh one costs a second."""
    tab, problems = shared
    problems.clear()
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.emulate_media(media="screen", color_scheme="light")
    yield tab
    assert not problems, "\n".join(problems)
