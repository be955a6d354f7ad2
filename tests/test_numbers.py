"""The papers' numbers: every row of every page is within its tolerance, or says why not."""

import json

from tools.generate import GENERATED
from tools.measure import Paper
from tools.pages import load


def measured(what):
    """(page, row) of everything of one kind that the pages' rooms measured."""
    return [
        (page.id, row)
        for page in load()
        if page.program
        for row in json.loads((GENERATED / page.id / "data.json").read_text("utf-8"))[what]
    ]


def test_every_row_holds():
    rows = measured("paper")
    broken = [f"{page}: {row['claim']}: paper {row['said']}, run {row['got']}" for page, row in rows
              if not row["holds"]]
    assert not broken, "\n".join(broken)
    print(f"{len(rows)} paper results, {sum(bool(r['differs']) for _, r in rows)} known to differ")
    assert len(rows) >= 20


def test_a_row_out_of_tolerance_does_not_hold():
    assert not Paper("k2000x", "p", "c", said=1.0, got=1.2, tolerance=0.1).holds()
    assert not Paper("k2000x", "p", "c", said=1.0, got=1.0, differs="it agrees after all").holds()


def test_every_cell_of_the_map_is_measured():
    cells = measured("effects")
    assert len(cells) >= 16
    rows = {}
    for page, effect in cells:
        rows.setdefault(page, set()).add(effect["verdict"])
    # What the map says of itself: nothing helps everywhere.
    assert len(rows) >= 4 and all("hurts" in verdicts for verdicts in rows.values())
    assert all(effect["function"] and effect["verdict"] for _, effect in cells)
