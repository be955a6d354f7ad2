"""What a first visit costs: what a browser asks for, weighed on disk as a server sends it.

Bytes are the same on every machine, so this is no measurement of time.
"""

import gzip
from urllib.parse import unquote

from tests.site.conftest import PREFIX

HOME = 200_000  # everything that a first visit of the home page fetches
PLAYER = 260_000  # and of a page with a player
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
    files = visit(page, base_url, site, heaviest)
    files = {name: size for name, size in files.items() if not is_index(name)}
    assert sum(files.values()) <= PLAYER, listing(files)


def test_a_font_is_not_compressed_again_and_a_page_is(tmp_path):
    (tmp_path / "a.woff2").write_bytes(bytes(5000))
    (tmp_path / "a.html").write_bytes(bytes(5000))
    sizes = weigh(tmp_path, ["a.woff2", "a.html"])
    assert sizes["a.woff2"] == 5000
    assert sizes["a.html"] < 100
