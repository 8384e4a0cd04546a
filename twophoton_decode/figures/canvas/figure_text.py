"""The text in a figure is text: no formulas of TeX, nothing that breaks SVG and PDF.

Names of pictures, decoders and sessions stand in titles, labels and ticks. A ``$`` in them
would be read as TeX, and a control character makes an SVG that no program opens.
"""

from __future__ import annotations

from collections.abc import Iterator

from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, Formatter, FuncFormatter

from twophoton_decode.visible import visible


def make_plain(figure: Figure) -> None:
    """Have every text of `figure` drawn letter by letter, steering characters as escapes.

    Only the numbers that matplotlib writes beside a logarithmic axis remain formulas.
    """
    axes = [axis for each in figure.axes for axis in (each.xaxis, each.yaxis)]
    for axis in axes:
        _name_ticks_plainly(axis)
    beside_axes = {id(text) for axis in axes for text in _tick_texts(axis)}
    for text in figure.findobj(Text):
        if isinstance(text, Text) and id(text) not in beside_axes:
            text.set_parse_math(False)
            text.set_text(visible(text.get_text(), lines=True))


class _Plain(Formatter):
    """Tick labels of our own, with nothing in them that is read as a formula."""

    def __init__(self, labels: Formatter) -> None:
        self._labels = labels

    def __call__(self, x: float, pos: int | None = None) -> str:
        return visible(self._labels(x, pos), lines=True).replace("$", r"\$")

    def set_locs(self, locs: object) -> None:
        super().set_locs(locs)  # type: ignore[arg-type]
        self._labels.set_locs(locs)  # type: ignore[arg-type]


def _name_ticks_plainly(axis: Axis) -> None:
    for formatter, change in (
        (axis.get_major_formatter(), axis.set_major_formatter),
        (axis.get_minor_formatter(), axis.set_minor_formatter),
    ):
        if isinstance(formatter, FixedFormatter | FuncFormatter):
            change(_Plain(formatter))


def _tick_texts(axis: Axis) -> Iterator[Text]:
    yield axis.offsetText
    # Asked for, as ticks are made when they are.
    for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
        yield from (tick.label1, tick.label2)
