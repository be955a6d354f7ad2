"""The MkDocs hook that spares work: a page that is as it was is not made again.

Without this hook the same sources give the same bytes, only slower.

**From text to HTML.** While a page is rendered, its questions are written down with their answers: which file is meant
by this link, what does this included file hold. A page that is kept is used if its text and the settings are the
same and each question still has the same answer. What the rendering had to say, such as the
warning of a broken link, is said again, so that ``--strict`` counts it.

**From HTML to page.** The theme's output is kept under a hash of the page's HTML, title and front matter, the
navigation, the settings and the address of the site.

What is missing is made ahead, side by side: see ``tools.kept``; and code is coloured with fewer attempts: ``tools.colour``.
"""

import logging
import sys
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from mkdocs.commands import build
from mkdocs.structure.pages import Page
from mkdocs.utils import meta
from pymdownx.snippets import SnippetPreprocessor

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import colour, kept
from tools.programs import ROOT

log = logging.getLogger("mkdocs")
# Settings of which no page's HTML or output is made. Plugins and theme are asked for what is set in them.
APART = {"config_file_path", "dev_addr", "docs_dir", "hooks", "nav", "plugins", "site_dir", "strict", "theme", "watch"}
NOTEBOOK_READS = ("snippets", "tools/figures")  # what the cells of a lab may import
asked: dict[tuple, object] | None = None  # questions of the page that is rendered now


# ------------------------------------------------------------------------------- settings


def settings(config, of_texts: bool) -> str:
    """A hash of what is set: all of it, or what decides how a text is rendered."""
    plugins = {name: dict(getattr(plugin, "config", None) or {}) for name, plugin in config.plugins.items()}
    texts = (
        # Rendering says less when less is listened to, and notes no anchors when debugging.
        *(kept.made_by(), log.getEffectiveLevel(), plugins, config.use_directory_urls),
        *(config.validation, config.markdown_extensions, config.mdx_configs),
    )
    if of_texts:
        return kept.hashed(*texts)
    custom = Path(config.theme.custom_dir) if config.theme.custom_dir else None
    files = sorted(path for path in custom.rglob("*") if path.is_file()) if custom else []
    values = {name: value for name, value in config.items() if name not in APART}
    return kept.hashed(*texts, values, dict(config.theme), *((path, path.read_bytes()) for path in files))


# ----------------------------------------------------------------------- questions, answers


class Answers:
    """What pages ask while they are rendered; each thing is looked up once in a build."""

    def __init__(self, config, files):
        self.files = files
        snippets = config.mdx_configs.get("pymdownx.snippets", {}).get("base_path", ["."])
        self.bases = [snippets] if isinstance(snippets, str) else snippets
        self.included, self.folder = cache(self.included), cache(self.folder)

    def __call__(self, kind: str, name: str):
        return getattr(self, kind)(name)

    def file(self, name: str):
        """The target of a link."""
        found = self.files.get_file_from_path(name)
        return found and (found.src_uri, found.url, found.inclusion.name)

    def included(self, name: str):
        """An included file, looked for as pymdownx.snippets does."""
        for base in self.bases:
            path = Path(base, name)
            if path.is_file():
                return kept.hashed(base, path.read_bytes())
        return None

    def folder(self, name: str):
        paths = sorted((ROOT / name).rglob("*.py"))
        return kept.hashed(*(part for path in paths for part in (path, path.read_bytes())))


class Asking:
    """The files of the site as a page that is rendered sees them: links only look files up."""

    def __init__(self, files, answers: Answers):
        self.files, self.answers = files, answers

    def get_file_from_path(self, name: str):
        asked["file", name] = self.answers("file", name)
        return self.files.get_file_from_path(name)

    def __getattr__(self, name):
        return getattr(self.files, name)


class Heard(logging.Handler):
    """What is said while a page is rendered, but not by whom or when."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.said = []

    def emit(self, record):
        # A plugin tells of its progress; about a page, only warnings are worth repeating.
        if record.name.startswith("mkdocs.structure") or record.levelno >= logging.WARNING:
            self.said.append((record.name, record.levelno, record.getMessage()))


@contextmanager
def listening(answers: Answers):
    """Write down what is asked and said."""
    global asked
    look_up, heard = SnippetPreprocessor.get_snippet_path, Heard()

    def noted(self, path):
        asked["included", path] = answers("included", path)  # before it is read: what changes meanwhile is seen later
        return look_up(self, path)

    asked = {}
    SnippetPreprocessor.get_snippet_path = noted
    log.addHandler(heard)
    try:
        yield asked, heard.said
    finally:
        log.removeHandler(heard)
        SnippetPreprocessor.get_snippet_path = look_up
        asked = None


# ---------------------------------------------------------------------------- text to HTML


def key_of(file, text: str) -> str:
    return kept.hashed("text", state.texts, file.src_uri, text)


def still_true(value) -> bool:
    return value is not None and all(state.answers(*question) == answer for question, answer in value[0].items())


def render(page, original, config, files) -> None:
    """In place of ``page.render``: give the page what rendering gave it last time, or render and keep it."""
    key = key_of(page.file, page.markdown)
    value = state.found.pop(key, None) or kept.find(key)
    if not still_true(value):
        before = dict(vars(page))
        with listening(state.answers) as (questions, said):
            if not page.file.src_uri.endswith(".md"):
                questions.update({("folder", name): state.answers("folder", name) for name in NOTEBOOK_READS})
            original(config, Asking(files, state.answers))
        given = {name: each for name, each in vars(page).items() if before.get(name, page) is not each}
        if links := given.get("links_to_anchors"):
            given["links_to_anchors"] = {file.src_uri: names for file, names in links.items()}
        kept.keep(key, (dict(questions), given, said))
        return
    _, given, said = value
    if links := given.get("links_to_anchors"):
        given["links_to_anchors"] = {files.get_file_from_path(name): names for name, names in links.items()}
    vars(page).update(given)
    for name, level, message in said:
        logging.getLogger(name).log(level, "%s", message)


# ---------------------------------------------------------------------------- HTML to page


def outline(items) -> list:
    """All of the navigation that a template may show."""
    return [
        (type(item).__name__, item.title, getattr(item, "url", ""), getattr(item, "meta", ""), outline(item.children or ()))
        for item in items
    ]


class Template:
    """A template of the theme whose output for a page is kept."""

    def __init__(self, template, around: str):
        self.template, self.around = template, around

    def key(self, page) -> str:
        return kept.hashed(
            *("page", self.around, self.template.name, page.file.src_uri, page.url, page.title, page.meta),
            *(page.content, page.toc, page.canonical_url, page.edit_url),
        )

    def render(self, context) -> str:
        if context["page"] is None:  # the map of the site, and the page for what is not there
            return self.template.render(context)
        key = self.key(context["page"])
        output = kept.find(key)
        if output is None:
            output = self.template.render(context)
            kept.keep(key, output)
        return output

    def __getattr__(self, name):
        return getattr(self.template, name)


# ---------------------------------------------------------------------------------- events


class State:
    """What is known of the build that is under way."""

    def __init__(self, nav, config, files):
        self.nav, self.answers, self.found = nav, Answers(config, files), {}
        self.texts = settings(config, of_texts=True)


state: State | None = None


def on_nav(nav, config, files):
    """Before the first page is read: render ahead what is not kept."""
    global state
    state = State(nav, config, files)
    if not kept.keeping():
        return
    colour.install()
    missing = []
    for file in files.documentation_pages():
        key = key_of(file, meta.get_data(file.content_string)[0])
        if still_true(value := kept.find(key)):
            state.found[key] = value
        else:
            missing.append(file)
    missing.sort(key=lambda file: file.src_uri.endswith(".md"))  # a notebook takes longest
    kept.ahead(lambda file: build._populate_page(file.page or Page(None, file, config), config, files), missing)


def on_pre_page(page, config, files):
    """Every plugin has said by now how the page is rendered."""
    if kept.keeping():
        page.render = partial(render, page, page.render)


def on_env(env, config, files):
    """All pages have their HTML: let templates of those whose output is not kept render ahead."""
    if not kept.keeping():
        return
    around = kept.hashed(settings(config, of_texts=False), outline(state.nav.items))
    plain = env.get_template

    def get_template(name, *parent):
        template = plain(name, *parent)
        return template if parent else Template(template, around)  # a template that another one asks for is its part

    env.get_template = get_template
    compiled = kept.KEPT / "templates"
    compiled.mkdir(parents=True, exist_ok=True)
    env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    written = files.documentation_pages()
    missing = [
        file.page
        for file in written
        if file.page.content is not None
        and not kept.there(get_template(file.page.meta.get("template", "main.html")).key(file.page))
    ]
    kept.ahead(lambda page: build._build_page(page, config, written, state.nav, env), missing)


def on_post_build(config):
    kept.sweep()
