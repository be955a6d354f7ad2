"""Pictures of the site for a person to look at: python -m tools.shots, into .build/shots/.

Four widths, both themes, four pages, and one page as it is printed. Nothing is compared:
a change of the look is judged by eyes.
"""

import shutil
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import sync_playwright

from tools.build import build
from tools.chromium import ADVICE, ensure
from tools.programs import ROOT

FOLDER = ROOT / ".build" / "shots"
WIDTHS = (390, 768, 1280, 1600)
THEMES = ("light", "dark")
PAGES = {
    "home": "",
    "map": "challenges/map/",
    "protocol": "challenges/data-consistency/",
    "chart": "optimizations/data-sharding/",
}
PRINTED = "protocol"
HEIGHT = 900  # px, of the window in which a page is opened
TALLEST = 4000  # px: a picture of a whole page is too small to be looked at


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def shoot(browser, address: str) -> int:
    """Take all the pictures of the site at this address; return how many."""
    count = 0
    for theme in THEMES:
        for width in WIDTHS:
            context = browser.new_context(
                viewport={"width": width, "height": HEIGHT}, color_scheme=theme
            )
            tab = context.new_page()
            for name, path in PAGES.items():
                opened = tab.goto(address + path, wait_until="networkidle")
                if not opened.ok:
                    raise RuntimeError(f"the site has no page {path!r}: {opened.status}")
                tab.evaluate("document.fonts.ready")
                height = min(TALLEST, tab.evaluate("document.documentElement.scrollHeight"))
                # A window as tall as the page: what sticks to the edge of one covers nothing.
                tab.set_viewport_size({"width": width, "height": height})
                tab.screenshot(path=FOLDER / f"{name}-{width}-{theme}.png", animations="disabled")
                tab.set_viewport_size({"width": width, "height": HEIGHT})
                count += 1
            context.close()
    tab = browser.new_page()
    tab.goto(address + PAGES[PRINTED], wait_until="networkidle")
    tab.pdf(
        path=FOLDER / f"{PRINTED}.pdf",
        format="A4",
        margin=dict.fromkeys(("top", "right", "bottom", "left"), "18mm"),
    )
    return count


def main() -> int:
    path = ensure()
    if not path:
        print(ADVICE, file=sys.stderr)
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    site = ROOT / ".build" / "shots-site"
    build(site)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        count = shoot(browser, f"http://127.0.0.1:{server.server_address[1]}/")
        browser.close()
    server.shutdown()
    print(f"shots: {count} pictures and {PRINTED}.pdf in {FOLDER.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
