"""What a public site needs beside its pages, made from the built site, whoever built it.

``publish(site, root, url, edit)`` is called by tools.build after MkDocs (and can be after Zensical):
lighter pages, dates from git, the Markdown behind each page, a feed, cards, and last the policy.
"""

from pathlib import Path

from tools.publish import around, lean, pages, policy
from tools.publish.history import history


def publish(site: Path, root: Path, url: str, edit: str = "") -> None:
    """Finish a site built from ``root``, which will stand at ``url``; its pages are edited below ``edit``, if anywhere."""
    texts = pages.read(site)
    lean.labs(site, pages=texts)
    around.add(site, root, url, history(root), edit, pages=texts)
    lean.lighten(site, pages=texts)
    policy.apply(site, pages=texts)
    pages.write(texts)
