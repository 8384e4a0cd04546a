"""Panels of a figure for a paper, laid out for one column of a journal or for two."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Any, Final

from matplotlib import rcParams
from matplotlib.figure import Figure, SubFigure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from twophoton_decode.figures.canvas.style import LETTER_PT
from twophoton_decode.records.table import Table

ONE_COLUMN_MM: Final = 89.0
TWO_COLUMNS_MM: Final = 183.0
"""Widths of figures in Nature's journals; those of others are within a few millimetres."""

TALLEST_MM: Final = 247.0
"""Height of a page."""

_MM_PER_IN: Final = 25.4
_PT_PER_MM: Final = 72 / _MM_PER_IN
_HEADING_MM: Final = 4.5
_LETTER_MM: Final = 3.5
_PAD_MM: Final = 0.8
_LABEL_SHARE: Final = 0.6
"""How much of a panel's height a label beside an axis may take: ticks and legend stand below."""
_BOLD_PER_EM: Final = 1.4
_PLAIN_PER_EM: Final = 1.7
"""Letters of DejaVu Sans that fill a stretch as wide as the type is high, if they are wide."""


@dataclass(frozen=True)
class Panel:
    """One panel: what it is called, how it is drawn, and the table of what it shows.

    Parameters
    ----------
    name : str
        Ends the names of its files.
    heading : str
        Stands beside its letter.
    draw : callable
        Draws into a part of a figure, which arranges its axes by itself.
    table : mapping of column name to values
        One row an observation; all columns are equally long.
    wide_mm : float
        The least width in which it can be read.
    tall_mm, tall_per_mm : float
        Its height without the heading, and how much of it each millimetre of width adds.
    """

    name: str
    heading: str
    draw: Callable[[SubFigure], None]
    table: Table = field(default_factory=dict)
    wide_mm: float = 44.0
    tall_mm: float = 44.0
    tall_per_mm: float = 0.0

    def height_mm(self, width_mm: float) -> float:
        """Its height in a place so wide."""
        lines = len(_heading_lines(self.heading, width_mm))
        return self.tall_mm + self.tall_per_mm * width_mm + _HEADING_MM * max(lines, 1)


@dataclass(frozen=True)
class Composed:
    """A figure of several panels, with the sentences that go below it."""

    name: str
    panels: Sequence[Panel]
    caption: str


def compose(figure: Composed, width_mm: float) -> list[Figure]:
    """All panels, lettered, in rows as wide as a column; call it within the style.

    A row takes as many panels as can be read in it. What is taller than a page goes on on the
    next.
    """
    letters = iter(ascii_lowercase)
    return [_page(rows, letters) for rows in _pages(_rows(figure.panels, width_mm))]


@dataclass(frozen=True)
class _Row:
    """Panels side by side, with the width of each."""

    panels: Sequence[Panel]
    widths_mm: Sequence[float]

    @property
    def height_mm(self) -> float:
        """That of the tallest."""
        both = zip(self.panels, self.widths_mm, strict=True)
        return max(panel.height_mm(wide) for panel, wide in both)


def _page(rows: Sequence[_Row], letters: Iterator[str]) -> Figure:
    heights = [row.height_mm for row in rows]
    drawn = _empty(sum(rows[0].widths_mm), sum(heights))
    strips = drawn.subfigures(len(rows), 1, squeeze=False, height_ratios=heights)[:, 0]
    for strip, row in zip(strips, rows, strict=True):
        own = row.widths_mm
        parts = strip.subfigures(1, len(own), squeeze=False, width_ratios=own)[0]
        for part, panel, wide in zip(parts, row.panels, own, strict=True):
            _draw(part, panel, next(letters), wide, row.height_mm)
    return drawn


def alone(panel: Panel) -> Figure:
    """One panel as a figure of its own, without a letter; call it within the style."""
    width = ONE_COLUMN_MM if panel.wide_mm <= ONE_COLUMN_MM else TWO_COLUMNS_MM
    height = panel.height_mm(width)
    drawn = _empty(width, height)
    (part,) = drawn.subfigures(1, 1, squeeze=False).flat
    _draw(part, panel, "", width, height)
    return drawn


def _rows(panels: Sequence[Panel], width_mm: float) -> list[_Row]:
    rows: list[list[Panel]] = []
    for panel in panels:
        if rows and sum(each.wide_mm for each in rows[-1]) + panel.wide_mm <= width_mm:
            rows[-1].append(panel)
        else:
            rows.append([panel])
    return [_Row(row, _shared(row, width_mm)) for row in rows]


def _shared(row: Sequence[Panel], width_mm: float) -> list[float]:
    """The width of the row, shared as its panels ask for it."""
    asked = sum(panel.wide_mm for panel in row)
    return [panel.wide_mm * width_mm / asked for panel in row]


def _pages(rows: Sequence[_Row]) -> list[list[_Row]]:
    pages: list[list[_Row]] = []
    for row in rows:
        tall = sum(each.height_mm for each in pages[-1]) if pages else TALLEST_MM
        if tall + row.height_mm <= TALLEST_MM:
            pages[-1].append(row)
        else:
            pages.append([row])
    return pages


def _empty(width_mm: float, height_mm: float) -> Figure:
    figure = Figure(figsize=(width_mm / _MM_PER_IN, height_mm / _MM_PER_IN), layout="constrained")
    engine: Any = figure.get_layout_engine()
    engine.set(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0.02)
    return figure


def _draw(part: SubFigure, panel: Panel, letter: str, width_mm: float, height_mm: float) -> None:
    """Draw a panel below a strip with its letter and heading."""
    # Named so in the SVG: each panel is one group there.
    part.set_gid(f"panel_{letter or panel.name}")
    lines = _heading_lines(panel.heading, width_mm)
    strip_mm = _HEADING_MM * max(len(lines), 1)
    ratios = (strip_mm, height_mm - strip_mm)
    head, body = part.subfigures(2, 1, squeeze=False, height_ratios=ratios).flat
    panel.draw(body)
    for axes in body.axes:
        # The heading takes the place of the titles that axes have elsewhere.
        axes.set_title("", loc="left")
        _break_label(axes.yaxis.label, _LABEL_SHARE * (height_mm - strip_mm))
    bold = {"va": "top", "fontweight": "bold"}
    top = 1 - _PAD_MM / strip_mm
    head.text(_PAD_MM / width_mm, top, letter, fontsize=LETTER_PT, **bold)
    left = (_LETTER_MM if letter else 0.0) + _PAD_MM
    size = _title_pt()
    # Down by what a letter of the larger type is higher, so that both stand on one line.
    lower = (LETTER_PT - size) / _PT_PER_MM / strip_mm if letter else 0.0
    head.text(left / width_mm, top - lower, "\n".join(lines), fontsize=size, **bold)


def _break_label(label: Text, room_mm: float) -> None:
    """Have a label beside an axis end where the axis does."""
    lines = _lines(label.get_text(), room_mm, float(label.get_fontsize()), _PLAIN_PER_EM)
    label.set_text("\n".join(lines))


def _heading_lines(heading: str, width_mm: float) -> list[str]:
    room = width_mm - _LETTER_MM - 2 * _PAD_MM
    return _lines(heading, room, _title_pt(), _BOLD_PER_EM)


def _title_pt() -> float:
    return float(FontProperties(size=rcParams["axes.titlesize"]).get_size_in_points())


def _lines(text: str, room_mm: float, size_pt: float, per_em: float) -> list[str]:
    """`text` in lines that end within the room."""
    letters = int(room_mm * _PT_PER_MM / size_pt * per_em)
    return textwrap.wrap(text, max(letters, 8))
