"""Matplotlib's SVG made fit for a page: about a third of its bytes, and none of its colours.

Groups, fonts, metadata and unused ids go; equal strokes become one path; numbers get one
decimal; colours become CSS variables. What is left says only what the stylesheet does not.
"""

import re
from html import escape
from xml.etree import ElementTree

from tools.figures.figure import number

# The face and the joins are in figure.css; the anchor becomes an attribute.
SAID_ELSEWHERE = {"font-family", "text-anchor"} | {
    f"stroke-{rest}" for rest in ("linecap", "linejoin", "miterlimit")
}


def clean(source: str, stand_ins: dict[str, str], size: float, kind: str) -> str:
    """The drawing as a "wide" or "tall" <svg> for a `Figure`.

    ``stand_ins`` maps colours to the CSS variables that replace them; any other colour, and
    any image, raises ValueError. Texts of ``size`` points leave their size to the stylesheet.
    """
    root = ElementTree.fromstring(source)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
        element.tail = None
        if element.tag not in ("text", "tspan"):
            element.text = None
    if any(element.tag == "image" for element in root.iter()):
        raise ValueError("a chart holds an image: draw shapes, which follow the theme")
    markers = {path.get("id"): path for defs in root.iter("defs") for path in defs.findall("path")}
    shapes = _merge(_flatten(root, markers))
    used = set(re.findall(r"url\(#([^)]+)", source))
    names = {}
    for element in (each for shape in shapes for each in shape.iter()):
        old = element.attrib.pop("id", None)  # kept if something refers to it, and renamed in order
        if old in used:
            element.set("id", names.setdefault(old, f"c{len(names)}"))
    body = re.sub(
        r"url\(#([^)]+)",
        lambda m: "url(#" + names[m[1]],
        "".join(_write(shape, size) for shape in shapes),
    )
    for stand_in, tone in stand_ins.items():
        body = body.replace(stand_in, f"var(--{tone})")
    if stray := re.search(r"[:\"]\s*(#[0-9a-f]{6})\b", body):
        raise ValueError(
            f"colour {stray[1]} cannot follow the theme: use chart.BLUE, chart.RED and so on"
        )
    return f'<svg class="chart {kind}" viewBox="{root.get("viewBox")}">{body}</svg>'


def _flatten(parent, markers, clip=None):
    """The shapes in drawing order, out of their groups, with each marker drawn where it is used.

    A <use> would be shorter, but a theme's script, as Zensical has one, sets `href` on all that has
    one, and throws on SVG.
    """
    for child in parent:
        if child.tag == "g" and not set(child.attrib) - {"id", "clip-path"}:
            yield from _flatten(child, markers, child.get("clip-path", clip))
        elif child.tag == "use":
            marker = markers[child.get("href").removeprefix("#")]
            if re.search(r"[1-9]", marker.get("d")):  # a tick of no length is none
                yield _stamp(child, marker, clip)
        elif child.tag == "defs":
            for unused in child.findall("path") + child.findall("style"):
                child.remove(unused)
            if len(child):
                yield child
        elif child.tag != "metadata" and child.get("style") != "fill: none":
            yield child


def _stamp(use, marker, clip):
    """The marker as a path of its own, at the place of the <use>; a disc is two arcs."""
    x, y = float(use.get("x")), float(use.get("y"))
    d = marker.get("d")
    if disc := re.match(r"M 0 ([\d.]+) \s*(C [^CLMz]*){8}z", d):
        r = float(disc[1])
        d = f"M {x - r} {y} a {r} {r} 0 1 0 {2 * r} 0 a {r} {r} 0 1 0 {-2 * r} 0 z"
    else:
        d = re.sub(r"(\S*\d) (\S*\d)", lambda m: f"{float(m[1]) + x} {float(m[2]) + y}", d)
    style = "; ".join(filter(None, (use.get("style"), marker.get("style"))))  # the later one wins
    return ElementTree.Element(
        "path", {"d": d, "style": style} | ({"clip-path": clip} if clip else {})
    )


def _merge(shapes):
    """Equal strokes become one path, as long as nothing but text lies between them."""
    kept = []
    for shape in shapes:
        if shape.tag == "path" and "opacity" not in shape.get("style", ""):
            look = {**shape.attrib, "d": ""}
            for earlier in reversed(kept):
                if earlier.tag == "path" and {**earlier.attrib, "d": ""} == look:
                    earlier.set("d", earlier.get("d") + shape.get("d"))
                    shape = None
                    break
                if earlier.tag != "text":
                    break
        if shape is not None:
            kept.append(shape)
    return kept


def _write(element, size):
    attributes = ""
    for name, value in element.attrib.items():
        if name == "style":
            side = re.search(r"text-anchor: (middle|end)", value)
            attributes += f' text-anchor="{side[1]}"' if side else ""
            value = _style(value, size)
        elif name == "transform":
            value = re.sub(r"rotate\(-0 [^)]*\)", "", value)
        if name in ("d", "x", "y", "width", "height", "transform"):
            value = re.sub(r"-?\d+\.?\d*(?:e-?\d+)?", lambda m: number(float(m[0])), value)
        if name == "d":
            value = re.sub(r"\s*([A-Za-z])\s*", r"\1", value).strip()
        if value:
            attributes += f' {name}="{value}"'
    content = escape(element.text or "", quote=False).strip()
    content += "".join(_write(child, size) for child in element)
    if not content:
        return f"<{element.tag}{attributes}/>"
    return f"<{element.tag}{attributes}>{content}</{element.tag}>"


def _style(value, size):
    """Only what the stylesheet does not say for every chart; of two, the later."""
    said = dict(part.split(":", 1) for part in value.replace(" ", "").split(";") if part)
    for name in SAID_ELSEWHERE:
        said.pop(name, None)
    if said.get("font-size") == f"{size}px":
        del said["font-size"]
    return ";".join(f"{name}:{rest}" for name, rest in said.items())
