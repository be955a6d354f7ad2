"""What stands around the pages: made from small sites, so that each rule is seen to hold and to fail."""

import gzip
import io
import subprocess
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageDraw, ImageFont

from tools.publish import around, card, lean, sheets
from tools.publish.history import Span, history

URL = "https://example.org/site/"
HEAD = '<!doctype html><html><head>\n<meta charset="utf-8"><meta name="description" content="all">\n</head>'
MAP = f'<urlset xmlns="{around.SITEMAP}"><url><loc>{URL}</loc><lastmod>2000-01-01</lastmod></url>' \
    f"<url><loc>{URL}concepts/x/</loc><lastmod>2000-01-01</lastmod></url></urlset>"  # fmt: skip


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def project(tmp_path):
    """A project of two pages and its built site: (root, site)."""
    root, site = tmp_path / "root", tmp_path / "site"
    put(root / "mkdocs.yml", 'site_name: The "Site"\nsite_description: About\n')
    put(root / "docs" / "index.md", "# Home\n\nSee [X](concepts/x/index.md).\n")
    put(
        root / "docs" / "concepts" / "x" / "index.md",
        '---\ntitle: X & Y\nquestion: Is "x" < y?\nprogram: concepts/x\n---\n# X\n\n--8<-- "concepts/x/a.html"\n\n'
        '```python\n--8<-- "concepts/x.py:part"\n```\n\n[p](../../reference/papers.md#a) [h](https://a.b/c.md)\n',
    )
    put(root / "docs" / "style.md", "# Style\n\n[x](concepts/x/index.md)\n")
    put(root / "docs" / "_generated" / "concepts" / "x" / "a.html", "<figure><svg/><figcaption>Seen.</figcaption></figure>")
    put(root / "snippets" / "concepts" / "x.py", "a = 1\n# --8<-- [start:part]\nb = 2\n# --8<-- [end:part]\n")
    for address in ("", "concepts/x/", "style/"):
        put(site / address / "index.html", f"{HEAD}<body><article><h1>t</h1>\n</article></body></html>")
    put(site / "sitemap.xml", MAP)
    return root, site


def commit(root, day):
    stamp = f"{day}T12:00:00Z"
    for words in (["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-C", root, *words],
            check=True,
            env={"GIT_COMMITTER_DATE": stamp, "GIT_AUTHOR_DATE": stamp, "PATH": "/usr/bin:/bin", "HOME": str(root)},
        )


@pytest.fixture
def dated(project):
    root, site = project
    subprocess.run(["git", "init", "-q", root], check=True)
    commit(root, "2026-01-02")
    put(root / "snippets" / "concepts" / "x.py", "# --8<-- [start:part]\nb = 3\n# --8<-- [end:part]\n")
    commit(root, "2026-03-04")
    return root, site


def day(year, month, number):
    return datetime(year, month, number, 12, tzinfo=UTC)


def test_dates_are_those_of_the_commits(dated):
    spans = history(dated[0])
    assert spans["docs/index.md"] == Span(day(2026, 1, 2), day(2026, 1, 2))
    assert spans["snippets/concepts/x.py"] == Span(day(2026, 1, 2), day(2026, 3, 4))


def test_a_folder_inside_another_repository_has_no_dates(dated):
    assert history(dated[0] / "docs") == {}


def test_a_page_is_as_new_as_its_program(dated):
    root, site = dated
    around.add(site, root, URL, history(root))
    text = (site / "concepts" / "x" / "index.html").read_text("utf-8")
    assert '<time datetime="2026-03-04">' in text.rpartition("</article>")[0]
    entries = ElementTree.parse(site / "sitemap.xml").getroot()
    assert [entry[1].text for entry in entries] == ["2026-01-02", "2026-03-04"]
    assert gzip.decompress((site / "sitemap.xml.gz").read_bytes()) == (site / "sitemap.xml").read_bytes()


def test_without_dates_none_is_invented(project):
    root, site = project
    around.add(site, root, URL, {})
    assert "<time" not in (site / "concepts" / "x" / "index.html").read_text("utf-8")
    assert "lastmod" not in (site / "sitemap.xml").read_text("utf-8")
    assert ElementTree.parse(site / "feed.xml").findall(".//item") == []


def test_the_feed_says_what_is_new_and_what_changed(dated):
    root, site = dated
    around.add(site, root, URL, history(root))
    [item] = ElementTree.parse(site / "feed.xml").findall(".//item")
    said = {each.tag: each.text for each in item}
    assert said["title"] == "Changed: X & Y"
    assert said["link"] == f"{URL}concepts/x/"
    assert said["pubDate"] == "Wed, 04 Mar 2026 12:00:00 +0000"
    assert said["description"] == 'Is "x" < y?'


def test_the_head_has_the_question_the_card_and_the_feed(project):
    root, site = project
    around.add(site, root, URL, {})
    text = (site / "concepts" / "x" / "index.html").read_text("utf-8")
    assert '<meta name="description" content="Is &quot;x&quot; &lt; y?">' in text
    assert f'<meta property="og:image" content="{URL}concepts/x/card.png">' in text
    assert 'type="application/rss+xml" title="New and changed pages" href="../../feed.xml">' in text
    assert '<meta name="description" content="all">' in (site / "index.html").read_text("utf-8")


def test_a_page_is_edited_where_the_repository_is_and_nowhere_without_one(project):
    root, site = project
    pages = {name: site / name / "index.html" for name in ("", "concepts/x", "style")}
    before = {name: path.read_text("utf-8") for name, path in pages.items()}
    around.add(site, root, URL, {}, "https://host.example/a/b/edit/main/docs/")
    for name, source in (("", "index.md"), ("concepts/x", "concepts/x/index.md"), ("style", "style.md")):
        link = f'<a href="https://host.example/a/b/edit/main/docs/{source}">Edit this page</a>'
        assert link in pages[name].read_text("utf-8")
        pages[name].write_text(before[name], "utf-8")
    around.add(site, root, URL, {})
    assert not any("Edit this page" in path.read_text("utf-8") for path in pages.values())


def test_the_markdown_stands_alone(project):
    root, site = project
    around.add(site, root, URL, {})
    text = (site / "concepts" / "x" / "index.md").read_text("utf-8")
    assert text == (
        "# X\n\nPicture: Seen.\n\n```python\nb = 2\n```\n\n"
        "[p](../../reference/papers/index.md#a) [h](https://a.b/c.md)\n"
    )
    assert "[x](../concepts/x/index.md)" in (site / "style" / "index.md").read_text("utf-8")
    assert '- [X & Y](concepts/x/index.md): Is "x" < y?' in (site / "llms.txt").read_text("utf-8")


def test_an_old_address_leads_to_the_new_one(project):
    root, site = project
    put(root / "docs" / "redirects.toml", '"old/x/" = "concepts/x/"\n')
    around.redirect(site, root, URL)
    text = (site / "old" / "x" / "index.html").read_text("utf-8")
    assert f'content="0; url={URL}concepts/x/"' in text and f'href="{URL}concepts/x/"' in text


@pytest.mark.parametrize("line", ['"old/" = "gone/"', '"style/" = "concepts/x/"'])
def test_a_redirect_to_nowhere_or_from_a_page_that_is_there_stops_the_build(project, line):
    root, site = project
    put(root / "docs" / "redirects.toml", f"{line}\n")
    with pytest.raises(RuntimeError, match=r"redirects\.toml"):
        around.redirect(site, root, URL)


def test_a_card_is_a_picture_of_the_size_that_networks_show():
    data = card.draw("A title that is too long for one line", "Costs 5 USD or $5$?", "Site")
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert [int.from_bytes(data[at : at + 4], "big") for at in (16, 20)] == [card.WIDTH, card.HEIGHT]
    assert data == card.draw("A title that is too long for one line", "Costs 5 USD or $5$?", "Site")
    assert data != card.draw("Another", "Costs 5 USD or $5$?", "Site")


@pytest.mark.parametrize("title", ["AVATAR, fjord (ff)", "Ünïcode — ‘quoted’", "限流"])
def test_letters_that_are_kept_stand_where_a_whole_line_has_them(title):
    picture = Image.open(io.BytesIO(card.draw(title, "", "Site")))
    steps = Image.frombytes("L", picture.size, picture.tobytes()).crop((0, 80, card.WIDTH, 178))
    line = Image.new("L", steps.size)
    face = ImageFont.truetype(card.letters("head"), 80, layout_engine=ImageFont.Layout.BASIC)
    ImageDraw.Draw(line).text((80, 0), title, fill=card.STEPS - 1, font=face)
    assert line.getbbox()
    assert steps.tobytes() == line.tobytes()


# ------------------------------------------------------------------------------------ fewer files


def test_parts_are_joined_and_find_what_they_load(tmp_path):
    put(tmp_path / "assets" / "site.css", "a{b:url(fonts/c.woff2)}")
    put(tmp_path / "assets" / "stylesheets" / "main.123.min.css", "d{e:url(\"data:x\")}/*# sourceMappingURL=main.map */")
    put(tmp_path / "assets" / "copy.js", "// Why.\nconst a = 1\n")
    put(tmp_path / "assets" / "javascripts" / "bundle.1.js", "nobody loads it")
    put(tmp_path / "run" / "boot.js", "const a = import.meta.url\n")
    page = put(
        tmp_path / "x" / "index.html",
        '<link rel="stylesheet" href="../assets/stylesheets/main.123.min.css"><link rel="stylesheet" href="../assets/site.css">'
        '<script type="module" src="../assets/copy.js"></script>\n<script type="module" src="../run/boot.js"></script>',
    )
    lean.lighten(tmp_path)
    [style], [script] = tmp_path.glob("assets/ours.*.css"), tmp_path.glob("assets/ours.*.js")
    assert style.read_text("utf-8") == 'd{e:url("data:x")}\na{b:url(fonts/c.woff2)}'
    assert script.read_text("utf-8") == (
        '{\nconst a = 1\n}\n{\nconst a = new URL("../run/boot.js", import.meta.url).href\n}\n'
    )
    assert page.read_text("utf-8") == (
        '<link rel="preload" href="../assets/fonts/text.woff2" as="font" type="font/woff2" crossorigin>\n'
        '<link rel="preload" href="../assets/fonts/head.woff2" as="font" type="font/woff2" crossorigin>\n'
        f'<link rel="stylesheet" href="../assets/{style.name}">'
        f'<script type="module" src="../assets/{script.name}"></script>\n'
    )
    assert sorted(path.name for path in tmp_path.rglob("*.*") if path.is_file()) == sorted(
        [style.name, script.name, "index.html"]
    )


def test_rules_for_what_is_nowhere_are_dropped_and_no_others():
    css = (
        ".a .b{x:1}.a,.gone{x:2}.gone{x:3}p:not(.gone){x:4}@media print{.gone{x:5}}@media screen{.a{x:6}.gone .a{x:7}}"
        "@font-face{src:url(a.woff2)}@keyframes gone{from{x:8}}.a{.gone &{x:9}}"
    )
    assert sheets.prune(css, {"a", "b"}).splitlines() == [
        ".a .b{x:1}", ".a{x:2}", "p:not(.gone){x:4}", "@media screen{.a{x:6}}",
        "@font-face{src:url(a.woff2)}", "@keyframes gone{from{x:8}}", ".a{.gone &{x:9}}",
    ]  # fmt: skip


def test_rules_for_another_direction_or_colour_are_dropped():
    css = (
        "[dir=ltr] .a{x:1}[dir=rtl] .a{x:2}[data-md-color-accent=red]{x:3}[data-md-color-accent='blue']{x:4}"
        "[data-md-color-scheme=slate]{x:5}[dir]{x:6}a:not([dir=rtl]){x:7}"
    )
    assert sheets.prune(css, {"a", "dir=ltr", "data-md-color-accent=blue"}).splitlines() == [
        "[dir=ltr] .a{x:1}", '[data-md-color-accent="blue"]{x:4}',
        "[data-md-color-scheme=slate]{x:5}", "[dir]{x:6}", "a:not([dir=rtl]){x:7}",
    ]  # fmt: skip


def test_variables_that_nothing_reads_are_dropped_and_those_they_read():
    css = (
        ":root{--used:1;--idle:var(--deeper);--deeper:url('data:x;y')}:root{--idle2:3}a{b:var(--used);--set:4;c:var( --x,1)}"
        "@media print{:root{--idle3:5}}@media screen{:root{--x:6}}a{&:hover{--y:7}}"
        "@keyframes k{0%{d:var(--moved)}}:root{--moved:var(--last);--last:8;--round:var(--about);--about:var(--round)}"
    )
    assert sheets.without_idle(css, "set").splitlines() == [
        ":root{--used:1}", "a{b:var(--used);--set:4;c:var( --x,1)}",
        "@media screen{:root{--x:6}}", "a{&:hover{--y:7}}", "@keyframes k{0%{d:var(--moved)}}",
        ":root{--moved:var(--last);--last:8}",
    ]  # fmt: skip


def test_what_a_page_has_is_read_from_its_classes_and_scripts_and_not_from_its_text(tmp_path):
    put(tmp_path / "assets" / "stylesheets" / "main.1.css", ".word{x:1}.one{x:2}.two{x:3}.late{x:4}.made{x:5}")
    put(tmp_path / "assets" / "copy.js", "a.classList.add('made')\n")
    put(tmp_path / "index.html",
        '<html dir="ltr"><link rel="stylesheet" href="assets/stylesheets/main.1.css"><p class="one two">A word late</p>'
        "<script>late()</script>")  # fmt: skip
    lean.lighten(tmp_path)
    [style] = tmp_path.glob("assets/ours.*.css")
    assert style.read_text("utf-8").split() == [".one{x:2}", ".two{x:3}", ".late{x:4}", ".made{x:5}"]


def test_names_and_signs_in_code_are_text_without_an_element_of_their_own(tmp_path):
    pre = '<pre><span class="kn">import</span><span class="w"> </span><span class="nn">a</span><span class="p">[</span></pre>'
    (tmp_path / "assets").mkdir()
    put(tmp_path / "index.html", f'{pre}<p><span class="p">kept</span></p>')
    lean.lighten(tmp_path)
    assert (tmp_path / "index.html").read_text("utf-8") == (
        '<pre><span class="kn">import</span> <span class="nn">a</span>[</pre><p><span class="p">kept</span></p>'
    )


@pytest.mark.parametrize("line", ['import { a } from "./a.js"', "export const a = 1"])
def test_a_module_that_cannot_be_joined_stops_the_build(tmp_path, line):
    put(tmp_path / "assets" / "copy.js", f"{line}\n")
    with pytest.raises(RuntimeError, match=r"assets/copy\.js: imports or exports"):
        lean.lighten(tmp_path)


def test_a_sheet_of_the_theme_that_loads_a_file_stops_the_build(tmp_path):
    put(tmp_path / "assets" / "stylesheets" / "main.1.css", "a{b:url(x.png)}")
    with pytest.raises(RuntimeError, match="would lead elsewhere"):
        lean.lighten(tmp_path)


def test_indentation_goes_and_code_stays():
    page = "<p>\n\n   a\n  b</p>\n<pre>\n\n  c\n</pre>\n\n\n<script>\n\n d\n</script>\n\n"
    assert lean.squeeze(page) == "<p>\na\nb</p>\n<pre>\n\n  c\n</pre>\n<script>\n\n d\n</script>\n"


def test_a_notebook_keeps_its_code_and_its_pictures_and_nothing_else(tmp_path):
    page = put(
        tmp_path / "labs" / "x" / "index.html",
        "<!doctype html><html><head><style>kept{}</style></head><body><article><style>gone{}</style>"
        '<script type="module">gone()</script><div class="jp-InputPrompt">In [1]:</div>'
        '<div class="highlight-ipynb hl-python"><pre><span class="n">a</span>\n</pre></div>'
        '<div class="clipboard-copy-txt">a</div><svg></svg></article></body></html>',
    )
    lean.labs(tmp_path)
    text = page.read_text("utf-8")
    assert "gone" not in text and "In [1]" not in text and "kept{}" in text and "<svg>" in text
    assert '<div class="language-python highlight"><pre><code><span class="n">a</span>\n</code></pre></div>' in text


def test_what_is_made_is_valid(project):
    """Data that other programs read: XML parses, and no file is empty."""
    root, site = project
    around.add(site, root, URL, {})
    for name in ("feed.xml", "sitemap.xml"):
        ElementTree.parse(site / name)
    assert all(path.stat().st_size for path in site.rglob("*") if path.is_file())
