"""What the built pages may load and run: one Content-Security-Policy for the whole site.

``apply(site)`` writes it into every page as a <meta>, and into ``_headers`` for hosts that read
that file. Nothing comes from another origin; no text becomes code, but for the scripts that the
theme writes into its pages, each named by its hash. All pages share one policy, because the
theme exchanges pages without loading them anew.
"""

import base64
import hashlib
import re
from html import escape
from pathlib import Path

from tools.publish.pages import step

SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.S)
STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.S)
RUNS = re.compile(r'type="(?!module|text/javascript)')  # data blocks have another type
HEAD = re.compile(r"<head>\s*<meta charset=[^>]*>")
FOR_EVER = "  Cache-Control: public, max-age=31536000, immutable\n"


def hashed(texts: set[str]) -> str:
    digests = sorted(
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts
    )
    return "".join(f" 'sha256-{digest}'" for digest in digests)


def policy(pages: list[str]) -> str:
    """The policy that these pages need, and no more."""
    scripts = {
        text
        for page in pages
        for attributes, text in SCRIPT.findall(page)
        if "src=" not in attributes and not RUNS.search(attributes)
    }
    styles = {text for page in pages for text in STYLE.findall(page)}
    rules = {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "connect-src": "'self'",
        "font-src": "'self'",
        "img-src": "'self' data:",
        "manifest-src": "'self'",
        # Python is WebAssembly; that does not allow eval.
        "script-src": f"'self' 'wasm-unsafe-eval'{hashed(scripts)}",
        "style-src": f"'self'{hashed(styles)}",
        "style-src-attr": "'unsafe-inline'",  # charts and tables: colours and alignments
        "worker-src": "'self' blob:",  # a blob's worker stands under this policy too
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


@step
def apply(site: Path, *, pages: dict[Path, str]) -> str:
    """Write the policy into every page of a built site, and its ``_headers``; return it."""
    rules = policy(list(pages.values()))
    meta = f'<meta http-equiv="Content-Security-Policy" content="{escape(rules)}">'
    for path, text in pages.items():
        changed, count = HEAD.subn(lambda match: match[0] + meta, text, count=1)
        if not count:
            raise RuntimeError(f"{path.relative_to(site)}: no <meta charset> begins its head")
        pages[path] = changed
    headers = (
        "/*\n"
        f"  Content-Security-Policy: {rules}; frame-ancestors 'none'\n"
        "  X-Content-Type-Options: nosniff\n"
    )
    for folder in sorted(path for path in site.glob("run/*") if path.is_dir()):
        headers += f"/run/{folder.name}/*\n{FOR_EVER}"
    (site / "_headers").write_text(headers, "utf-8")
    return rules
