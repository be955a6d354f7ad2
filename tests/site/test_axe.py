"""axe-core sees what it should; what it says of each page is in test_browser.py."""

import pytest

from tests.site.axe import COLOUR, TWO_OF_A_KIND, violations, wear
from tests.site.test_browser import go


@pytest.mark.parametrize("width", [390, 1280])
def test_the_open_search_can_be_used_by_everyone(width, tab, base_url):
    tab.set_viewport_size({"width": width, "height": 844})
    go(tab, base_url)
    tab.keyboard.press("/")
    problems = []
    for query in ("consistant hashing", "cnsnss", ""):
        tab.wait_for_function("document.querySelector('dialog.search[open]')?.dataset.ready")
        tab.fill("dialog.search input", query)
        tab.wait_for_function(
            "document.querySelector('dialog.search [role=listbox]').ariaBusy !== 'true'"
        )
        for theme in ("light", "dark"):
            wear(tab, theme)
            problems += [f"{theme}: {query}: {line}" for line in violations(tab)]
    assert not problems, "\n".join(problems)


def test_axe_finds_what_is_planted(tab, base_url):
    go(tab, base_url, "contributing/style/")
    assert not violations(tab)
    tab.evaluate("""() => document.querySelector("article").insertAdjacentHTML("beforeend",
      `<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="9" height="9">
       <p style="color:#ccc;background:#fff">hardly to be read</p><button></button>
       <div role="dialog"><p>without a name</p></div>`)""")
    found = {line.split(" at ")[0] for line in violations(tab)}
    assert found == {"image-alt", "color-contrast", "button-name", "aria-dialog-name"}
    wear(tab, "dark")
    assert len(violations(tab, COLOUR)) == 1
    tab.add_style_tag(content="article{--ink:#2b2f33}article p{color:var(--ink)}")
    tab.evaluate(TWO_OF_A_KIND)
    assert len(violations(tab, COLOUR)) > 1
