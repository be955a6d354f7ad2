"""Code is coloured with fewer attempts, to the same tokens.

In each state a lexer of Pygments tries one pattern after the other; in Python's, of the 37 that are tried for a token, 36
fail, most of them at the first character. Here the patterns that cannot begin with it are left out.

The first characters come from ``re``'s own parser. What is not known of it may begin with anything, so that a
newer Python makes this slower, not wrong.

At each block Pygments also looks for the lexer's name in a list of six hundred, and names the classes of a style again: both
are done once.
"""

import re
from re import _constants as code
from re import _parser as parser

from pygments.formatters.html import HtmlFormatter
from pygments.lexer import RegexLexerMeta
from pygments.lexers import LEXERS

ASCII = frozenset(map(chr, range(128)))
ZERO_WIDTH = {code.AT, code.ASSERT, code.ASSERT_NOT}
CATEGORIES = {
    code.CATEGORY_DIGIT: r"\d", code.CATEGORY_NOT_DIGIT: r"\D", code.CATEGORY_SPACE: r"\s",
    code.CATEGORY_NOT_SPACE: r"\S", code.CATEGORY_WORD: r"\w", code.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


class Unknown(Exception):
    """A piece of a pattern of which nothing is known."""


def first(pattern: re.Pattern) -> frozenset[str] | None:
    """The ASCII characters that a match may begin with; None if it may be empty, or nothing is known."""
    try:
        begins, empty = _sequence(parser.parse(pattern.pattern, pattern.flags))
    except Unknown:
        return None
    if pattern.flags & re.IGNORECASE:
        begins = begins | {char.swapcase() for char in begins}
    return None if empty else frozenset(begins)


def _sequence(parts) -> tuple[set[str], bool]:
    """What a sequence may begin with, and whether it may be empty."""
    begins = set()
    for kind, value in parts:
        if kind in ZERO_WIDTH:
            continue
        some, empty = _part(kind, value)
        begins |= some
        if not empty:
            return begins, False
    return begins, True


def _part(kind, value) -> tuple[set[str], bool]:
    if kind in (code.MAX_REPEAT, code.MIN_REPEAT):
        begins, empty = _sequence(value[2])
        return begins, empty or value[0] == 0
    if kind is code.SUBPATTERN and not value[1]:  # no flags of its own
        return _sequence(value[3])
    if kind is code.BRANCH:
        begins, empty = zip(*map(_sequence, value[1]))
        return set().union(*begins), any(empty)
    return _characters(kind, value), False


def _characters(kind, value) -> set[str]:
    if kind is code.LITERAL and value < 128:  # another letter may be an ASCII one in another case
        return {chr(value)}
    if kind in (code.ANY, code.NOT_LITERAL):
        return set(ASCII)
    if kind is code.RANGE and value[1] < 128:
        return set(map(chr, range(value[0], value[1] + 1)))
    if kind is code.CATEGORY and value in CATEGORIES:
        return {char for char in ASCII if re.match(CATEGORIES[value], char)}
    if kind is code.IN:
        return (
            set(ASCII)
            if value[0][0] is code.NEGATE
            else set().union(*(_characters(*each) for each in value))
        )
    raise Unknown


class ByFirst(dict):
    """The rules of a state that can begin with a character, found when it is first met."""

    def __init__(self, rules: list):
        patterns = [getattr(match, "__self__", None) for match, *_ in rules]
        begins = [first(each) if isinstance(each, re.Pattern) else None for each in patterns]
        self.rules = list(zip(rules, begins))

    def __missing__(self, char: str) -> list:
        fits = [
            rule
            for rule, begins in self.rules
            if begins is None or char not in ASCII or char in begins
        ]
        return self.setdefault(char, fits)


class Rules(list):
    """The rules of a state, as a lexer goes through them for each token.

    The first of them matches nothing: it looks at the next character, and puts behind itself the rules that
    are needed. What goes through a list meets what was put there meanwhile.
    """

    def __init__(self, rules: list):
        by_first = ByFirst(rules)

        def look(text: str, at: int, *end: int) -> None:
            self[1:] = by_first[text[at : at + 1]]

        super().__init__([(look, None, None), *rules])


def fewer(tokens: dict[str, list]) -> dict[str, Rules]:
    """All states of a lexer."""
    return {state: Rules(rules) for state, rules in tokens.items()}


def soon(name: str) -> None:
    """Let a lexer be found first; no two of them share a name."""
    others = {each: LEXERS[each] for each in LEXERS if each != name}
    found = LEXERS[name]
    LEXERS.clear()
    LEXERS.update({name: found, **others})


def once(create):
    """A formatter's way to name the classes of its style, which remembers them."""
    known = {}

    def _create_stylesheet(self):
        key = type(self), self.style, self.classprefix
        if key not in known:
            create(self)
            known[key] = self.ttype2class, self.class2style
        self.ttype2class, self.class2style = known[key]

    return _create_stylesheet


def install() -> None:
    """For every lexer that is used from now on for the first time, by one thread at a time."""
    plain = RegexLexerMeta.process_tokendef
    if plain.__module__ == __name__:
        return
    RegexLexerMeta.process_tokendef = lambda cls, *given: fewer(plain(cls, *given))
    HtmlFormatter._create_stylesheet = once(HtmlFormatter._create_stylesheet)
    soon("PythonLexer")
