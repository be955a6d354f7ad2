"""Two builds of the same sources, in two folders, are the same to the byte."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.site.conftest import PREFIX
from tools.programs import ROOT
from tools.reproduce import different


def clone(target: Path) -> None:
    """The sources as they are now, with their history, and what the pages' programs gave."""
    subprocess.run(["git", "clone", "-q", "--no-checkout", ROOT, target], check=True)
    asked = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(asked, check=True, capture_output=True).stdout.decode().split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target / name)
    shutil.copytree(ROOT / "docs" / "_generated", target / "docs" / "_generated")
    # What npm brings is checked by its hash, and another build's bytes all the same.
    shutil.copytree(ROOT / ".build" / "npm", target / ".build" / "npm")


@pytest.mark.timeout(600)
def test_another_folder_and_another_order_of_hashes_give_the_same_site(site, tmp_path):
    clone(tmp_path / "elsewhere")
    environment = {
        **os.environ,
        "SITE_URL": f"http://127.0.0.1/{PREFIX}/",
        "PYTHONHASHSEED": "12345",
        "KEEP": "no",
        "TZ": "Asia/Tokyo",
    }
    command = [sys.executable, "-m", "tools.build", tmp_path / "site"]
    done = subprocess.run(command, cwd=tmp_path / "elsewhere", env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert different(site, tmp_path / "site") == []


def test_a_byte_a_file_more_and_a_file_less_are_seen(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "same").write_text("same")
    (tmp_path / "one" / "deep" / "byte").write_text("a")
    (tmp_path / "two" / "deep" / "byte").write_text("b")
    (tmp_path / "one" / "less").write_text("")
    (tmp_path / "two" / "more").write_text("")
    assert different(tmp_path / "one", tmp_path / "two") == ["deep/byte", "less", "more"]
