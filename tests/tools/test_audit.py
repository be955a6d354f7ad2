"""The audit of what is pinned: a hole is named, silence is not taken for safety."""

import json

from tools import audit
from tools.lock import FILES
from tools.programs import ROOT


def report(*packages):
    return json.dumps({"dependencies": packages, "fixes": []})


SOUND = {"name": "a", "version": "1.0", "vulns": []}
HOLED = {
    "name": "b",
    "version": "2.0",
    "vulns": [{"id": "X-1", "fix_versions": ["2.1", "3.0"], "aliases": []}],
}
HOPELESS = {"name": "c", "version": "3.0", "vulns": [{"id": "X-2", "fix_versions": []}]}
UNKNOWN = {"name": "d", "skip_reason": "not found"}


def test_a_hole_is_named_with_its_mend():
    assert audit.verdict(report(SOUND, HOLED, HOPELESS)) == (
        ["b 2.0: X-1, mended in 2.1, 3.0", "c 3.0: X-2, mended in no version yet"], 3, 0,
    )  # fmt: skip


def test_what_could_not_be_looked_up_is_not_counted_as_sound():
    assert audit.verdict(report(SOUND, UNKNOWN, UNKNOWN)) == ([], 1, 2)


def test_a_pin_behind_is_found(monkeypatch, tmp_path):
    (tmp_path / "pins.txt").write_text(
        "a==1.0 \\\n    --hash=sha256:00\na==0.9 ; y\nb==2.0 ; x\nc==3\n", "utf-8"
    )
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    monkeypatch.setattr(
        audit, "pin", lambda group, target: target.write_text("a==1.0\na==0.95\nb==2.1\n", "utf-8") and 0
    )
    assert audit.behind("g", "pins.txt") == [
        "a 0.9: 0.95, 1.0 is there", "b 2.0: 2.1 is there", "c 3: nothing is there",
    ]  # fmt: skip
    monkeypatch.setattr(audit, "pin", lambda group, target: 2)
    [line] = audit.behind("g", "pins.txt")
    assert "cannot be reached" in line


def test_every_file_of_pins_is_audited_and_has_hashes():
    assert {path.name for path in ROOT.glob("requirements*.txt")} == set(FILES.values())
    for name in FILES.values():
        text = (ROOT / name).read_text("utf-8")
        assert audit.pins(text)
        assert text.count("--hash=sha256:") >= len(audit.pins(text))
