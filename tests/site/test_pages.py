"""Every Python block a reader sees is a tested one, and pages and programs know each other."""

import ast
from collections import Counter

import pytest

from tests.examples import check
from tests.site.blocks import SKIP, fences
from tests.site.checks import python_blocks, soup_of
from tools.exercises import exercises, split
from tools.generate import GENERATED
from tools.pages import DOCS, article, expand, load, written
from tools.programs import SNIPPETS, name_of, programs, read, sections, shown

PAGES = written()
PYTHON = [
    (path, fence)
    for path in PAGES
    for fence in fences(path.read_text("utf-8"), path)
    if fence.python
]
INLINE = [(path, fence) for path, fence in PYTHON if not fence.includes]
SHOWN = {shown(read(path)).rstrip() for path in programs()} | {
    text.rstrip() for path in [*programs(), SNIPPETS / "simnet.py"] for text in sections(path).values()
}
SHOWN |= {split(folder / "starter.py")[1].rstrip() for folder in exercises()}
SHOWN |= {read(folder / "tests.py").rstrip() for folder in exercises()}
# "Write a page" shows how its own code looks; those blocks are fragments, not programs.
FORM = DOCS / "contributing" / "write-a-page" / "index.md"


def where(item):
    path, fence = item
    return f"{path.relative_to(DOCS)}:{fence.line}"


@pytest.mark.parametrize("item", [i for i in INLINE if i[0] != FORM], ids=where)
def test_an_inline_block_prints_what_it_says(item, eval_example):
    path, fence = item
    if skipped := SKIP.search(fence.info):
        assert skipped["reason"].strip(" -"), f"{path}:{fence.line}: test=\"skip\" needs a reason"
        print(f"skipped {path}:{fence.line}: {skipped['reason']}")
        return
    check(fence.example(), eval_example)


def test_no_block_is_skipped_without_being_counted():
    skips = [where(item) for item in INLINE if SKIP.search(item[1].info)]
    print(f"{len(skips)} blocks are not run: {skips}")
    assert len(skips) == 0, "a block that is not run is a promise that is not kept"


@pytest.mark.parametrize("item", [i for i in PYTHON if i[1].includes], ids=where)
def test_an_include_is_a_whole_file_or_a_named_section(item):
    path, fence = item
    place = f"{path}:{fence.line}"
    assert len(fence.includes) == 1, f"{place}: one include a block"
    assert fence.text.strip().startswith("--8<--"), f"{place}: a block holds its include alone"
    name, _, section = fence.includes[0].partition(":")
    file = SNIPPETS / name
    assert file.is_file(), f"{place}: there is no snippets/{name}"
    if section:
        assert section in sections(file), f"{place}: {name} has no section {section!r}"


def test_the_census(site):
    """The Python blocks of the built pages are those of the sources, and all are tested."""
    found = 0
    for path in PAGES:
        if path == FORM:
            continue
        text = path.read_text("utf-8")
        expected = Counter(
            fence.text.rstrip() for fence in fences(expand(text), path) if fence.python
        )
        relative = path.relative_to(DOCS)
        folder = relative.parent if relative.name == "index.md" else relative.with_suffix("")
        seen = python_blocks(soup_of(site / folder / "index.html"))
        assert seen == expected, f"{path}: the page shows other blocks than its source has"
        inline = {fence.text.rstrip() for other, fence in INLINE if other == path}
        for block in seen:
            assert block in SHOWN | inline, f"{path}: an untested block is shown:\n{block}"
        found += sum(seen.values())
    assert found > 50, f"only {found} blocks were counted; the census looks at the wrong thing"


def test_every_program_is_shown_and_every_page_has_one():
    owners = {name for page in load() for name in page.programs}
    lost = [name_of(path) for path in programs() if name_of(path) not in owners]
    assert not lost, f"no page shows {lost}; name it in the front matter of one"
    for page in load():
        text = page.path.read_text("utf-8")
        if page.program:
            assert f'--8<-- "{page.id}/program.md"' in text, f"{page.path}: does not show its program"
        for part in ("facts", "end"):
            assert f'--8<-- "{page.id}/{part}.md"' in text, f"{page.path}: does not include {part}.md"


def test_every_figure_table_and_row_that_is_made_is_shown(site):
    for page in load():
        text = page.path.read_text("utf-8")
        for path in sorted((GENERATED / page.id).iterdir()):
            if path.suffix in (".md", ".html"):
                assert f'"{page.id}/{path.name}"' in text, f"{page.path}: {path.name} is never shown"


def test_the_article_is_absorbed_exactly_once():
    chapters, statements = article()
    owners = Counter(item for page in load() for item in page.source_items)
    missing = [item for item in (*chapters, *statements) if owners[item] == 0]
    assert not missing, f"no page absorbs {missing}"
    assert len(statements) == 28 and max(owners.values()) == 1


def test_the_finder_refuses_what_would_hide_a_block():
    with pytest.raises(ValueError, match=r"x\.md:2: this fence is never closed"):
        list(fences("text\n```python\nprint(1)\n", DOCS / "x.md"))
    tilde = list(fences("~~~ { .py }\nx = 1\n~~~\n", DOCS / "x.md"))
    assert [f.python for f in tilde] == [True]
    nested = list(fences("````md\n```python\nx\n```\n````\n", DOCS / "x.md"))
    assert len(nested) == 1 and not nested[0].python
    assert ast.parse(tilde[0].text)
