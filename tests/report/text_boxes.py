"""Where the texts of a figure stand, measured with the renderer."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

TOLERANCE_PX = 1.0


def text_boxes(figure):
    """Every text that is seen, with its box in pixels; rotated by neither 0 nor 90: left out."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    hidden = {id(text) for axes in figure.findobj(Axes) for text in _hidden(axes)}
    found = []
    for text in figure.findobj(Text):
        seen = text.get_visible() and text.get_text().strip() and id(text) not in hidden
        if seen and text.get_rotation() % 90 == 0:
            found.append((text.get_text(), text.get_window_extent(canvas.get_renderer())))
    return found


def faults(figure):
    """Texts that lie over one another or reach out of the figure."""
    boxes = text_boxes(figure)
    assert boxes
    wide, tall = figure.bbox.width, figure.bbox.height
    found = []
    for place, (text, box) in enumerate(boxes):
        if min(box.x0, box.y0, wide - box.x1, tall - box.y1) < -TOLERANCE_PX:
            found.append(("outside", text))
        found += [(text, other) for other, theirs in boxes[place + 1 :] if _meet(box, theirs)]
    return found


def _meet(one, other):
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    up = min(one.y1, other.y1) - max(one.y0, other.y0)
    return across > TOLERANCE_PX and up > TOLERANCE_PX


def _hidden(axes):
    """Labels of ticks beyond the axis, and all of an axis that is off."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        slack = 1e-9 * abs(high - low)
        on = axes.axison and axis.get_visible()
        if not on:
            yield axis.label
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not on or not low - slack <= tick.get_loc() <= high + slack:
                yield from (tick.label1, tick.label2)
