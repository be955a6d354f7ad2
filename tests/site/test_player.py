"""The player in a real Chromium, and the stories it tells: true, in order, the same everywhere.

Few page loads: each test reads one page and tries many things on it.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from html import unescape
from itertools import permutations
from pathlib import Path
from random import Random

import pytest

from tests.site.axe import violations
from tests.site.conftest import PREFIX
from tests.site.conftest import opened as opened_tab
from tests.site.test_figures import LEGEND, simulation, wild
from tools.figures import drag, space_time, trace_of
from tools.figures.story import LIMIT, fence, meets, spot
from tools.generate import RUNS
from tools.reference import HOME_PICTURE

ASSETS = Path(__file__).parents[2] / "docs/assets"
PAGE = "challenges/data-consistency/"
STALE, LOST = "#data-consistency-stale", "#data-consistency-lost"
SAYS = {
    "note takes": "{Node} has waited long enough: it {text}.",
    "primary": "{node} is {state} in {label}.",
    "backup after primary": "{node} gives up.",
    "Beat lost": "The beat of {epoch} from {src} to {dst} is lost.",
    "Ack": "{src} still follows {dst}.",
    "crashed": "{node} is gone.",
}


def told(trace, says=SAYS, **words):
    """The picture of a run of the test's own, and its story."""
    words = {"title": "t", "caption": "c", "seed": "s", "says": says} | words
    figure = space_time.draw(trace, LEGEND, **words)
    return figure, json.loads(figure.story)


def moments(trace):
    """(time, name) of everything that happens in a run."""
    found = {(m.at, m.node) for m in trace.marks} | {(s.start, s.node) for s in trace.spans}
    found |= {(m.sent + (m.eta or 0), end) for m in trace.msgs for end in (m.src, m.dst)}
    for c in trace.cuts:
        found |= {(at, name) for at in (c.start, c.end) for group in c.groups for name in group}
    return found


def untrue(story, trace):
    """Sentences that name nobody to whom something happened at that moment."""
    happened, names = moments(trace), "|".join(trace.nodes)
    return [
        (at, part)
        for at, words in story["steps"]
        for part in re.findall(r"[^.]+\.", words)
        if part.strip() != "The network is whole again."
        and not any((at, name) in happened for name in re.findall(rf"\b({names})\b", part))
    ]


def test_every_sentence_names_an_event_of_the_run_and_they_come_in_order():
    for seed in range(16):
        trace = trace_of(simulation(Random(seed), wild if seed % 2 else None))
        for window in ((0, 250), (80, 260)):
            figure, story = told(trace, window=window, ring=trace.nodes)
            times = [at for at, _ in story["steps"]]
            assert times == sorted(set(times))
            assert window[0] <= times[0] <= times[-1] <= window[1]
            assert not untrue(story, trace)
            assert len(figure.story.encode()) <= LIMIT
            assert all(0 < stop < 1 for *_, stop in (m for m in story["msgs"] if len(m) == 6))
            lost = [m for m in trace.msgs if m.lost and m.sent < window[1]]
            assert sum(len(m) == 6 for m in story["msgs"]) == sum(
                m.sent + m.eta > window[0] for m in lost
            )


def test_a_false_sentence_is_noticed():
    trace = trace_of(simulation(Random(3)))
    _, story = told(trace)
    at, words = story["steps"][3]
    story["steps"][3] = [at + 1, words]
    assert untrue(story, trace)


def test_what_the_page_says_is_said_and_nothing_else():
    trace = trace_of(simulation(Random(3)))
    silent = {"steps down": "", "patience": "", "Beat": ""}
    _, story = told(trace, silent | {"crashed": lambda node, **_: f"{node} {{}}: down"})
    text = " ".join(words for _, words in story["steps"])
    assert "The network splits, A, B from C, D. The network is whole again." in text
    assert "B {}: down." in text
    assert "Beat" not in text and "steps down" not in text
    _, story = told(trace, {})
    assert "steps down." in str(story["steps"]), "what the legend marks is told without a template"


def test_the_fence_of_the_ring_is_met_where_it_stands():
    """A message that is lost at the split gets as far as the line between the two sides."""
    for sides in ([0, 1, 1, 1, 1], [0, 0, 1, 1, 1], [1, 0, 0, 0, 1, 1, 1]):
        p, q = line = fence(sides)
        spots = [spot(i, len(sides)) for i in range(len(sides))]
        for a, b in permutations(range(len(sides)), 2):
            part = meets(line, spots[a], spots[b])
            met = spots[a] + part * (spots[b] - spots[a]) - p
            away = ((q - p).conjugate() * met).imag / abs(q - p)
            assert (abs(away) < 1.5) == (sides[a] != sides[b]), (sides, a, b, away)
    assert fence([0, 1, 0, 1]) is None, "no line parts these"
    trace = trace_of(simulation(Random(3)))
    _, story = told(trace, ring=trace.nodes)
    ends = {(m[0] < 2, m[1] < 2) for m in story["msgs"] if len(m) == 6}
    assert (True, False) in ends, "nobody meets the split in this run"
    assert story["cuts"] == [[100, 230, "M78.5 78.5L-78.5 -78.5"]]


@pytest.mark.parametrize(
    ("says", "complaint"),
    [
        ({"primary": "{who} leads"}, "asks for 'who', but this step has label, node, state"),
        ({"Beat": "{what.nothing}"}, "asks for"),
        ({name: "" for name in ("steps down", "patience", "crashed", "restarted")}
         | {"network split": "", "heal": ""}, "nothing to tell"),
        ({"Ack": "{src} goes on to say what everybody knows already, at length, and again."},
         "at most 4,000"),
    ],
)  # fmt: skip
def test_words_that_cannot_be_told_are_refused(says, complaint):
    if complaint == "at most 4,000":
        says = {"Ack": says["Ack"] * 3}
    with pytest.raises(ValueError, match=complaint):
        told(trace_of(simulation(Random(3))), says)


def test_a_handle_needs_runs_that_differ_and_have_a_story():
    trace = trace_of(simulation(Random(3)))
    one, _ = told(trace, handle=(100, 1.5))
    two, _ = told(trace, handle=(230, "C"), window=(0, 390))
    figure = drag("The end", {"first": one, "second": two}, shown="second")
    assert figure.wide == two.wide
    assert len(figure.files("a")) == 2
    assert json.loads(figure.files("a")[0])["html"] in one.fragment("a")
    html = figure.fragment("a", runs_at='x"')
    assert 'data-runs="x&quot;"' in html and "&quot;at&quot;:1" in html
    plain = space_time.draw(trace, LEGEND, title="t", caption="c", seed="s")
    assert "script" not in plain.fragment("a")
    for runs, shown in (
        ({"first": one}, "first"),
        ({"first": one, "second": two}, "third"),
        ({"first": one, "second": one}, "first"),
        ({"first": one, "second": plain}, "first"),
    ):
        with pytest.raises(ValueError, match="run"):
            drag("The end", runs, shown)


def fingerprint():
    """Of five stories; run here, and in a process with another seed for hashes."""
    traces = [trace_of(simulation(Random(seed), wild)) for seed in range(5)]
    stories = [told(trace, ring=trace.nodes, window=(0, 250))[0].story for trace in traces]
    return hashlib.sha256("".join(stories).encode()).hexdigest()


def test_stories_are_the_same_bytes_under_every_hash_seed():
    there = subprocess.run(
        [sys.executable, "-c", "from tests.site import test_player as t; print(t.fingerprint())"],
        cwd=ASSETS.parents[1], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": "1"},
    ).stdout  # fmt: skip
    assert there.strip() == fingerprint()


def test_the_player_is_small():
    assert len((ASSETS / "player.js").read_bytes()) <= 10_000
    assert len((ASSETS / "player.css").read_bytes()) <= 4_000
    files = [path.stat().st_size for path in RUNS.rglob("*.json")]
    assert len(files) >= 9, "the runs are not there: python -m tools.generate"
    assert max(files) <= 16_000


# ------------------------------------------------------------------------------ in the browser


def opened(tab, base_url, address=PAGE):
    """Open a page with players; return the list of runs that are fetched from now on."""
    fetched = []
    tab.on("request", lambda r: "/runs/" in r.url and fetched.append(r.url.rsplit("/", 1)[-1]))
    tab.goto(base_url + address)
    tab.wait_for_selector(".player")
    return fetched


def state(figure):
    """Time, sentence, and where the veil begins, as the reader sees them."""
    return figure.evaluate("""figure => {
      const veil = figure.querySelector(".veil")
      return [figure.querySelector(".when").textContent, figure.querySelector(".what").textContent,
        veil.hidden ? null : Math.round(veil.getBoundingClientRect().left)]
    }""")


def story_of(figure):
    return json.loads(figure.locator("> template").evaluate("each => each.content.textContent"))


def along(figure, time):
    """The x of a time in the wide picture, from the story's own places."""
    story = story_of(figure)
    box = figure.locator("> svg.wide").bounding_box()
    first, end = story["wide"]
    part = (time - story["from"]) / (story["to"] - story["from"])
    return box["x"] + box["width"] * (first + part * (end - first)), box["y"] + 40


def test_a_run_can_be_stepped_scrubbed_clicked_and_played(page, base_url):
    fetched = opened(page, base_url)
    figure = page.locator(STALE)
    steps = story_of(figure)["steps"]
    when, said, veil = state(figure)
    assert (when, veil) == ("", None), "at first the whole run is shown"
    assert "Drag the red handle" in said
    assert figure.locator(".what").get_attribute("aria-live") == "polite"

    # Buttons, from event to event.
    for at, words in steps[:3]:
        figure.get_by_role("button", name="Next event").click()
        assert state(figure)[:2] == [f"{at} ms", words]
        assert state(figure)[2] == pytest.approx(along(figure, at)[0], abs=1.5)
    figure.get_by_role("button", name="Previous event").click()
    assert state(figure)[:2] == [f"{steps[1][0]} ms", steps[1][1]]

    # Keys, on the slider.
    slide = figure.get_by_role("slider", name="Time in the run")
    slide.focus()
    for key, expected in (
        ("ArrowRight", steps[2][0]),
        ("ArrowLeft", steps[1][0]),
        ("End", 90),
        ("ArrowRight", 90),
        ("ArrowLeft", steps[-1][0]),
        ("Home", 0),
        ("ArrowLeft", 0),
    ):
        page.keyboard.press(key)
        assert state(figure)[0] == f"{expected} ms", key
    slide.fill("41")
    assert state(figure)[:2] == ["41 ms", "Bob asks C what it holds."]
    assert slide.get_attribute("aria-valuetext") == "41 ms. Bob asks C what it holds."
    box = slide.bounding_box()
    assert box["x"] + 8 == pytest.approx(along(figure, 0)[0], abs=1.5), "the thumb is below the line"

    # Clicks and drags on the picture; near an event they mean the event.
    page.mouse.click(*along(figure, 56))
    assert state(figure)[0] == "56 ms"
    page.mouse.click(*along(figure, 30.6))
    assert state(figure)[:2] == ["30 ms", "Ann is told that there is nothing."]
    page.mouse.move(*along(figure, 70))
    assert state(figure)[0] == "30 ms", "nothing moves without a button pressed"
    page.mouse.down()
    page.mouse.move(*along(figure, 75), steps=3)
    page.mouse.up()
    assert state(figure)[0] == "75 ms"

    # It plays, pauses, and stops at a click; at the end it begins anew.
    slide.press("End")
    figure.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "id => parseInt(document.querySelector(`${id} .when`).textContent) >= 1", arg=STALE
    )
    figure.get_by_role("button", name="Pause").click()
    stopped = state(figure)
    page.wait_for_timeout(200)
    assert state(figure) == stopped
    assert int(stopped[0].split()[0]) < 60
    assert figure.get_by_role("button", name="Play").is_visible()

    # The second player of the page stands still, and a printed page shows neither.
    other = page.locator(LOST)
    assert state(other)[2] is None
    assert other.locator(".ring > g").count() == 5
    other.get_by_role("button", name="Next event").click()
    assert other.locator(".ring .fence").count() == 1
    page.emulate_media(media="print")
    assert not page.locator(".player:visible, .veil:visible, .knob:visible").count()
    assert figure.locator("> svg.wide").is_visible()
    page.emulate_media(media="screen")
    assert fetched == [], "a run was fetched that nobody asked for"


def test_the_handle_fetches_the_run_asked_for_and_the_picture_follows(browser, base_url, site):
    with opened_tab(browser, base_url) as (page, problems):
        drags(page, base_url, site)
        assert [problem.split(" ", 1)[1][:31] for problem in problems] == ["error: Failed to load resource:"]


def drags(page, base_url, site):
    fetched = opened(page, base_url)
    figure = page.locator(STALE)
    handle = figure.get_by_role("slider", name="How late C is with a write")
    files = [
        json.loads((site / f"runs/{PAGE}stale.{i}.json").read_text("utf-8"))["html"]
        for i in range(5)
    ]
    caption = figure.locator("figcaption")

    def follows(i):
        words = re.search("<figcaption>(.*?) <small>", files[i])[1]
        page.wait_for_function(
            "([id, words]) => document.querySelector(id + ' figcaption').innerHTML.startsWith(words)",
            arg=[STALE, words],
        )
        assert figure.locator("> svg").count() == 2
        drawn = figure.locator("> svg.wide .msg.t-amber").get_attribute("d")
        assert drawn in files[i]
        assert json.dumps(story_of(figure), separators=(",", ":")) in unescape(files[i])

    # By keyboard. The time stays, and the sentence is that of the new run.
    figure.get_by_role("slider", name="Time in the run").fill("62")
    assert state(figure)[1] == "C now holds red."
    handle.focus()
    page.keyboard.press("ArrowLeft")
    follows(3)
    assert fetched == ["stale.3.json"]
    assert handle.get_attribute("aria-valuetext") == "45 ms"
    assert state(figure)[:2] == ["62 ms", "Bob is told that there is nothing."]

    # By pointer, to the next place, and no further than the pointer goes.
    box = figure.locator("> svg.wide").bounding_box()
    spots = json.loads(figure.get_attribute("data-drag"))["handles"]
    knob = figure.locator(".knob").bounding_box()
    page.mouse.move(knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + spots[2][0] * box["width"], box["y"] + box["height"], steps=4)
    follows(2)
    page.mouse.up()
    assert fetched == ["stale.3.json", "stale.2.json"]
    knob = figure.locator(".knob").bounding_box()
    assert knob["x"] + knob["width"] / 2 == pytest.approx(box["x"] + spots[2][0] * box["width"], abs=2)
    assert "Bob, who asks later, never notices" in caption.inner_text()
    assert state(figure)[0] == "62 ms", "dragging the handle is not a click on the picture"

    # What was fetched once is kept.
    handle.press("ArrowRight")
    follows(3)
    assert len(fetched) == 2

    # A file that is missing: one sentence, and the picture stays.
    page.route("**/stale.4.json", lambda route: route.fulfill(status=410))
    shown = figure.locator("> svg.wide").inner_html()
    handle.press("ArrowRight")
    page.wait_for_function(
        "id => document.querySelector(`${id} .what`).textContent.includes('could not')", arg=STALE
    )
    assert state(figure)[1] == "“60 ms” could not be loaded: this is still “45 ms”."
    assert figure.locator("> svg.wide").inner_html() == shown
    assert handle.get_attribute("aria-valuetext") == "45 ms"
    assert handle.input_value() == "3"
    page.unroute("**/stale.4.json")
    handle.press("ArrowRight")
    follows(4)  # it is asked for again


def test_without_motion_it_goes_from_event_to_event(page, base_url):
    page.emulate_media(reduced_motion="reduce")
    page.clock.install()
    opened(page, base_url)
    figure = page.locator(STALE)
    times = [f"{at} ms" for at, _ in story_of(figure)["steps"]]
    figure.get_by_role("button", name="Play").click()
    seen = []
    for _ in range(150):
        page.clock.run_for(100)
        seen.append(state(figure)[0])
        if seen[-1] == "35 ms":
            break
    assert list(dict.fromkeys(seen)) in (times[:7], ["0 ms", *times[:7]])


def test_without_script_the_picture_stands_alone(browser, base_url):
    context = browser.new_context(java_script_enabled=False, base_url=base_url)
    tab = context.new_page()
    tab.goto(base_url + PAGE)
    figure = tab.locator(STALE)
    assert figure.locator("> svg.wide").is_visible()
    assert figure.locator("figcaption").is_visible()
    assert "red at 35 ms" in figure.inner_text()
    assert "wrote red" in figure.locator("> svg.wide desc").text_content()
    assert not figure.locator(".player, .veil, .knob, input, button").count()
    assert "steps" not in figure.inner_text()
    context.close()


def test_it_survives_the_themes_instant_navigation(page, base_url):
    """From a page without a player, and back: the pages are exchanged, not loaded."""
    page.goto(base_url + "contributing/style/")
    page.evaluate("window.kept = document.querySelector('article').dataset.old = true")
    assert page.evaluate("document.adoptedStyleSheets.length") == 0, "no player, none of its rules"

    def arrives(address):
        """Wait for the new content, not only for the address, and mark it as old."""
        page.wait_for_url(f"**/{PREFIX}/{address}")
        page.wait_for_selector("article:not([data-old])", state="attached")
        page.evaluate("document.querySelector('article').dataset.old = 1")

    def follow(address):
        page.evaluate(
            """address => {
              const link = document.createElement("a")
              link.href = address
              document.querySelector("article").append(link)
              link.click()
            }""",
            base_url + address,
        )
        arrives(address)

    def works(picture):
        page.wait_for_selector(f"{picture} .player")
        figure = page.locator(picture)
        assert figure.locator(".player").count() == 1
        figure.get_by_role("button", name="Next event").click()
        assert state(figure)[0] == f"{story_of(figure)['steps'][0][0]} ms"
        handle = figure.locator(".drag input")
        other = "1" if handle.input_value() == "0" else "0"
        with page.expect_response(lambda answer: "/runs/" in answer.url) as got:
            handle.fill(other)
        assert got.value.ok, got.value.url

    follow(PAGE)
    works(STALE)
    home = "#" + HOME_PICTURE[0].split("/")[1] + "-" + HOME_PICTURE[1]
    follow("")
    works(home)
    page.wait_for_function("!document.querySelector('figcaption').innerText.includes('below')")
    assert page.locator(f"{home} figcaption a").count() == 1, "it names the page it comes from"
    page.go_back()
    arrives(PAGE)
    works(STALE)
    assert page.evaluate("window.kept"), "a page was loaded anew instead of exchanged"
    assert page.evaluate("document.adoptedStyleSheets.length") == 1


# test_axe.py reads whole pages; here it is the players, so all else goes.
ONLY = """() => {
  const article = document.querySelector("article")
  article.replaceChildren(article.querySelector("h1"), ...article.querySelectorAll("figure.run"))
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_player_can_be_used_by_everyone_on_a_phone_too(theme, browser, base_url):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=theme, has_touch=True
    )
    tab = context.new_page()
    opened(tab, base_url)
    for picture in (STALE, LOST):
        figure = tab.locator(picture)
        figure.get_by_role("button", name="Next event").tap()
        box = figure.locator("> svg.tall").bounding_box()
        story = story_of(figure)
        figure.locator("> svg.tall").tap(position={
            "x": 60, "y": box["height"] * sum(story["tall"]) / 2})  # fmt: skip
        middle = (story["from"] + story["to"]) / 2
        assert int(state(figure)[0].split()[0]) == pytest.approx(middle, abs=2)
        for part in figure.locator("button, .knob").all():
            size = part.bounding_box()
            assert min(size["width"], size["height"]) >= 40, "too small for a finger"
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.evaluate(ONLY)
    assert not violations(tab)
    context.close()
