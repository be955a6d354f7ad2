"""A mark for each challenge: a space-time diagram of two lanes, small enough for a heading.

What is normal is drawn in ink, what goes wrong in red and with a shape of its own, so that
the tone is never needed. Drawn by hand, not from a run: a mark has to be known again.
"""

from tools.figures.pen import path

LANES = "M2 8H62M2 24H62"
# What happens, in words; the lanes; what is normal; what goes wrong.
GLYPHS = {
    "data-consistency": (
        "A write is on its way to a copy that is read before it arrives",
        LANES,
        "M10 8L46 24l-7-.2m7 .2l-4.6-5.2",
        "M22 24m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0",
    ),
    "system-performance": (
        "Requests come faster than they are served, and the queue grows",
        LANES,
        "M6 8L14 24M14 8L22 24M22 8L30 24",
        "M38 24V20M44 24V15.5M50 24V11M56 24V5",
    ),
    "system-reliability": (
        "A node stops, and what is sent to it is lost",
        "M2 8H34M2 24H62",
        "M8 24L16 8M20 8L26 24M44 24L48 17",
        "M30 4l8 8m0-8l-8 8",
    ),
    "system-security": (
        "A message arrives that no node has sent",
        LANES,
        "M8 8L16 24M46 8L54 24",
        "M26 13m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0M28 16L34 24m-.8-5.6l.8 5.6l-5.6-1.7",
    ),
}


def glyph(challenge: str, named: bool = False) -> str:
    """The mark as <svg>; ``named`` where no name of the challenge stands beside it.

    Raises KeyError for a challenge without a mark.
    """
    words, lanes, calm, alarm = GLYPHS[challenge]
    name = f'role="img" aria-label="{words}"' if named else 'aria-hidden="true"'
    paths = path("lane", [lanes]) + path("calm", [calm]) + path("cross", [alarm])
    return f'<svg class="st gl" viewBox="0 0 64 32" {name}>{paths}</svg>'
