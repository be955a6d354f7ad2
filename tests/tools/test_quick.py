"""What is kept from build to build: never another byte than without, and never a fault that is not reported again."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from tools import kept
from tools.programs import ROOT

SETTINGS = """
site_name: Small
site_url: http://127.0.0.1/
theme: {name: material, font: false, features: [navigation.prune, navigation.footer]}
plugins: []
hooks: [tools/quick.py]
markdown_extensions:
  - abbr
  - attr_list
  - toc: {permalink: true}
  - pymdownx.highlight
  - pymdownx.superfences
  - pymdownx.snippets: {base_path: [snippets, more], check_paths: true, auto_append: [abbreviations.md]}
validation: {links: {not_found: warn, anchors: warn}}
"""
PAGES = {
    "index.md": "# Home\n\nSee [a](a.md) and [gone](gone.md).\n",
    "a.md": '# A\n\nA TLA of [b](b.md#part).\n\n```python\n--8<-- "part.py"\n```\n\n--8<-- "text.md"\n',
    "b.md": "# B\n\n## Part\n\nText.\n",
    "c.md": "---\ntitle: C by name\n---\n\n## Only a section\n",
    "d.md": "# D\n\n[itself](#d) and [home](index.md)\n",
    "e.md": "# E\n",
}


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    for name in ("__init__.py", "colour.py", "kept.py", "quick.py", "programs.py"):
        (root / "tools").mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tools" / name, root / "tools" / name)
    put(root / "mkdocs.yml", SETTINGS)
    put(root / "snippets" / "part.py", "x = 1\n")
    put(root / "snippets" / "abbreviations.md", "*[TLA]: three letters\n")
    put(root / "more" / "text.md", "Included text.\n")
    for name, text in PAGES.items():
        put(root / "docs" / name, text)
    return root


def command(project, *more):
    return [sys.executable, "-m", "mkdocs", "build", "--site-dir", project / "site", *more]


def environment(**more):
    return {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1", "SOURCE_DATE_EPOCH": "0", **more}


def build(project, *more, **environ):
    """The files of the site, and what was printed."""
    done = subprocess.run(
        command(project, *more), cwd=project, env=environment(**environ), capture_output=True, text=True, timeout=110
    )
    files = [path for path in sorted((project / "site").rglob("*")) if path.is_file()]
    site = {path.relative_to(project / "site").as_posix(): path.read_bytes() for path in files}
    return site, done.stderr + f"\nended {done.returncode}"


def entries(project):
    return {path for path in (project / ".build" / "kept").glob("??/*") if path.is_file()}


def warnings(printed):
    return [line for line in printed.splitlines() if "WARNING" in line]


def test_cold_warm_and_without_are_the_same_bytes_and_say_the_same(project):
    plain, said = build(project, KEEP="no")
    assert "a/index.html" in plain and not (project / ".build" / "kept").exists()
    assert len(warnings(said)) == 1 and "gone.md" in said
    cold, said_cold = build(project)
    made = entries(project)
    assert len(made) == 2 * len(PAGES)  # a text and a page each
    warm, said_warm = build(project)
    assert entries(project) == made
    assert warnings(said_cold) == warnings(said_warm) == warnings(said)
    put(project / "mkdocs.yml", SETTINGS.replace("hooks: [tools/quick.py]\n", ""))
    without, _ = build(project)
    assert plain == cold == warm == without


def edit(name, old, new):
    def change(project):
        text = (project / name).read_text("utf-8")
        assert old in text
        put(project / name, text.replace(old, new))

    return change


CHANGES = {
    "a page": (edit("docs/b.md", "Text.", "Other text."), {"b"}),
    "an included program": (edit("snippets/part.py", "x = 1", "x = 2"), {"a"}),
    "an included text": (edit("more/text.md", "Included", "Included, and changed,"), {"a"}),
    "a file that stands in front of an included one": (lambda p: put(p / "snippets" / "text.md", "In front.\n"), {"a"}),
    "an abbreviation": (edit("snippets/abbreviations.md", "three", "3"), {"a"}),
    "an option of an extension": (edit("mkdocs.yml", "permalink: true", "permalink: false"), {"a", "b", "d"}),
    "an extension": (edit("mkdocs.yml", "  - abbr\n", ""), {"a"}),
    "a feature of the theme": (edit("mkdocs.yml", ", navigation.footer", ""), {"a", "e"}),
    "the name of a page": (edit("docs/b.md", "# B\n", "# Bee\n"), {"a", "b", "e"}),
    "a page that was missing": (lambda p: put(p / "docs" / "gone.md", "# Back\n"), {"gone", "a", ""}),
    "a page that is gone": (lambda p: (p / "docs" / "e.md").unlink(), {"a", "d"}),
    "the order of the pages": (
        lambda p: put(p / "mkdocs.yml", SETTINGS + "nav: [index.md, e.md, d.md, c.md, b.md, a.md]\n"), {"a", "e"},
    ),
    "the address of the site": (edit("mkdocs.yml", "127.0.0.1", "127.0.0.2"), {"a", "b"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_reaches_every_page_that_it_concerns(project, name):
    change, concerned = CHANGES[name]
    before, _ = build(project)
    change(project)
    after, said = build(project)
    plain, said_plain = build(project, KEEP="no")
    assert after == plain and warnings(said) == warnings(said_plain)
    names = {f"{page}/index.html".lstrip("/") for page in concerned}
    assert all(before.get(page) != after[page] for page in names)


def test_another_version_of_a_package_makes_everything_anew(project, tmp_path):
    before, _ = build(project)
    made = entries(project)
    (tmp_path / "packages" / "another-99.dist-info").mkdir(parents=True)
    after, _ = build(project, PYTHONPATH=str(tmp_path / "packages"))
    assert after == before and len(entries(project)) == 2 * len(made)


def test_links_that_break_elsewhere_still_fail_the_strict_build(project):
    edit("docs/index.md", " and [gone](gone.md)", "")(project)
    assert build(project, "--strict")[1].endswith("ended 0")
    edit("docs/b.md", "## Part", "## Another")(project)  # a.md, which links there, is as it was
    for _ in range(2):
        _, said = build(project, "--strict")
        assert said.endswith("ended 1")
        assert "'a.md' contains a link 'b.md#part', but the doc 'b.md' does not contain an anchor '#part'" in said
    edit("docs/b.md", "## Another", "## Part")(project)
    assert build(project, "--strict")[1].endswith("ended 0")


def test_a_quiet_build_does_not_keep_the_warnings_from_the_next(project):
    build(project, "--quiet")
    assert "gone.md" in build(project, "--strict")[1]


def test_damaged_files_are_as_good_as_none(project):
    plain, _ = build(project)
    for number, path in enumerate(sorted(entries(project))):
        data = path.read_bytes()
        path.write_bytes([b"", data[: len(data) // 2], data[:-1] + b"?", b"\0" * 99][number % 4])
    assert build(project)[0] == plain
    assert build(project)[0] == plain


def test_a_build_that_is_killed_leaves_nothing_wrong(project):
    plain, _ = build(project, KEEP="no")
    for _ in range(5):
        process = subprocess.Popen(
            command(project, "--quiet"), cwd=project, env=environment(), start_new_session=True, stderr=subprocess.DEVNULL
        )
        time.sleep(0.3 + 2 * random.random())
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert build(project)[0] == plain


# -------------------------------------------------------------------------------- the store


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "KEPT", tmp_path / "kept")
    monkeypatch.delenv("KEEP", raising=False)
    return tmp_path / "kept"


def pair(text, more):
    return text, more


def test_values_are_found_until_something_differs(store, monkeypatch):
    items = [(str(number), "x") for number in range(9)]
    assert kept.each(pair, items) == items
    assert all(kept.there(kept.hashed(kept.made_by(), f"{__name__}.pair", *item)) for item in items)
    assert kept.find(kept.hashed("another")) is None
    assert kept.hashed("a", "b") != kept.hashed("ab") != kept.hashed("", "ab")
    assert kept.hashed(object()) != kept.hashed(object())
    monkeypatch.setenv("KEEP", "no")
    assert kept.each(pair, items) == items and not kept.there(kept.hashed("a"))


def test_what_was_not_used_for_a_week_is_deleted(store):
    kept.keep("aaaa", 1)
    kept.keep("bbbb", 2)
    old = time.time() - 8 * kept.DAY
    for path in store.glob("*/*"):
        os.utime(path, (old, old))
    assert kept.find("bbbb") == 2  # used, and so as new
    kept.sweep()
    assert (kept.find("aaaa"), kept.find("bbbb")) == (None, 2)


def test_a_process_that_hangs_or_dies_is_given_up_and_its_work_done(store, monkeypatch):
    monkeypatch.setattr(kept, "PATIENCE", 1)
    monkeypatch.setattr(kept, "alone", lambda: True)  # pytest has a thread of its own; a fork that never returns does no harm
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    parent = os.getpid()

    def some(number):
        if os.getpid() != parent and number == "3":
            time.sleep(1000)
        if os.getpid() != parent and number == "5":
            os._exit(1)
        return [number]

    assert kept.each(some, [(str(number),) for number in range(8)]) == [[str(number)] for number in range(8)]


def test_there_is_no_fork_beside_another_thread(store, monkeypatch):
    def forbidden():
        raise AssertionError("forked")

    monkeypatch.setattr(os, "fork", forbidden)
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert not kept.alone()
        kept.ahead(print, list(range(8)))
    finally:
        done.set()
        thread.join()


def test_work_meanwhile_is_kept_and_ends_with_the_block(store, monkeypatch):
    monkeypatch.setattr(kept, "alone", lambda: True)  # as above
    key, late = kept.hashed("meanwhile"), kept.hashed("late")

    def work():
        kept.keep(key, os.getpid())
        time.sleep(600)
        kept.keep(late, 1)

    began = time.monotonic()
    with kept.meanwhile(work):
        while not (child := kept.find(key)) and time.monotonic() < began + 60:
            time.sleep(0.01)
        assert child != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert kept.find(late) is None
    with kept.meanwhile(lambda: 1 / 0):
        pass
    monkeypatch.setenv("KEEP", "no")
    monkeypatch.setattr(kept, "_child", lambda work: pytest.fail("a fork for nothing"))
    with kept.meanwhile(work):
        pass
