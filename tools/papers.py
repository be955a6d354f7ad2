"""The sources: ``docs/reference/papers.bib`` read, checked and formatted."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from tools import kept
from tools.programs import ROOT, read

BIB = ROOT / "docs" / "reference" / "papers.bib"
KEY = re.compile(r"[a-z]+\d{4}[a-z]+")


class PaperError(Exception):
    """An entry that cannot be printed; the message names the file, the key and the mend."""


@dataclass(frozen=True)
class Source:
    """One entry of papers.bib."""

    key: str
    authors: tuple[str, ...]  # as printed, "Leslie Lamport"
    title: str
    year: int
    place: str  # journal with volume and pages, proceedings, publisher or institution
    url: str
    read: str = ""  # the day on which it was read there, as 2026-11-24; none for a DOI, which lasts

    @property
    def archive(self) -> str:
        """Where the Internet Archive's copy nearest to that day is, if it has one."""
        return f"https://web.archive.org/web/{self.read.replace('-', '')}/{self.url}" if self.read else ""

    @property
    def short(self) -> str:
        """How running text names it: "Lamport 1978"."""
        surnames = [name.split()[-1] if not name.startswith("{") else name for name in self.authors]
        match surnames:
            case [one]:
                who = one
            case [one, two]:
                who = f"{one} and {two}"
            case [one, *_]:
                who = f"{one} et al."
        return f"{who.strip('{}')} {self.year}"

    def line(self) -> str:
        """One line of Markdown."""
        names = list(self.authors)
        if len(names) > 4:
            names = [*names[:3], "others"]
        who = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
        title = f"[{self.title}]({self.url})" if self.url else self.title
        place = f" *{self.place}*." if self.place else ""
        return f"{who.replace('{', '').replace('}', '')} ({self.year}). {title}.{place}"


def _clean(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return text.replace("--", "–").replace("\\&", "&").replace("{", "").replace("}", "")


def _author(name: str) -> str:
    name = re.sub(r"\s+", " ", name).strip()
    if name.startswith("{"):  # an organisation, kept in one piece
        return "{" + name.strip("{}") + "}"
    if "," in name:
        last, first = name.split(",", 1)
        name = f"{first.strip()} {last.strip()}"
    return name.replace("{", "").replace("}", "")


def _place(entry: dict) -> str:
    if "journal" in entry:
        volume = entry.get("volume", "") + (f"({entry['number']})" if "number" in entry else "")
        pages = f", {entry['pages']}" if "pages" in entry else ""
        return _clean(f"{entry['journal']} {volume}{pages}")
    for field in ("booktitle", "publisher", "institution", "howpublished", "school", "note"):
        if field in entry:
            number = f" {entry['number']}" if field == "institution" and "number" in entry else ""
            return _clean(entry[field] + number)
    return ""


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _entries(text: str) -> list[dict]:
    """The entries of a bibliography as they stand there."""
    import bibtexparser  # only for what is not kept

    entries = bibtexparser.parse_string(text).entries
    return [{"ID": each.key, **{field.key.lower(): field.value for field in each.fields}} for each in entries]


def load(path: Path = BIB) -> dict[str, Source]:
    """All sources by key, sorted by key. Raises PaperError on the first bad entry."""
    text = read(path, PaperError)
    [entries] = kept.each(_entries, [(text,)])
    keys = re.findall(r"^@\w+\{\s*([^,\s]+)\s*,", text, re.M)
    for key in keys:
        if keys.count(key) > 1:
            raise PaperError(f"{path}: {key} is there twice; keep one entry")
    if lost := set(keys) - {entry["ID"] for entry in entries}:
        raise PaperError(f"{path}: {sorted(lost)[0]} cannot be parsed; check its braces and commas")
    sources = {}
    for entry in entries:
        key = entry["ID"]
        if not KEY.fullmatch(key):
            raise PaperError(f"{path}: {key}: name it author, year, word, as lamport1978time")
        for field in ("author", "title", "year"):
            if not entry.get(field, "").strip():
                raise PaperError(f"{path}: {key}: the field {field} is missing; add it")
        if not entry["year"].isdigit():
            raise PaperError(f"{path}: {key}: the year is {entry['year']!r}; write four digits")
        url, day = entry.get("url", "").strip(), entry.get("urldate", "")
        if "doi" in entry:
            url, day = "https://doi.org/" + entry["doi"].strip().removeprefix("https://doi.org/"), ""
        elif url and not _is_day(day):
            raise PaperError(f"{path}: {key}: pages change; add urldate, the day on which you read it, as 2026-11-24")
        sources[key] = Source(
            key,
            tuple(_author(name) for name in re.split(r"\s+and\s+", entry["author"])),
            _clean(entry["title"]),
            int(entry["year"]),
            _place(entry),
            url,
            day,
        )
    return dict(sorted(sources.items()))


@cache
def sources() -> dict[str, Source]:
    """The sources of this repository."""
    return load()
