"""Fewer and smaller files for the same page."""

import hashlib
import re
import shutil
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from tools import kept
from tools.publish import sheets
from tools.publish.pages import step
from tools.publish.policy import SCRIPT

WITHOUT = ' class="no-js"'  # a script that took it away would have the whole page styled again
# What is joined, in the order of the pages. The theme's names hold a hash.
STYLES = (
    "assets/stylesheets/main.*.css",
    "assets/stylesheets/palette.*.css",
    "assets/site.css",
    "assets/figure.css",
)
SCRIPTS = ("assets/page.js", "assets/menu.js", "assets/move.js", "assets/copy.js", "assets/search.js", "run/boot.js")
MODULES = (
    "assets/*.js",
    "assets/search/dialog.js",
    "run/*/*.js",
)  # what else runs in a page
# The faces of what is seen first: on their way with the styles, they come before the first line is broken.
FIRST = ("assets/fonts/text.woff2", "assets/fonts/head.woff2")
FONT = '<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>'
ADDRESS = re.compile(r'="([^"]*?)(?:assets|run)/[^"]*"')
KEPT = re.compile(r"(<(pre|script|style|textarea)\b.*?</\2>)", re.S)
# What a notebook's page has beside its text: half a megabyte of styles, loaders of scripts
# from other hosts, prompts, and each cell a second time for a button that the theme has too.
CHROME = (
    "article style, article script, .jp-InputPrompt, .jp-OutputPrompt, .jp-Collapser, "
    ".zeroclipboard-container, .clipboard-copy-txt"
)
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
CLASSES = re.compile(r' class="([^"]*)"')
CHOSEN = re.compile(r"<(?:html|body|input)\b[^>]*>")  # the elements that have a direction or a colour
# Names, signs and spaces in code, half of all elements of a page: they are left in the colour of the text.
PLAIN = re.compile(r'<span class="[npow]">([^<]*)</span>')
JOINED = {kind: f"assets/ours.@@@@@@@@.{kind}" for kind in ("css", "js")}  # no page says that
WORDS = bytes(
    at if at < 128 and re.match(r"[\w-]", chr(at)) else 32 for at in range(256)
)  # spaces between them
CELL = re.compile(r'<div class="highlight-ipynb[^"]*"><pre>(.*?)</pre>', re.S)


@step
def labs(site: Path, *, pages: dict[Path, str]) -> None:
    """Give a notebook's cells the form, and so the look and the buttons, of all other code."""
    for path in sorted(site.glob("labs/*/index.html")):
        tree = LexborHTMLParser(pages[path])
        for each in tree.css(CHROME):
            each.decompose()
        for each in tree.css(".jp-Cell-inputWrapper[tabindex], .jp-OutputArea[tabindex]"):
            del each.attrs["tabindex"]
        for each in tree.css('[id^="cell-id="]'):
            del each.attrs["id"]  # drawn by lot in every build
        for each in tree.css("a.anchor-link"):
            each.attrs["class"] = "headerlink"
        cell = r'<div class="language-python highlight"><pre><code>\1</code></pre>'
        pages[path] = f"<!doctype html>\n{CELL.sub(cell, tree.html.strip())}\n"


@step
def lighten(site: Path, *, pages: dict[Path, str]) -> None:
    """One style sheet and one script in place of nine files, none of the theme's scripts, no indentation.

    Names carry a hash of the content, so that a host may let browsers keep them for ever.
    """
    styles = [path for name in STYLES for path in sorted(site.glob(name))]
    scripts = [
        site / name for name in SCRIPTS if (site / name).is_file()
    ]  # no Run without a network
    texts = [path.read_text("utf-8") for path in styles]
    # Of all words of the site only what the theme's sheets choose by matters.
    names = " ".join(
        sorted({name for text in texts for name in (*CLASS.findall(text), *sheets.choices(text))})
    )
    parts = [
        "\n".join(path.relative_to(site).as_posix() for path in each) for each in (styles, scripts)
    ]
    light = kept.each(lightened, [(text, *parts, names) for text in pages.values()])
    met = set().union(*(words.split() for _, words in light))
    inside = [path for name in MODULES for path in sorted(site.glob(name))]
    code = [path.read_text("utf-8") for path in inside + scripts]
    met |= set(names.split()) & set().union(*map(_words, code))
    left = "".join(_sheet(path, text, met) for path, text in zip(styles, texts))
    # A script that sets a variable, or a style in a page, says its whole name.
    named = {name for text in (*pages.values(), *code) for name in sheets.VARIABLE.findall(text)}
    named = " ".join(sorted(name[2:] for name in named))
    made = {
        "css": kept.each(sheets.without_idle, [(left, named)])[0],
        "js": "".join(
            _block(path.relative_to(site).as_posix(), path.read_text("utf-8")) for path in scripts
        ),
    }
    for kind, joined in made.items():
        name = f"assets/ours.{hashlib.sha256(joined.encode()).hexdigest()[:8]}.{kind}"
        (site / name).write_text(joined, "utf-8")
        light = [(text.replace(JOINED[kind], name), words) for text, words in light]
    pages.update({path: text for path, (text, _) in zip(pages, light)})
    for path in (*styles, *scripts, *site.glob("assets/**/*.map")):
        path.unlink()
    shutil.rmtree(site / "assets" / "javascripts", ignore_errors=True)  # overrides/main.html loads none of them


def lightened(text: str, styles: str, scripts: str, names: str) -> tuple[str, str]:
    """A page that loads the joined files, whose names are still to be filled in, and which of the names it has.

    The files that are joined stand one a line.
    """
    text = text.replace(WITHOUT, "", 1)
    said = {
        *_words(" ".join([*CLASSES.findall(text), *(code for _, code in SCRIPT.findall(text))])),
        *sheets.choices(" ".join(CHOSEN.findall(text))),
    }
    words = " ".join(sorted(set(names.split()) & said))
    for kind, parts in (("css", styles), ("js", scripts)):
        tags = [tag for part in parts.split("\n") if part and (tag := _tag(text, part))]
        for tag in tags[1:]:
            text = text.replace(tag, "")
        if tags:
            address = ADDRESS.search(tags[0])
            up = address[1]  # to the folder of the site
            first = [FONT.format(f"{up}{name}") for name in FIRST if kind == "css"]
            joined = tags[0].replace(address[0], f'="{up}{JOINED[kind]}"')
            text = text.replace(tags[0], "\n".join([*first, joined]))
    return squeeze(text), words


def _words(text: str) -> set[str]:
    """Every word, among them all names of classes that can be met."""
    return set(text.encode().translate(WORDS).decode().split())


def _sheet(path: Path, text: str, words: set[str]) -> str:
    """A style sheet as it is, if it is ours; of the theme's what the site can meet, without its map."""
    if path.parent.name == "assets":
        return text
    if away := re.search(r"url\((?!['\"]?(?:data:|#))[^)]*\)", text):
        raise RuntimeError(f"{path.name}: {away[0]} would lead elsewhere when it is joined")
    return kept.each(sheets.pruned, [(text, " ".join(sorted(words)))])[0] + "\n"


def _block(name: str, text: str) -> str:
    """A module as a block of the common one, which stands in assets/, without comment lines and indentation."""
    text = re.sub(r"^\s*//.*\n", "", text, flags=re.M)
    text = re.sub(r"^\s+", "", text, flags=re.M)  # in a template of several lines too: those of ours are HTML
    if re.search(r"^\s*(import|export)\b[^(]", text, re.M):
        raise RuntimeError(f"{name}: imports or exports cannot be joined; use import()")
    here = f'new URL("../{name}", import.meta.url).href'
    return "{\n" + text.replace("import.meta.url", here) + "}\n"


def _tag(page: str, name: str) -> str:
    """The tag by which a page loads a file, or nothing."""
    at = -1
    while (at := page.find(f'{name}"', at + 1)) >= 0:
        tag = page[page.rfind("<", 0, at) : page.find(">", at) + 1]
        if tag.startswith("<link"):
            return tag
        if tag.startswith("<script"):
            return tag + "</script>"
    return ""


def squeeze(text: str) -> str:
    """A page without the indentation and the empty lines of the templates, and without the PLAIN elements of code."""
    parts = KEPT.split(text)
    # text, what is kept, its tag's name, text, ...
    parts[::3] = [_flat(part) for part in parts[::3]]
    parts[1::3] = [PLAIN.sub(r"\1", part) if tag == "pre" else part for part, tag in zip(parts[1::3], parts[2::3])]
    del parts[2::3]
    return "".join(parts)


def _flat(text: str) -> str:
    """A new line for each group of spaces with a new line in it; a regular expression takes ten times as long."""
    first, *rest = text.split("\n")
    if not rest:
        return text
    *between, last = [line.strip() for line in rest[:-1]] + [rest[-1].lstrip()]
    return "\n".join([first.rstrip(), *filter(None, between), last])
