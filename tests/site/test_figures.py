"""Pictures of runs: drawn truly, read by everyone, the same on every machine.

``python -m tests.site.test_figures`` redraws the golden files; look at them before you
keep them.
"""

import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import markdown
import pytest

from snippets.simnet import Event, Lost, Note, Send, SetTimer, Simulation, uniform
from tests.site.test_drawings import drawings
from tools.figures import Figure, chart, lanes, space_time, trace_of
from tools.figures.figure import inline, number
from tools.figures.trace import Cut, Mark, Message, Span, Trace, kind_of

NAMES = ("split", "closely", "curve", "ring", "log", "history")
ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"


# The run that is drawn: whoever hears no beat for a while takes over --------------------


@dataclass(frozen=True)
class Beat:
    term: int


@dataclass(frozen=True)
class Ack:
    term: int


@dataclass
class Node:
    id: str
    peers: tuple
    patience_ms: int
    term: int = 0
    role: str = "backup"
    durable = ("term",)

    def start(self):
        return [SetTimer("patience", self.patience_ms)]

    def timeout(self, timer):
        changes = []
        if timer == "patience":
            self.term, self.role = self.term + 1, "primary"
            changes = [Note(f"takes over, term {self.term}")]
        beats = [Send(peer, Beat(self.term)) for peer in self.peers]
        return [*changes, *beats, SetTimer("beat", 40)] if self.role == "primary" else []

    def receive(self, sender, message):
        if isinstance(message, Ack) or message.term < self.term:
            return []
        changes = (
            [Note("steps down")] if self.role == "primary" and message.term > self.term else []
        )
        if changes or self.role == "backup":
            self.term, self.role = message.term, "backup"
            return [*changes, Send(sender, Ack(self.term)), SetTimer("patience", self.patience_ms)]
        return []


LEGEND = space_time.Legend(
    messages={"Beat": "blue", "Beat 2": "violet", "Ack": "green ring"},
    states={"primary": "blue", "primary term 2": "violet"},
    marks={"steps down", "patience"},
    words={"primary term 2": "primary of term 2"},
)


def simulation(rng, delay=None, until_ms=400):
    """Four nodes, a split from 100 to 230 ms, and a crash at 300 ms for 50 ms."""
    names = ("A", "B", "C", "D")
    sim = Simulation(rng, delay or uniform(6, 16), watch=lambda n: (n.role, f"term {n.term}"))
    for i, name in enumerate(names):
        peers = tuple(each for each in names if each != name)
        sim.add(Node(name, peers, patience_ms=30 + 55 * i))
    sim.at(100, sim.partition, names[:2], names[2:])
    sim.at(230, sim.heal)
    sim.at(300, sim.crash, "B")
    sim.at(350, sim.restart, "B")
    sim.run(until_ms)
    return sim


def wild(rng, sender, to, message):
    """Delays as a bad network gives them: late, doubled, dropped, or gone without a trace."""
    pick, late = rng.random(), int(rng.random() * 60)
    if pick < 0.1:
        return ()
    if pick < 0.2:
        return (Lost(late),)
    return (3 + late,) if pick < 0.8 else (3 + late, 9 + late)


@cache
def golden():
    """The pictures that are kept: a split, two of its lanes closely, a chart, and others."""
    trace = trace_of(simulation(Random(3)))
    words = {"caption": "Two primaries at once: <code>A</code> & C.", "seed": "seed 3"}
    curve = [(x, 1 / x) for x in (1, 10, 100, 1000, 10_000, 100_000)]

    def plot(ax, tall):
        xs, ys = zip(*curve, strict=True)
        ax.plot(xs, ys, marker="o", color=chart.BLUE)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xlabel("machines" if tall else "machines, any number of them")
        ax.set_ylabel("share of each")
        ax.annotate("1/n", xs[2:3] + ys[2:3], (6, 6), textcoords="offset points", color=chart.BLUE)

    return {
        "split": space_time.draw(trace, LEGEND, title="Split", **words),
        "closely": space_time.draw(
            trace,
            LEGEND,
            title="Closely",
            window=(220, 330),
            nodes=("A", "C"),
            **words,
            label=lambda message: f"term {message.term}",
            description="C wins.",
        ),
        "curve": chart.draw(plot, title="Share", description="A falling line.", **words),
        **drawings(),
    }


@pytest.fixture(scope="module")
def drawn():
    return golden()


def layouts(figure, slug="a"):
    """The figure as a reader's program sees it: both layouts, parsed."""
    root = ElementTree.fromstring(figure.fragment(slug))
    return root, [child for child in root if child.tag == "svg"]


# Every figure -------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_the_golden_one(drawn, name):
    assert drawn[name].fragment(name) == (GOLDEN / f"{name}.html").read_text(encoding="utf-8")


def test_the_hash_seed_changes_no_byte(drawn):
    ask = (
        "import hashlib; from tests.site.test_figures import golden; "
        "text = ''.join(f.fragment(n) for n, f in golden().items()); "
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    seen = set()
    for seed in ("0", "4242"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", ask], env=env, cwd=ROOT, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
        seen.add(run.stdout)
    assert len(seen) == 1


@pytest.mark.parametrize("name", NAMES)
def test_both_layouts_are_valid_and_carry_name_and_description(drawn, name):
    root, both = layouts(drawn[name])
    assert [svg.get("class").split()[1] for svg in both] == ["wide", "tall"]
    for svg in both:
        assert svg.get("role") == "img"
        assert svg.get("data-search-exclude") == "", "the search index holds captions, not ticks"
        said = {each.get("id"): each.text for each in svg if each.tag in ("title", "desc")}
        assert svg.get("aria-labelledby").split() == list(said)
        assert all(said.values())
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert all(each == "a" or each.startswith("a-") for each in ids)


def test_figures_of_one_page_share_no_id(drawn):
    page = "".join(figure.fragment(slug) for slug, figure in drawn.items())
    repeated = [each for each, n in Counter(re.findall(r' id="([^"]+)"', page)).items() if n > 1]
    assert not repeated
    for reference in re.findall(r"url\(#([^)]+)\)", page):
        assert f' id="{reference}"' in page


@pytest.mark.parametrize("name", NAMES)
def test_markdown_leaves_a_figure_as_it_is(drawn, name, tmp_path):
    fragment = drawn[name].fragment("a")
    assert "\n\n" not in fragment
    (tmp_path / "a.html").write_text(fragment, encoding="utf-8")
    snippets = {"pymdownx.snippets": {"base_path": [str(tmp_path)], "check_paths": True}}
    html = markdown.markdown(
        'before *it*\n\n--8<-- "a.html"\n\nafter *it*\n',
        extensions=["md_in_html", "attr_list", "tables", "pymdownx.snippets"],
        extension_configs=snippets,
    )
    assert fragment.strip() in html
    assert html.startswith("<p>before <em>it</em></p>\n<figure")
    assert html.split("</figure>")[1].split() == ["<p>after", "<em>it</em></p>"]


@pytest.mark.parametrize("name", NAMES)
def test_no_colour_no_link_no_script_is_in_the_file(drawn, name):
    text = drawn[name].fragment("a")
    assert not re.search(r"(?i)[\": ]#[0-9a-f]{3,8}\b|rgb\(|href=|<script|<image|<style", text)
    assert not re.search(r"(?:fill|stroke)[:=]\"?(?!var|none|url|-)[a-z]", text)


def test_a_caption_is_text_with_few_tags():
    assert inline("a <code>b</code> & <b>c</b>") == "a <code>b</code> &amp; &lt;b&gt;c&lt;/b&gt;"
    with pytest.raises(ValueError, match="<code> is not closed"):
        inline("a <code>b")
    with pytest.raises(ValueError, match="</em> closes nothing"):
        inline("<code>a</em></code>")


@pytest.mark.parametrize("field", ["title", "description", "caption", "seed"])
def test_a_figure_without_its_words_is_refused(field):
    words = {"title": "t", "description": "d", "caption": "c", "seed": "s", field: " "}
    with pytest.raises(ValueError, match=field):
        Figure("<svg>", "<svg>", **words)


def test_the_caption_ends_with_where_the_picture_comes_from():
    figure = Figure("<svg/>", "<svg/>", "t", "d", "All well", "seed 7.")
    assert "All well. <small>Recorded from the program below, seed 7.</small>" in figure.fragment(
        "a"
    )
    assert "Recorded from a page, seed 7." in figure.fragment("a", source="a page")
    with pytest.raises(ValueError, match="cannot be an id"):
        figure.fragment("A b")


@pytest.mark.parametrize(
    ("value", "text"), [(-0.04, "0"), (2.0, "2"), (2.25, "2.2"), (-7.06, "-7.1")]
)
def test_coordinates_have_one_decimal(value, text):
    assert number(value) == text


# Charts -------------------------------------------------------------------------------

WORDS = {"title": "t", "description": "d", "caption": "c", "seed": "s"}


def test_a_plot_draws_once_for_each_width_and_knows_which():
    seen = []
    chart.draw(lambda ax, tall: seen.append((tall, ax.figure.get_figwidth())), **WORDS)
    assert seen == [(False, chart.COLUMN), (True, chart.PHONE)]


def test_panels_stand_side_by_side_or_below_each_other():
    seen = []
    figure = chart.draw(
        lambda axes, tall: seen.append([ax.get_subplotspec() for ax in axes]), panels=2, **WORDS
    )
    assert [[(s.rowspan.start, s.colspan.start) for s in specs] for specs in seen] == [
        [(0, 0), (0, 1)],
        [(0, 0), (1, 0)],
    ]
    wide, tall = (svg.get("viewBox").split() for svg in layouts(figure)[1])
    assert float(tall[3]) == pytest.approx(2 * float(wide[3]))


def test_the_error_of_a_plot_is_passed_on():
    def plot(ax, tall):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        chart.draw(plot, **WORDS)


@pytest.mark.parametrize(
    ("plot", "message"),
    [
        (lambda ax, tall: ax.plot([1, 2], color="#123456"), "#123456 cannot follow the theme"),
        (lambda ax, tall: ax.plot([1, 2], color="tab:orange"), "cannot follow the theme"),
        (lambda ax, tall: ax.imshow([[1, 2]]), "holds an image"),
        (
            lambda ax, tall: ax.scatter(range(999), [7 * i % 100 for i in range(999)]),
            "draw fewer points",
        ),
    ],
)
def test_a_chart_that_breaks_the_house_style_is_refused(plot, message):
    with pytest.raises(ValueError, match=message):
        chart.draw(plot, **WORDS)


def test_a_curve_of_many_points_is_thinned_to_what_can_be_seen():
    rng = Random(1)
    ys = sorted((rng.random() for _ in range(20_000)), reverse=True)
    figure = chart.draw(lambda ax, tall: ax.plot(ys, color=chart.BLUE), **WORDS)
    assert max(len(figure.wide), len(figure.tall)) < chart.LIMIT


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.001, "0.001"),
        (1, "1"),
        (0, "0"),
        (50_000, "50,000"),
        (1e9, "10⁹"),
        (2.5e-7, "2.5×10⁻⁷"),
        (-3, "−3"),
    ],
)
def test_ticks_are_written_plainly(value, text):
    assert chart.plain(value) == text


def test_axes_count_in_plain_numbers():
    def plot(ax, tall):
        ax.plot([1, 1000], [0.4, 3])
        ax.set_xscale("log")
        ax.set_yscale("log")

    texts = [each.text for each in layouts(chart.draw(plot, **WORDS))[1][0].iter("text")]
    assert {"1", "10", "100", "1,000"} <= set(texts)
    assert {"0.4", "2"} <= set(texts), (
        "a log axis of less than a decade is labelled between the powers"
    )
    assert not any("$" in text or "^" in text for text in texts)


def test_large_numbers_have_commas_and_years_have_none():
    figure = chart.draw(lambda ax, tall: ax.plot([1960, 2020], [0, 4000]), **WORDS)
    texts = [each.text for each in layouts(figure)[1][0].iter("text")]
    assert {"1960", "4,000"} <= set(texts)


def test_numbers_under_the_x_axis_do_not_touch():
    def plot(ax, tall):
        ax.plot([1, 10**6], [1, 2])
        ax.set_xscale("log")

    wide, tall = (
        [each.text for each in svg.iter("text") if "0" in each.text and "," in each.text]
        for svg in layouts(chart.draw(plot, height=2, **WORDS))[1]
    )
    assert "100,000" in wide
    assert "100,000" not in tall or "1,000,000" not in tall


def test_the_y_label_stands_level_above_the_axis():
    figure = chart.draw(lambda ax, tall: (ax.bar("ab", [1, 2]), ax.set_ylabel("keys")), **WORDS)
    label = next(each for each in layouts(figure)[1][0].iter("text") if each.text == "keys")
    assert "rotate" not in label.get("transform", "")


def test_markers_are_drawn_in_place_and_discs_are_round():
    figure = chart.draw(lambda ax, tall: ax.plot([1, 2, 3], "o", color=chart.RED), **WORDS)
    assert "<use" not in figure.wide
    assert figure.wide.count("a2 2 0 1 0 4 0") == 3


# Traces -------------------------------------------------------------------------------


def test_a_trace_is_what_the_events_say():
    """Derived twice: by trace_of, and here by counting the simulator's events."""
    for seed in range(60):
        sim = simulation(Random(seed), wild)
        trace = trace_of(sim)
        kinds = Counter(event.kind for event in sim.trace)
        came = [(m.received, m.dst, m.src, m.what) for m in trace.msgs if m.received is not None]
        assert sorted(came, key=str) == sorted(
            ((e.at_ms, e.node, e.peer, e.what) for e in sim.trace if e.kind == "received"), key=str
        )
        assert sum(1 for m in trace.msgs if m.lost) == kinds["lost"]
        assert sum(1 for m in trace.msgs if m.eta is None) <= kinds["sent"]
        assert {m.lost for m in trace.msgs} <= {"", "network split", "node down", "dropped"}
        assert [(c.start, c.end) for c in trace.cuts] == [(100, 230)]
        down = [(s.start, s.end) for s in trace.spans if s.state == "down"]
        assert down == [(300, 350)]


def test_a_trace_says_what_a_node_was_at_every_moment():
    seen = {}
    sim = simulation(Random(5))
    trace = trace_of(sim)
    for at, name, value in sim.watched:
        seen[name, at] = value
    for (name, at), value in seen.items():
        span = next(s for s in trace.spans if s.node == name and s.start <= at < s.end)
        assert span.state in (value[0], "down")
    assert [s.state for s in trace.spans if s.node == "B"][-2:] == ["down", "backup"]


def test_clients_outside_the_simulation_are_lanes():
    @dataclass
    class Server:
        id: str

        def receive(self, sender, message):
            return [Send(sender, ("ok", message))]

    sim = Simulation(Random(1))
    sim.add(Server("S"))
    sim.at(5, sim.send, "client", "S", "read x")
    sim.run(100)
    trace = trace_of(sim)
    assert trace.nodes == ("S", "client")
    assert [m.kind for m in trace.msgs] == ["read", "ok"]
    assert trace_of(sim, nodes=("client", "S")).nodes == ("client", "S")


def test_a_list_of_events_is_enough():
    events = [
        Event(1, "A", "sent", "hello B", "B", 1),
        Event(4, "B", "received", "hello B", "A", 1),
        Event(4, "B", "received", "hello B", "A", 1),
        Event(5, "A", "sent", "hello B", "B", 2),
        Event(6, "", "cut", (("A",), ("B",))),
        Event(8, "B", "lost", "hello B", "A", 2, "network split"),
        Event(9, "", "partitioned", (("A",), ("B",))),
        Event(12, "", "healed", ()),
    ]
    trace = trace_of(events, [(0, "A", "new"), (3, "A", "old")])
    assert [(m.sent, m.eta, m.received, m.lost) for m in trace.msgs] == [
        (1, 3, 4, ""),
        (1, 3, 4, ""),
        (5, 3, None, "network split"),
    ], "a doubled message is two entries; a lost one has the slope it would have had"
    assert [(c.start, c.end, c.one_way) for c in trace.cuts] == [(6, 9, True), (9, 12, False)]
    assert [(s.node, s.start, s.end, s.state) for s in trace.spans] == [
        ("A", 0, 3, "new"),
        ("A", 3, 12, "old"),
        ("B", 0, 12, ""),
    ]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("read x", "read"),
        (("write", "x", 1), "write"),
        (Beat(1), "Beat"),
        ((), ""),
        (b"12", "bytes"),
        (7, "int"),
    ],
)
def test_the_kind_of_a_message_is_its_class_or_first_word(message, kind):
    assert kind_of(message) == kind


def test_a_simulation_that_has_not_run_says_so():
    with pytest.raises(ValueError, match=r"sim\.run"):
        trace_of(Simulation(Random(1)))


SPANS = (Span("A", 0, 20, "up"), Span("A", 20, 100, "down"), Span("B", 0, 100, ""))
HELLO = Message("A", "B", "hello", "", 10, 5, 15)
SOUND = Trace(
    ("A", "B"), 100, (HELLO,), SPANS, (Mark("A", 3, "note"),), (Cut(40, 60, (("A",), ("B",))),)
)


@pytest.mark.parametrize(
    ("defect", "message"),
    [
        ({"msgs": (replace(HELLO, sent=45, received=50),)}, "crosses"),
        ({"msgs": (replace(HELLO, received=16),)}, "not received at sent"),
        ({"msgs": (replace(HELLO, eta=None),)}, "not received at sent"),
        ({"msgs": (replace(HELLO, lost="dropped"),)}, "although it was lost"),
        ({"msgs": (replace(HELLO, sent=98, received=103),)}, "after the end"),
        ({"msgs": (replace(HELLO, received=None, eta=None, lost="dropped"),)}, "lost at no time"),
        ({"msgs": (replace(HELLO, eta=-5, received=5),)}, "before it is sent"),
        ({"msgs": (replace(HELLO, dst="A"),)}, "from one node to another"),
        ({"msgs": (replace(HELLO, dst="Z"),)}, "from one node to another"),
        ({"spans": (SPANS[0], replace(SPANS[1], start=21), SPANS[2])}, "gap or overlap"),
        ({"spans": (SPANS[0], replace(SPANS[1], start=19), SPANS[2])}, "gap or overlap"),
        ({"spans": (*SPANS[:2], replace(SPANS[2], end=99))}, "do not reach"),
        ({"spans": SPANS[:2]}, "do not reach"),
        ({"spans": (Span("A", 0, 0, "x"), *SPANS)}, "gap or overlap"),
        ({"marks": (Mark("Z", 3, "note"),)}, "outside the run"),
        ({"marks": (Mark("A", 101, "note"),)}, "outside the run"),
        ({"cuts": (Cut(40, 101, (("A",), ("B",))),)}, "outside the run"),
        ({"cuts": (Cut(40, 60, (("A",), ("A", "B"))),)}, "two sides"),
        ({"nodes": ("A", "A", "B")}, "stands twice"),
    ],
)
def test_a_trace_that_contradicts_itself_cannot_be_made(defect, message):
    with pytest.raises(ValueError, match=message):
        replace(SOUND, **defect)


def test_a_one_way_cut_lets_the_other_way_through():
    cut = Cut(0, 60, (("B",), ("A",)), one_way=True)
    assert replace(SOUND, cuts=(cut,)).msgs == (HELLO,)
    with pytest.raises(ValueError, match="crosses"):
        replace(SOUND, cuts=(replace(cut, groups=(("A",), ("B",))),))


def test_the_json_of_a_trace_is_version_1():
    import json

    data = json.loads(trace_of(simulation(Random(3))).to_json())
    assert list(data) == ["v", "unit", "end", "nodes", "msgs", "spans", "marks", "cuts"]
    assert (data["v"], data["unit"], data["end"]) == (1, "ms", 400)
    for m in data["msgs"]:
        assert m["recv"] is None or m["recv"] == m["sent"] + m["eta"]


# Space-time diagrams --------------------------------------------------------------------


def drawing(trace, tall, window=None, legend=LEGEND):
    start, end = window or (0, trace.end)
    view = space_time._view(trace, legend, start, end, trace.nodes)
    drawn = lanes.Drawing(view, legend, lanes.Layout(view, start, end, tall), None)
    return drawn, drawn._messages()


@pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
def test_each_lost_message_ends_in_a_cross_and_close_crosses_are_one(tall):
    for seed in range(60):
        picture, arrows = drawing(trace_of(simulation(Random(seed), wild)), tall)
        lost = [
            (x, y) for m, _, _, x, y in arrows if m.lost and m.sent + m.eta <= picture.layout.end
        ]
        near = lanes.NEAR
        alone = [
            (x, y)
            for i, (x, y) in enumerate(lost)
            if not any(
                abs(x - p) + abs(y - q) <= near for p, q in lost[:i] if (p, q) in picture.crosses
            )
        ]
        assert picture.crosses == alone, "crosses = lost messages minus merged ones"
        for x, y in lost:
            assert any(abs(x - p) + abs(y - q) <= near for p, q in picture.crosses)


def test_no_line_passes_a_fence():
    """In pixels: what is lost at the split stops at its fence, and after its beginning."""
    for seed in range(60):
        for tall in (False, True):
            picture, arrows = drawing(trace_of(simulation(Random(seed), wild)), tall)
            lay = picture.layout
            begin = lay.at(100, 0)[1 if tall else 0]
            for m, _, _, x, y in arrows:
                if m.lost != "network split":
                    continue
                lane = (x - lay.side) / lay.gap - 0.5 if tall else (y - lay.head - 16) / lay.gap
                at = y if tall else x
                assert at >= begin - 0.06
                assert abs(lane - 1.5) < 0.01 or abs(at - begin) < 0.06


def test_arrows_begin_and_end_when_the_events_happened():
    trace = trace_of(simulation(Random(3)))
    picture, arrows = drawing(trace, False)
    lay = picture.layout
    lane = {name: i for i, name in enumerate(trace.nodes)}
    checked = 0
    for m, x1, y1, x2, y2 in arrows:
        if m.received is not None:
            assert (x1, y1) == lay.at(m.sent, lane[m.src])
            end = lay.at(m.received, lane[m.dst])
            assert abs(x2 - end[0]) + abs(y2 - end[1]) < 25, "trimmed by no more than the band"
            assert abs((x2 - x1) * (end[1] - y1) - (y2 - y1) * (end[0] - x1)) < 1e-6, "on the line"
            checked += 1
    assert checked > 20


def test_many_seeds_give_small_valid_pictures_of_the_same_events():
    """What the transcript lists is drawn, counted here from the file itself."""
    for seed in range(25):
        sim = simulation(Random(seed), uniform(6, 16, loss=0.1), until_ms=330)
        trace = trace_of(sim)
        figure = space_time.draw(trace, LEGEND, title="t", caption="c", seed=f"seed {seed}")
        again = space_time.draw(trace_of(sim), LEGEND, title="t", caption="c", seed=f"seed {seed}")
        assert figure == again
        for svg in layouts(figure)[1]:
            kinds = {cls: "" for cls in ("beats", "acks", "lost", "dot")}
            for path in svg.iter("path"):
                cls = path.get("class").split()
                if cls[0] == "msg":
                    name = "lost" if "lost" in cls else "acks" if "t-green" in cls else "beats"
                    kinds[name] += path.get("d")
                if cls == ["dot"]:
                    kinds["dot"] += path.get("d")
            arrived = [m for m in trace.msgs if m.received is not None]
            assert kinds["acks"].count("a3 3") == 2 * sum(m.kind == "Ack" for m in arrived)
            assert kinds["beats"].count("m") == sum(m.kind == "Beat" for m in arrived)
            assert kinds["lost"].count("M") == sum(bool(m.lost) for m in trace.msgs)
            told = [
                e
                for e in sim.trace
                if e.what in ("patience", "steps down") or e.kind == "restarted"
            ]
            assert kinds["dot"].count("M") == sum(
                e.kind in ("timeout", "note", "restarted") for e in told
            )


def test_colour_is_never_alone(drawn):
    figure = drawn["split"]
    key = re.findall(r'<li class="([^"]+)">([^<]+)</li>', figure.key)
    assert ("band t-violet", "primary of term 2") in key
    assert ("reply t-green", "Ack") in key
    assert ("lost", "lost at the split") in key
    assert ("lost", "lost: the node is down") in key
    texts = [each.text for each in layouts(figure)[1][0].iter("text")]
    assert "primary, term 1" in texts
    assert "network split" in texts
    assert "crashes" in texts


def test_the_key_names_only_what_is_drawn():
    trace = trace_of(simulation(Random(3)))
    figure = space_time.draw(trace, LEGEND, title="t", caption="c", seed="s", window=(0, 60))
    assert "t-violet" not in figure.key
    assert "lost" not in figure.key


def test_a_kind_without_a_tone_is_muted_and_one_with_an_empty_tone_is_hidden():
    trace = trace_of(simulation(Random(3)))
    words = {"title": "t", "caption": "c", "seed": "s"}
    muted = space_time.draw(trace, space_time.Legend({"Ack": ""}), **words)
    assert "msg t-muted" in muted.wide
    assert '<li class="t-muted">Beat</li>' in muted.key
    beats = sum(m.kind == "Beat" and m.received is not None for m in trace.msgs)
    assert muted.wide.split('class="msg t-muted" d="')[1].split('"')[0].count("m") == beats


def test_the_description_is_derived(drawn):
    text = drawn["split"].description
    assert text.startswith("Time from 0 to 400 ms, lanes A, B, C, D.")
    assert "100 ms: network split, A, B from C, D, until 230." in text
    assert "300 ms: B crashes." in text
    assert "A is primary, term 1." in text
    assert drawn["closely"].description.endswith("C wins.")


@pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])
def test_labels_do_not_cover_each_other_and_stay_inside(tall):
    for seed in range(40):
        trace = trace_of(simulation(Random(seed)))
        picture, _ = drawing(trace, tall)
        picture = lanes.Drawing(picture.view, LEGEND, picture.layout, None)
        placed = []
        place = picture.labels.place

        def watch(text, places, size=12.5, place=place, placed=placed, picture=picture):
            best = place(text, places, size)
            placed.append((text, picture.labels.boxes[-1]))
            return best

        picture.labels.place = watch
        picture.svg()
        assert placed
        for i, (text, (a, b, c, d)) in enumerate(placed):
            assert a >= -2 and c <= picture.layout.width + 2, f"{text} is cut off at seed {seed}"
            for other, (p, q, r, s) in placed[:i]:
                covered = max(0, min(c, r) - max(a, p)) * max(0, min(d, s) - max(b, q))
                assert covered < 0.2 * (c - a) * (d - b), f"{text} covers {other} at seed {seed}"


def test_a_split_that_leaves_a_lane_out_has_no_fence_but_names_its_sides():
    nodes = ("A", "B", "C")
    spans = tuple(Span(node, 0, 100, "") for node in nodes)
    lost = Message("C", "A", "x", "", 20, 10, None, "network split")
    trace = Trace(nodes, 100, (lost,), spans, (), (Cut(10, 60, (("A",), ("C",))),))
    figure = space_time.draw(trace, space_time.Legend(), title="t", caption="c", seed="s")
    assert "split between A and C" in figure.wide
    assert 'class="fence"' not in figure.wide
    picture, [(_, _, _, _, y)] = drawing(trace, False, legend=space_time.Legend())
    heights = [picture.layout.at(0, lane)[1] for lane in range(3)]
    assert min(abs(y - height) for height in heights) > 10, "a cross lies between lanes, not on one"


def test_a_client_beside_a_split_lets_the_fence_stand_unless_it_reaches_across():
    nodes, cut = ("client", "A", "B"), Cut(10, 60, (("A",), ("B",)))
    spans = tuple(Span(node, 0, 100, "") for node in nodes)
    for to, sent, stands in (("A", 20, True), ("B", 20, False), ("B", 70, True)):
        asks = Message("client", to, "x", "", sent, 10, sent + 10)
        trace = Trace(nodes, 100, (asks,), spans, (), (cut,))
        figure = space_time.draw(trace, space_time.Legend(), title="t", caption="c", seed="s")
        assert ('class="fence"' in figure.wide) == stands
        assert ("split between A and B" in figure.wide) != stands


def test_what_flies_over_the_edge_of_the_window_has_no_head_there():
    spans = tuple(Span(node, 0, 100, "") for node in "AB")
    trace = Trace(("A", "B"), 100, (Message("A", "B", "x", "", 10, 60, 70),), spans)
    figure = space_time.draw(
        trace, space_time.Legend({"x": "blue"}), title="t", caption="c", seed="s", window=(20, 50)
    )
    d = figure.wide.split('class="msg t-blue" d="')[1].split('"')[0]
    assert "m" not in d
    assert d.count("M") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"nodes": ("A", "Z")}, "no lane for 'Z'"),
        ({"window": (50, 50)}, "not inside the run"),
        ({"window": (0, 401)}, "not inside the run"),
    ],
)
def test_a_picture_that_cannot_be_drawn_says_why(arguments, message):
    trace = trace_of(simulation(Random(3)))
    with pytest.raises(ValueError, match=message):
        space_time.draw(trace, LEGEND, title="t", caption="c", seed="s", **arguments)


def test_a_crowded_picture_is_refused():
    spans = tuple(Span(node, 0, 1000, "") for node in "AB")
    msgs = tuple(Message("A", "B", "x", "", at, 13, at + 13) for at in range(0, 900, 5))
    trace = Trace(("A", "B"), 1000, msgs, spans)
    with pytest.raises(ValueError, match="narrow the window"):
        space_time.draw(trace, space_time.Legend(), title="t", caption="c", seed="s")


def test_a_colour_is_not_a_tone():
    with pytest.raises(ValueError, match="purple"):
        space_time.Legend(messages={"x": "purple"})


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each, picture in golden().items():
        (GOLDEN / f"{each}.html").write_text(picture.fragment(each), encoding="utf-8")
