"""The one MkDocs hook: bring the generated fragments up to date before a build.

Zensical ignores hooks; there ``python -m tools.generate`` is run by hand.
"""

import sys
from pathlib import Path

from mkdocs.exceptions import PluginError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.generate import GenerateError, generate


def on_pre_build(config):
    """Generate, or stop the build with the sentences that say what is wrong."""
    try:
        generate()
    except GenerateError as error:
        raise PluginError(f"generate: {error}") from None


def on_page_markdown(markdown, page, **_):
    """Give the aliases of a page to the search index as tags, which weigh most."""
    if aliases := page.meta.get("aliases"):
        page.meta["tags"] = aliases
