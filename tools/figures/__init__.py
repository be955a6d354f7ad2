"""Pictures drawn from runs: every module returns a `Figure` for a page to include.

    chart.draw(plot, ...)                      curves and bars, in the house style
    space_time.draw(trace_of(sim), legend, ...)   messages between nodes, from a simulation

The same input gives the same bytes on every machine.
"""

from tools.figures.figure import Figure, drag
from tools.figures.trace import Trace, trace_of

__all__ = ["Figure", "Trace", "drag", "trace_of"]
