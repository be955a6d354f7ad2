"""What a first visit costs: what a browser asks for, weighed on disk as a server sends it.

Bytes are the same on every machine, so this is no measurement of time.
"""

import gzip
import re
from functools import cache
from urllib.parse import unquote, urljoin

import brotli

from tests.site.conftest import PREFIX

HOME = 200_000  # everything that a first visit of the home page fetches
PLAYER = 260_000  # and of a page with a player
VIEW = 64_000  # a first view of any page, as brotli packs it, without its fonts
REQUESTS = 10  # with fonts and what scripts ask for; tags alone, of every page, without them
PACKED = (".woff2", ".png")  # compressed already


def weigh(site, names):
    """Bytes by file, gzipped where a server would do so."""
    found = {}
    for name in names:
        data = (site / name).read_bytes()
        found[name] = len(data) if name.endswith(PACKED) else len(gzip.compress(data, 6))
    return found


def visit(page, base_url, site, path):
    """Open a page with nothing in the cache; the weight of all that is fetched until it rests."""
    asked = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(base_url + path, wait_until="networkidle")
    names = {unquote(url.split(f"/{PREFIX}/", 1)[1].split("?")[0]) for url in asked}
    return weigh(site, [f"{name}index.html" if name[-1:] in ("", "/") else name for name in names])


def is_index(name):
    return name.startswith("search") and name.endswith(".json")


def listing(files):
    rows = sorted(files.items(), key=lambda item: -item[1])
    return "\n".join(f"{size:>9,} {name}" for name, size in rows)


def test_a_first_visit_of_the_home_page_is_light(page, base_url, site, capsys):
    """The index of the search is printed and not counted: it belongs to a search."""
    files = visit(page, base_url, site, "")
    assert any(name.endswith(".woff2") for name in files), "fonts are fetched, and counted"
    index = sum(size for name, size in files.items() if is_index(name))
    total = sum(files.values())
    with capsys.disabled():
        print(f"\nhome page: {total - index:,} bytes gzipped, and {index:,} of the search index")
    assert total - index <= HOME, listing(files)


def test_the_heaviest_page_with_a_picture_is_light(page, base_url, site):
    """With or without a player in it. The lab brings a notebook's styles, and is none of these."""
    pages = [
        path.relative_to(site).parent.as_posix()
        for path in site.rglob("index.html")
        if 'class="run"' in path.read_text("utf-8") and "labs" not in path.parts
    ]
    sizes = weigh(site, [f"{name}/index.html" for name in pages])
    heaviest = max(sizes, key=sizes.get).removesuffix("index.html")
    page.set_viewport_size({"width": 390, "height": 844})
    files = visit(page, base_url, site, heaviest)
    assert any("player" in name for name in files), "a page without a player asks for less"
    assert len(files) <= REQUESTS, listing(files)
    files = {name: size for name, size in files.items() if not is_index(name)}
    assert sum(files.values()) <= PLAYER, listing(files)


def test_a_font_is_not_compressed_again_and_a_page_is(tmp_path):
    (tmp_path / "a.woff2").write_bytes(bytes(5000))
    (tmp_path / "a.html").write_bytes(bytes(5000))
    sizes = weigh(tmp_path, ["a.woff2", "a.html"])
    assert sizes["a.woff2"] == 5000
    assert sizes["a.html"] < 100


LOADED = re.compile(r'<link[^>]*rel="(?:stylesheet|icon)"[^>]*>|<script[^>]*src="[^"]*"')
ADDRESS = re.compile(r'(?:href|src)="([^"]*)"')


def first_view(site, page):
    """Bytes by file, as brotli packs them, of what a page loads by itself; fonts left out."""
    text = (site / page).read_text("utf-8")
    names = {page}
    for tag in LOADED.findall(text):
        address = urljoin(f"/{PREFIX}/{page}", ADDRESS.search(tag)[1])
        names.add(address.removeprefix(f"/{PREFIX}/"))
    if "assets/player.js" in names:
        names.add("assets/player.css")
    return {name: packed((site / name).read_bytes()) for name in names}


@cache
def packed(data):
    """The size that brotli brings it to; what all pages load is packed once."""
    return len(brotli.compress(data))


def too_heavy(site, page):
    """What is wrong with the first view of a page, or nothing."""
    files = first_view(site, page)
    if len(files) > REQUESTS:
        return f"{page}: {len(files)} requests\n{listing(files)}"
    if sum(files.values()) > VIEW:
        return f"{page}: {sum(files.values()):,} bytes\n{listing(files)}"
    return ""


def test_the_first_view_of_every_page_is_light(site, capsys):
    pages = [path.relative_to(site).as_posix() for path in sorted(site.rglob("index.html"))]
    weights = {page: sum(first_view(site, page).values()) for page in pages}
    with capsys.disabled():
        light, heavy = (choose(weights, key=weights.get) for choose in (min, max))
        print(f"\nfirst views: {weights[light]:,} ({light}) to {weights[heavy]:,} bytes ({heavy})")
    problems = [problem for page in pages if (problem := too_heavy(site, page))]
    assert not problems, "\n".join(problems)


def test_a_page_that_grew_is_found(tmp_path):
    (tmp_path / "index.html").write_text("".join(f"{number:x}" for number in range(100_000)))
    assert "index.html: " in too_heavy(tmp_path, "index.html")
    scripts = [f"{number}.js" for number in range(REQUESTS)]
    for name in scripts:
        (tmp_path / name).write_text("1")
    (tmp_path / "index.html").write_text("".join(f'<script src="{name}"></script>' for name in scripts))
    assert "11 requests" in too_heavy(tmp_path, "index.html")
