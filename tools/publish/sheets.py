"""Style sheets without what nothing on the site has or reads."""

import re
from itertools import pairwise

import tinycss2

# What a page can have beside classes: a direction of writing, and the theme's colours by name. No script sets others.
CHOICE = re.compile(r"""\b(dir|data-md-color-(?:primary|accent))=["']?([\w-]+)""")
# What follows a bare table: each stands in a wrap of its own (tools/hook.py). While a sheet chooses by what an element
# follows, whatever its kind, browsers style everything beside an element anew when a script adds one.
NEVER = {".md-typeset table:not([class])+*"}
VARIABLE = re.compile(r"--[\w-]+")
USED = re.compile(r"var\(\s*(--[\w-]+)")


def choices(text: str) -> list[str]:
    return [f"{name}={value}" for name, value in CHOICE.findall(text)]


def pruned(css: str, words: str) -> str:
    return prune(css, set(words.split()))


def prune(css: str, words: set[str]) -> str:
    """A style sheet without the rules for classes, colours and directions that nothing on the site has, and NEVER.

    What stands in brackets, as in ``:not(.a)``, is never a reason to drop a rule.
    """

    def met(rule) -> str:
        selectors = [one for one in _commas(rule.prelude) if _needs(one) <= words and tinycss2.serialize(one).strip() not in NEVER]
        rule.prelude = [token for one in selectors for token in (COMMA, *one)][1:]
        return rule.serialize() if selectors else ""

    return _changed(css, met)


def _changed(css: str | list, change) -> str:
    """A style sheet, or its tokens, with ``change(rule)`` in place of each rule, also of those in @media and @supports."""
    out = []
    for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if rule.type == "qualified-rule":
            out.append(change(rule))
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports") and rule.content:
            inner = _changed(rule.content, change)
            out.append(inner and f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}")
        else:
            out.append(rule.serialize())
    return "\n".join(filter(None, out))


COMMA = tinycss2.ast.LiteralToken(0, 0, ",")


def _commas(tokens: list) -> list[list]:
    parts = [[]]
    for token in tokens:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _needs(selector: list) -> set[str]:
    """The classes and choices without which a selector finds nothing."""
    classes = {
        after.value for dot, after in pairwise(selector) if dot == "." and after.type == "ident"
    }
    blocks = [tinycss2.serialize(token.content) for token in selector if token.type == "[] block"]
    return classes | {choice for block in blocks for choice in choices(block)}


def without_idle(css: str, named: str) -> str:
    """A style sheet without the variables that nothing needs: no script or page names them, and no style that is needed reads them."""
    tokens = tinycss2.parse_component_value_list(css, skip_comments=True)
    reads, needed = {}, {f"--{name}" for name in named.split()}

    def look(rule) -> str:
        for part in _declarations(rule) or [rule]:
            name, used = getattr(part, "name", ""), USED.findall(part.serialize())
            if VARIABLE.match(name):
                reads.setdefault(name, set()).update(used)
            else:
                needed.update(used)
        return ""

    def read(rule) -> str:
        parts = _declarations(rule)
        if not parts:
            return rule.serialize()
        left = [part.serialize() for part in parts if not VARIABLE.match(part.name) or part.name in needed]
        return f"{tinycss2.serialize(rule.prelude)}{{{';'.join(left)}}}" if left else ""

    needed.update(USED.findall(_changed(tokens, look)))  # what is left: @keyframes and their like
    new = needed
    while new := set().union(*(reads.get(name, ()) for name in new)) - needed:
        needed |= new
    return _changed(tokens, read)


def _declarations(rule) -> list:
    """The declarations of a rule that sets variables, or none: a nest of rules is ours and stays as it is."""
    if not VARIABLE.search(tinycss2.serialize(rule.content)):
        return []
    parts = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    return parts if all(part.type == "declaration" for part in parts) else []
