"""Code is coloured with fewer attempts, and exactly as Pygments alone does it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import LEXERS, get_lexer_by_name

from tools import colour
from tools.programs import ROOT

LANGUAGES = ("python", "bash", "yaml", "toml", "html", "css", "javascript", "sql", "nginx", "ini")
PROGRAMS = sorted((ROOT / "snippets").rglob("*.py"))
RAFT = (ROOT / "snippets/concepts/raft.py").read_text("utf-8")
PIECES = st.sampled_from(
    [*map(chr, range(128)), *"éßſKΩ中文😀\u2028\xa0", "def ", "class ", "import ", "from . import", "f'{x!r:>{n}}'", "rb'", '\"\"\"', "\r\n", "@x", ":="]
)  # fmt: skip


def with_fewer(lexer):
    """The lexer, but for what is tried."""
    twin = type(lexer)(**lexer.options)
    twin._tokens = colour.fewer(lexer._tokens)
    return twin


@pytest.fixture(scope="module")
def twins():
    lexers = [get_lexer_by_name(name) for name in LANGUAGES]
    return [(lexer, with_fewer(lexer)) for lexer in lexers]


def test_every_program_has_the_same_tokens(twins):
    lexer, twin = twins[0]
    for path in PROGRAMS:
        text = path.read_text("utf-8")
        assert list(twin.get_tokens(text)) == list(lexer.get_tokens(text)), path.name


@given(text=st.lists(PIECES, max_size=40).map("".join))
def test_any_text_has_the_same_tokens_in_every_language(twins, text):
    for lexer, twin in twins:
        assert list(twin.get_tokens(text)) == list(lexer.get_tokens(text)), lexer.name


class Counting:
    """A pattern's match that notes each attempt."""

    tried = 0

    def __init__(self, match):
        self.match, self.__self__ = match, match.__self__

    def __call__(self, text, at):
        Counting.tried += 1
        return self.match(text, at)


def test_a_style_is_read_once_and_each_formatter_has_its_own_names():
    made = []

    class Formatter(HtmlFormatter):
        _create_stylesheet = colour.once(lambda self: (made.append(1), HtmlFormatter._create_stylesheet(self)))

    for options in ({}, {"classprefix": "x-"}, {"style": "monokai"}, {"style": "monokai", "classprefix": "x-"}) * 2:
        ours, plain = Formatter(**options), HtmlFormatter(**options)
        assert (ours.ttype2class, ours.class2style) == (plain.ttype2class, plain.class2style)
    assert len(made) == 4


def test_a_lexer_that_is_found_soon_hides_no_other(monkeypatch):
    before = {alias: get_lexer_by_name(alias).name for alias in LANGUAGES}
    monkeypatch.setattr(colour, "LEXERS", dict(LEXERS))
    colour.soon("PythonLexer")
    assert next(iter(colour.LEXERS)) == "PythonLexer"
    assert colour.LEXERS == LEXERS
    names = [alias.lower() for _, _, aliases, _, _ in LEXERS.values() for alias in aliases]
    assert len(names) == len(set(names)), "with a name twice, the order would matter"
    assert {alias: get_lexer_by_name(alias).name for alias in LANGUAGES} == before


def test_most_attempts_are_spared():
    lexer = get_lexer_by_name("python")
    lexer._tokens = {
        state: [(Counting(match), *rest) for match, *rest in rules]
        for state, rules in lexer._tokens.items()
    }

    def attempts(lexer):
        Counting.tried = 0
        assert len(list(lexer.get_tokens(RAFT))) > 1000
        return Counting.tried

    assert attempts(lexer) > 5 * attempts(with_fewer(lexer))


@pytest.mark.parametrize(
    "pattern, flags, begins",
    [
        ("ab|c", 0, "ac"),
        ("a?b", 0, "ab"),
        ("(?:x*)+y", 0, "xy"),
        ("a*", 0, None),
        ("", 0, None),
        ("(?=a)b", 0, "b"),
        ("^[x-z]", re.M, "xyz"),
        ("(a|)b", 0, "ab"),
        ("k", re.I, "kK"),
        ("é|a", 0, None),
        (r"(.)\1", 0, colour.ASCII),
        (r"(x)?(?(1)y|z)", 0, None),
        ("(?i:a)", 0, None),
        (r"\d+?", 0, "0123456789"),
        ("[^a]", re.I, colour.ASCII),
    ],
)
def test_what_a_pattern_may_begin_with(pattern, flags, begins):
    found = colour.first(re.compile(pattern, flags))
    assert found == (begins if begins is None else frozenset(begins))


def test_a_character_too_few_is_noticed(twins, monkeypatch):
    """The broken variant: a part that may be missing is taken for one that is there."""
    whole = colour._part
    monkeypatch.setattr(colour, "_part", lambda *given: (whole(*given)[0], False))
    lexer, _ = twins[0]
    assert list(with_fewer(lexer).get_tokens(RAFT)) != list(lexer.get_tokens(RAFT))
