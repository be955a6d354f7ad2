"""Fewer and smaller files for the same page."""

import hashlib
import re
from itertools import pairwise
from pathlib import Path

import tinycss2
from selectolax.lexbor import LexborHTMLParser

# What is joined, in the order of the pages. The theme's names hold a hash.
STYLES = ("assets/stylesheets/main.*.css", "assets/stylesheets/palette.*.css", "assets/site.css", "assets/figure.css")
SCRIPTS = ("assets/copy.js", "assets/reach.js", "assets/search.js", "run/boot.js")
BUNDLE = re.compile(r'<script (src="[^"]*assets/javascripts/bundle\.[^"]*")>')
KEPT = re.compile(r"(<(pre|script|style|textarea)\b.*?</\2>)", re.S)
# What a notebook's page has beside its text: half a megabyte of styles, loaders of scripts
# from other hosts, prompts, and each cell a second time for a button that the theme has too.
CHROME = (
    "article style, article script, .jp-InputPrompt, .jp-OutputPrompt, .jp-Collapser, "
    ".zeroclipboard-container, .clipboard-copy-txt"
)
CELL = re.compile(r'<div class="highlight-ipynb[^"]*"><pre>(.*?)</pre>', re.S)


def labs(site: Path) -> None:
    """Give a notebook's cells the form, and so the look and the buttons, of all other code."""
    for path in sorted(site.glob("labs/*/index.html")):
        tree = LexborHTMLParser(path.read_text("utf-8"))
        for each in tree.css(CHROME):
            each.decompose()
        for each in tree.css(".jp-Cell-inputWrapper[tabindex], .jp-OutputArea[tabindex]"):
            del each.attrs["tabindex"]
        for each in tree.css("a.anchor-link"):
            each.attrs["class"] = "headerlink"
        cell = r'<div class="language-python highlight"><pre><code>\1</code></pre>'
        path.write_text(f"<!doctype html>\n{CELL.sub(cell, tree.html.strip())}\n", "utf-8")


def join(site: Path) -> None:
    """One style sheet and one script in place of eight files, and the theme's script deferred.

    Names carry a hash of the content, so that a host may let browsers keep them for ever.
    """
    styles = [path for name in STYLES for path in sorted(site.glob(name))]
    scripts = [site / name for name in SCRIPTS if (site / name).is_file()]  # no Run without a network
    words = _words(site)
    made = {
        "css": "".join(_sheet(path, words) for path in styles),
        "js": "".join(_block(path.relative_to(site).as_posix(), path.read_text("utf-8")) for path in scripts),
    }
    names = {}
    for kind, text in made.items():
        names[kind] = f"assets/ours.{hashlib.sha256(text.encode()).hexdigest()[:8]}.{kind}"
        (site / names[kind]).write_text(text, "utf-8")
    for path in sorted(site.rglob("*.html")):
        text = BUNDLE.sub(r"<script defer \1>", path.read_text("utf-8"))
        for kind, parts in (("css", styles), ("js", scripts)):
            tags = [tag for part in parts if (tag := _tag(text, part.relative_to(site).as_posix()))]
            for tag in tags[1:]:
                text = text.replace(tag, "")
            if tags:
                # The address up to the folder of the site stays as it is.
                joined = re.sub(r'="([^"]*?)(?:assets|run)/[^"]*"', rf'="\1{names[kind]}"', tags[0])
                text = text.replace(tags[0], joined)
        path.write_text(text, "utf-8")
    for path in (*styles, *scripts, *site.glob("assets/**/*.map")):
        path.unlink()


def _sheet(path: Path, words: set[str]) -> str:
    """A style sheet as it is, if it is ours; of the theme's what the site can meet, without its map."""
    text = path.read_text("utf-8")
    if path.parent.name == "assets":
        return text
    if away := re.search(r"url\((?!['\"]?(?:data:|#))[^)]*\)", text):
        raise RuntimeError(f"{path.name}: {away[0]} would lead elsewhere when it is joined")
    return prune(text, words) + "\n"


def _words(site: Path) -> set[str]:
    """Every word of the pages and of the scripts, among them all names of classes that can be met."""
    texts = (path.read_text("utf-8") for kind in ("html", "js") for path in site.rglob(f"*.{kind}"))
    return {word for text in texts for word in re.findall(r"[\w-]+", text)}


def prune(css: str, words: set[str]) -> str:
    """A style sheet without the rules for classes that nothing on the site has.

    What stands in brackets, as in ``:not(.a)``, is never a reason to drop a rule.
    """
    kept = []
    for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if rule.type == "qualified-rule":
            selectors = [one for one in _commas(rule.prelude) if _classes(one) <= words]
            if selectors:
                rule.prelude = [token for one in selectors for token in (COMMA, *one)][1:]
                kept.append(rule.serialize())
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports") and rule.content:
            if inner := prune(tinycss2.serialize(rule.content), words):
                kept.append(f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}")
        else:
            kept.append(rule.serialize())
    return "\n".join(kept)


COMMA = tinycss2.ast.LiteralToken(0, 0, ",")


def _commas(tokens: list) -> list[list]:
    parts = [[]]
    for token in tokens:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _classes(selector: list) -> set[str]:
    return {after.value for dot, after in pairwise(selector) if dot == "." and after.type == "ident"}


def _block(name: str, text: str) -> str:
    """A module as a block of the common one, which stands in assets/."""
    if re.search(r"^\s*(import|export)\b[^(]", text, re.M):
        raise RuntimeError(f"{name}: imports or exports cannot be joined; use import()")
    here = f'new URL("../{name}", import.meta.url).href'
    return "{\n" + text.replace("import.meta.url", here) + "}\n"


def _tag(page: str, name: str) -> str:
    """The tag by which a page loads a file, or nothing."""
    found = re.search(rf'<(?:link\b[^>]*href|script\b[^>]*src)="[^"]*{re.escape(name)}"[^>]*>(?:</script>)?', page)
    return found[0] if found else ""


def squeeze(site: Path) -> None:
    """Take the indentation and the empty lines of the templates out of every page."""
    for path in sorted(site.rglob("*.html")):
        parts = KEPT.split(path.read_text("utf-8"))
        # text, what is kept, its tag's name, text, ...
        parts[::3] = [re.sub(r"\s*\n\s*", "\n", text) for text in parts[::3]]
        del parts[2::3]
        path.write_text("".join(parts), "utf-8")
