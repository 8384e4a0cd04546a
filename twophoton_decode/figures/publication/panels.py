"""Panels of a figure for a paper, laid out for one column of a journal or for two."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Any, Final

from matplotlib import rcParams
from matplotlib.figure import Figure, SubFigure

from twophoton_decode.figures.canvas.style import LETTER_PT
from twophoton_decode.records.table import Table

ONE_COLUMN_MM: Final = 89.0
TWO_COLUMNS_MM: Final = 183.0
"""Widths of figures in Nature's journals; those of others are within a few millimetres."""

_MM_PER_IN: Final = 25.4
_PT_PER_MM: Final = 72 / _MM_PER_IN
_HEADING_MM: Final = 4.5
_LETTER_MM: Final = 3.5
_PAD_MM: Final = 0.8
_LETTERS_PER_EM: Final = 1.4
"""Bold letters of DejaVu Sans that fill a stretch as wide as the type is high: fewer are safe."""


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


def compose(figure: Composed, width_mm: float) -> Figure:
    """All panels, lettered, in rows as wide as a column; call it within the style.

    A row takes as many panels as can be read in it.
    """
    rows = _rows(figure.panels, width_mm)
    widths = [_widths_mm(row, width_mm) for row in rows]
    heights = [
        max(panel.height_mm(wide) for panel, wide in zip(row, own, strict=True))
        for row, own in zip(rows, widths, strict=True)
    ]
    drawn = _empty(width_mm, sum(heights))
    strips = drawn.subfigures(len(rows), 1, squeeze=False, height_ratios=heights)[:, 0]
    letters = iter(_letters(len(figure.panels)))
    for strip, row, own, tall in zip(strips, rows, widths, heights, strict=True):
        parts = strip.subfigures(1, len(row), squeeze=False, width_ratios=own)[0]
        for part, panel, wide in zip(parts, row, own, strict=True):
            _draw(part, panel, next(letters), wide, tall)
    return drawn


def alone(panel: Panel) -> Figure:
    """One panel as a figure of its own, without a letter; call it within the style."""
    width = ONE_COLUMN_MM if panel.wide_mm <= ONE_COLUMN_MM else TWO_COLUMNS_MM
    height = panel.height_mm(width)
    drawn = _empty(width, height)
    _draw(drawn.subfigures(1, 1), panel, "", width, height)
    return drawn


def _rows(panels: Sequence[Panel], width_mm: float) -> list[list[Panel]]:
    rows: list[list[Panel]] = []
    for panel in panels:
        if rows and sum(each.wide_mm for each in rows[-1]) + panel.wide_mm <= width_mm:
            rows[-1].append(panel)
        else:
            rows.append([panel])
    return rows


def _widths_mm(row: Sequence[Panel], width_mm: float) -> list[float]:
    """The row's width, shared as its panels ask for it."""
    asked = sum(panel.wide_mm for panel in row)
    return [panel.wide_mm * width_mm / asked for panel in row]


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
    head, body = part.subfigures(2, 1, height_ratios=(strip_mm, height_mm - strip_mm))
    panel.draw(body)
    for axes in body.axes:
        # The heading takes the place of the titles that axes have elsewhere.
        axes.set_title("", loc="left")
    bold = {"va": "top", "fontweight": "bold"}
    top = 1 - _PAD_MM / strip_mm
    head.text(_PAD_MM / width_mm, top, letter, fontsize=LETTER_PT, **bold)
    left = (_LETTER_MM if letter else 0.0) + _PAD_MM
    size = float(rcParams["axes.titlesize"])
    # Down by what a letter of the larger type is higher, so that both stand on one line.
    lower = (LETTER_PT - size) / _PT_PER_MM / strip_mm if letter else 0.0
    head.text(left / width_mm, top - lower, "\n".join(lines), fontsize=size, **bold)


def _heading_lines(heading: str, width_mm: float) -> list[str]:
    size_pt = float(rcParams["axes.titlesize"])
    letters = int((width_mm - _LETTER_MM) * _PT_PER_MM / size_pt * _LETTERS_PER_EM)
    return textwrap.wrap(heading, max(letters, 8))


def _letters(panels: int) -> list[str]:
    return list(ascii_lowercase[:panels])
