"""The MkDocs hook that the site needs: fragments before a build, tables that scroll in it, the search index after it.

Zensical ignores hooks; there ``python -m tools.generate`` is run by hand before, and
``python -m tools.search site`` after.
"""

import logging
import re
import sys
from pathlib import Path

from mkdocs.exceptions import PluginError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import search
from tools.generate import GenerateError, generate

# The theme's script would wrap tables in the reader's browser, which then styles the whole page again.
TABLE = re.compile(r"<table>.*?</table>", re.S)
WRAP = r'<div class="md-typeset__scrollwrap"><div class="md-typeset__table">\g<0></div></div>'

log = logging.getLogger("mkdocs.hooks.search")


def on_pre_build(config):
    """Generate, or stop the build with the sentences that say what is wrong."""
    try:
        generate()
    except GenerateError as error:
        raise PluginError(f"generate: {error}") from None


def on_page_content(html, **_):
    """Let a table scroll by itself where it is wider than the page."""
    return TABLE.sub(WRAP, html)


def on_post_build(config):
    """Index what was built. Without a network the site is complete but for its search."""
    if missing := search.write(Path(config.site_dir)):
        log.info(missing)
