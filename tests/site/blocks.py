"""The Python blocks of a page: those written in it, and those a reader sees."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from uuid import uuid4

from pytest_examples import CodeExample

from tools.pages import INCLUDE

FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
PYTHON = re.compile(r"^(?:\{\s*\.|)(py|python|python3)\b", re.I)
SKIP = re.compile(r'test="skip(?P<reason>[^"]*)"')


@dataclass(frozen=True)
class Fence:
    """A fenced block: its info string, its text and the place it begins."""

    path: Path
    line: int  # of the first line inside, counted from 1
    start: int  # of the text, in characters
    end: int
    info: str
    indent: int
    text: str

    @property
    def python(self) -> bool:
        return bool(PYTHON.match(self.info))

    @property
    def includes(self) -> list[str]:
        return [match[1] for match in INCLUDE.finditer(self.text)]

    def example(self) -> CodeExample:
        return CodeExample(
            source=self.text,
            path=self.path,
            start_line=self.line - 1,
            end_line=self.line + self.text.count("\n"),
            start_index=self.start,
            end_index=self.end,
            prefix=self.info,
            indent=self.indent,
            group=uuid4(),
        )


def fences(text: str, path: Path) -> Iterator[Fence]:
    """All fenced blocks of a Markdown text. Raises ValueError for one that never closes."""
    lines = text.splitlines(keepends=True)
    starts, position = [], 0
    for line in lines:
        starts.append(position)
        position += len(line)
    at = 0
    while at < len(lines):
        opened = FENCE.match(lines[at].rstrip("\n"))
        at += 1
        if not opened:
            continue
        first = at
        fence = f"{re.escape(opened['fence'][0])}{{{len(opened['fence'])},}}"
        close = re.compile(rf"^[ \t]*{fence}[ \t]*$")
        while at < len(lines) and not close.match(lines[at].rstrip("\n")):
            at += 1
        if at == len(lines):
            raise ValueError(f"{path}:{first}: this fence is never closed; close it")
        inside = "".join(lines[first:at])
        yield Fence(
            path,
            first + 1,
            starts[first] if first < len(lines) else position,
            starts[at],
            opened["info"].strip(),
            len(opened["indent"]),
            dedent(inside),
        )
        at += 1
