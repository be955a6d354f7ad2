"""The MkDocs hook that the site needs: fragments before a build, the search index after it.

Zensical ignores hooks; there ``python -m tools.generate`` is run by hand before, and
``python -m tools.search site`` after.
"""

import logging
import sys
from pathlib import Path

from mkdocs.exceptions import PluginError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import search
from tools.generate import GenerateError, generate

log = logging.getLogger("mkdocs.hooks.search")


def on_pre_build(config):
    """Generate, or stop the build with the sentences that say what is wrong."""
    try:
        generate()
    except GenerateError as error:
        raise PluginError(f"generate: {error}") from None


def on_post_build(config):
    """Index what was built. Without a network the site is complete but for its search."""
    if missing := search.write(Path(config.site_dir)):
        log.info(missing)
