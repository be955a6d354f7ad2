"""The zip that opens from disk, read in a real Chromium from there."""

import re
import zipfile
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest

from tests.site.checks import soup_of
from tests.site.conftest import opened
from tests.site.test_browser import clipboard, open_program
from tools import offline


@pytest.fixture(scope="module")
def disk(site, tmp_path_factory):
    """The folder that a reader unpacks."""
    folder = tmp_path_factory.mktemp("disk")
    offline.offline(site, folder / "site.zip")
    with zipfile.ZipFile(folder / "site.zip") as archive:
        archive.extractall(folder)
    return folder / offline.NAME


@pytest.fixture
def tab(browser, disk):
    """A tab at the home page, under the copy's own policy; no error and no other file may be left."""
    with opened(browser, disk.as_uri(), strict=True) as (tab, problems):
        tab.goto(f"{disk.as_uri()}/index.html")
        yield tab
        assert not problems, "\n".join(problems)


def broken(folder: Path) -> list[str]:
    """The addresses on pages that are no file of the folder, and no page of another site."""
    found = []
    for path in folder.rglob("*.html"):
        for tag in soup_of(path).select("[href], [src]"):
            address = tag.get("href") or tag.get("src")
            target = urldefrag(urljoin(path.as_uri(), address))[0]
            if target.startswith("file:") and not Path(unquote(target.removeprefix("file://"))).is_file():
                found.append(f"{path.relative_to(folder)}: {address}")
    return found


def test_every_address_names_a_file(disk):
    assert len(list(disk.rglob("index.html"))) > 50
    assert broken(disk) == []
    planted = disk / "planted.html"
    planted.write_text('<a href="concepts/raft/">a folder</a> <img src="gone.png">', "utf-8")
    assert broken(disk) == ["planted.html: concepts/raft/", "planted.html: gone.png"]
    planted.unlink()


@pytest.mark.parametrize(
    "address, expected",
    [
        ("../raft/#log", "../raft/index.html#log"),
        ("../..", "../../index.html"),
        (".", "./index.html"),
        ("?q=a/", "?q=a/"),
        ("#log", "#log"),
        ("https://example.org/", "https://example.org/"),
        ("//example.org/", "//example.org/"),
        ("mailto:a@b.c", "mailto:a@b.c"),
        ("../x.py", "../x.py"),
    ],
)
def test_a_folder_is_named_by_its_file(address, expected):
    assert offline.named(address) == expected


def test_a_reader_follows_links_searches_and_returns(tab):
    tab.click('.md-content a[href*="concepts/"]')
    tab.wait_for_url("**/index.html")
    tab.keyboard.press("/")
    field = tab.get_by_role("combobox", name="Search")
    field.fill("rendezvous hashing")
    best = tab.locator("[role=option]").first
    best.wait_for()
    assert "Consistent hashing" in best.inner_text()
    tab.locator("dialog[data-ready=texts]").wait_for()
    field.press("Enter")
    tab.wait_for_url(re.compile("/consistent-hashing/index.html"))
    assert tab.locator("h1").inner_text().startswith("Consistent hashing")


def test_a_picture_plays_and_its_handle_fetches_another_run(tab, disk):
    figure = tab.locator("figure:has(.player)").first
    figure.wait_for()
    now = figure.get_by_role("slider", name="Time in the run")
    before = now.input_value()
    figure.get_by_role("button", name="Previous event").click()
    assert now.input_value() != before
    caption = figure.locator("figcaption")
    told = caption.inner_text()
    figure.get_by_role("slider", name="How late C is with a write").fill("0")
    caption.filter(has_not_text=told.split(". Recorded")[0]).wait_for()
    assert not list(disk.glob("run/*"))


def test_copying_a_program_gives_the_file_that_runs_alone(tab, disk):
    tab.goto(f"{disk.as_uri()}/concepts/raft/index.html")
    assert clipboard(tab, open_program(tab)) == (disk / "downloads/concepts/raft.py").read_text("utf-8")


def test_nothing_offers_to_run(tab, disk):
    tab.goto(f"{disk.as_uri()}/concepts/raft/index.html")
    tab.locator(".ask").wait_for()
    assert tab.locator(".run-bar").count() == 0


def test_one_site_gives_one_zip(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name / "site").mkdir(parents=True)
        for file in ("x.html", "y.txt") if name == "a" else ("y.txt", "x.html"):
            (tmp_path / name / "site" / file).write_text(file, "utf-8")
        offline.pack(tmp_path / name / "site", tmp_path / f"{name}.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    (tmp_path / "b" / "site" / "y.txt").write_text("z", "utf-8")
    offline.pack(tmp_path / "b" / "site", tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() != (tmp_path / "b.zip").read_bytes()
