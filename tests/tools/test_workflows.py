"""The workflows: pinned actions, stated permissions, and the right to publish in one job only."""

import re

import pytest
import yaml

from tools.programs import ROOT

FILES = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
TEXTS = {path.name: path.read_text("utf-8") for path in FILES}
USES = re.compile(r"^\s*(?:-\s+)?uses:\s*(.*)$", re.M)
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*")
each = pytest.mark.parametrize("name", TEXTS)


def faults(text):
    """What is wrong with a workflow, a line each."""
    data = yaml.safe_load(text)
    lines = USES.findall(text)
    found = [f"not pinned: {line}" for line in lines if not PINNED.fullmatch(line.strip())]
    jobs = data["jobs"]
    steps = [step for job in jobs.values() for step in [job, *job.get("steps", [])]]
    if len(lines) != sum("uses" in step for step in steps):
        found.append("a 'uses' that is not on a line of its own")
    if not isinstance(data.get("permissions"), dict):
        found.append("permissions are not stated")
    for name, rights in [("all jobs", data), *jobs.items()]:
        given = rights.get("permissions", {})
        if not isinstance(given, dict):
            found.append(f"{name}: permissions {given!r}")
        elif name != "deploy" and "write" in given.values():
            found.append(f"{name}: may write")
    return found


def test_no_workflow_is_forgotten():
    assert set(TEXTS) == {"audit.yml", "publish.yml", "reproduce.yml", "test.yml"}


@each
def test_a_workflow_is_pinned_and_says_what_it_may(name):
    assert faults(TEXTS[name]) == []


def test_an_action_has_one_pin_everywhere():
    pins = {}
    for text in TEXTS.values():
        for line in USES.findall(text):
            pins.setdefault(line.split("@")[0], set()).add(line)
    assert [found for found in pins.values() if len(found) > 1] == []


def test_only_the_deploy_job_may_publish():
    jobs = yaml.safe_load(TEXTS["publish.yml"])["jobs"]
    assert jobs["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert jobs["deploy"]["needs"] == "build"
    assert not any("run" in step for step in jobs["deploy"]["steps"]), "it runs our code"


def test_the_site_is_built_for_the_address_it_is_published_at():
    steps = yaml.safe_load(TEXTS["publish.yml"])["jobs"]["build"]["steps"]
    (build,) = [step for step in steps if step.get("run", "").startswith("make build")]
    assert build["env"]["SITE_URL"] == "${{ steps.pages.outputs.base_url }}/"
    here = "${{ github.server_url }}/${{ github.repository }}"
    assert build["env"]["EDIT_URL"] == f"{here}/edit/${{{{ github.ref_name }}}}/docs/"
    (upload,) = [step for step in steps if "upload-pages-artifact" in step.get("uses", "")]
    assert upload["with"]["path"] == "site"


def test_the_oldest_and_the_newest_python_are_tested():
    matrix = yaml.safe_load(TEXTS["test.yml"])["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.11", "3.14"]


@pytest.mark.parametrize(
    "uses",
    [
        "actions/checkout@v4",
        "actions/checkout@main",
        "actions/checkout@de0fac2",
        "actions/checkout",
        "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd",  # which version is that?
    ],
)
def test_a_planted_loose_pin_is_caught(uses):
    text, times = re.subn(r"actions/checkout@.*", uses, TEXTS["test.yml"])
    assert times == 1
    assert faults(text) == [f"not pinned: {uses}"]


def test_a_planted_uses_inside_braces_is_caught():
    text = TEXTS["test.yml"] + "      - {name: x, uses: actions/checkout@v4}\n"
    assert faults(text) == ["a 'uses' that is not on a line of its own"]


@pytest.mark.parametrize(
    "old, new, fault",
    [
        ("permissions:\n  contents: read\n", "", "permissions are not stated"),
        ("contents: read", "contents: write", "all jobs: may write"),
        ("    runs-on:", "    permissions: all\n    runs-on:", "test: permissions 'all'"),
    ],
)
def test_planted_permissions_are_caught(old, new, fault):
    assert old in TEXTS["test.yml"]
    assert faults(TEXTS["test.yml"].replace(old, new)) == [fault]
