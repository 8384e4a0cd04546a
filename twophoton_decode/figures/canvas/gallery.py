"""Rows of small pictures on a common grid, with a score under each."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.limits import colour_limits
from twophoton_decode.figures.canvas.numbers import number
from twophoton_decode.figures.canvas.placing import axes_at, text_at

DISPLAY_NOTE: Final = (
    "R: correlation over pixels, mean training image m subtracted. Pictures are shown with m "
    "added back,\neach scaled to its own grey range (1st to 99th percentile)."
)

_LABEL_IN: Final = 0.95
_LABEL_FROM_IN: Final = 0.14
_GAP_IN: Final = 0.06
_NOTE_IN: Final = 0.135
_HEAD_IN: Final = 0.36
_FOOT_IN: Final = 0.36


@dataclass(frozen=True)
class Row:
    """One row of a gallery: pictures, shape (column, y, x), and what stands under each.

    `colour` marks the row with the colour that its condition or decoder has everywhere.
    """

    label: str
    pictures: np.ndarray
    notes: Sequence[str] = ()
    colour: str = "none"


def gallery(rows: Sequence[Row], titles: Sequence[str], heading: str = "") -> Figure:
    """Pictures in `rows` under the column `titles`; call it within the style."""
    height, width = rows[0].pictures.shape[1:]
    side = min((style.WIDTH_IN - _LABEL_IN) / len(titles), 0.95)
    tall = (side - _GAP_IN) * height / width
    pitches = [tall + _NOTE_IN * _lines(row.notes) + _GAP_IN for row in rows]
    total = _HEAD_IN + sum(pitches) + _FOOT_IN
    figure = Figure(figsize=(style.WIDTH_IN, total))
    top = total - _HEAD_IN
    text_at(figure, 0.05, top + 0.05, heading, fontweight="bold")
    for column, title in enumerate(titles):
        x = _LABEL_IN + column * side + (side - _GAP_IN) / 2
        text_at(figure, x, top + 0.05, title, ha="center", va="bottom")
    for row, pitch in zip(rows, pitches, strict=True):
        colour_bar(figure, 0.05, top - tall, tall, row.colour)
        text_at(figure, _LABEL_FROM_IN, top - tall / 2, wrapped_label(row.label), va="center")
        for column, picture in enumerate(row.pictures):
            left = _LABEL_IN + column * side
            axes = axes_at(figure, left, top - tall, side - _GAP_IN, tall)
            show_picture(axes, picture)
            if row.notes:
                middle = left + (side - _GAP_IN) / 2
                text_at(figure, middle, top - tall - 0.03, row.notes[column], ha="center", va="top")
        top -= pitch
    text_at(figure, 0.05, 0.04, DISPLAY_NOTE, va="bottom", fontsize=style.SMALL_PT)
    return figure


def wrapped_label(label: str) -> str:
    """A row's label in lines that end before the first picture; call it within the style."""
    room = 72 * (_LABEL_IN - _LABEL_FROM_IN - _GAP_IN)
    for letters in range(len(label), 1, -1):
        lines = textwrap.wrap(label, letters)
        if all(_width_pt(line) <= room for line in lines):
            return "\n".join(lines)
    return label


def _width_pt(line: str) -> float:
    width, _, _ = text_to_path.get_text_width_height_descent(
        line, FontProperties(size=style.TEXT_PT), ismath=False
    )
    return float(width)


def colour_bar(figure: Figure, left: float, bottom: float, height: float, colour: str) -> None:
    """A narrow upright bar beside a row; text in that colour would be hard to read."""
    axes = axes_at(figure, left, bottom, 0.035, height)
    axes.set_facecolor(colour)
    axes.spines[:].set_visible(False)
    axes.set(xticks=[], yticks=[])


def show_picture(axes: Axes, picture: np.ndarray) -> None:
    """A picture in its own grey range, without axes."""
    low, high = colour_limits(picture, 1, 99)
    # A constant picture is mid-grey, not black.
    low, high = (low, high) if high > low else (low - 1, low + 1)
    axes.imshow(picture, cmap="gray", vmin=low, vmax=high, aspect="auto")
    axes.set_axis_off()


def rank_titles(
    names: Sequence[str], ranks: np.ndarray, ends: tuple[str, str] = ("best", "worst")
) -> list[str]:
    """Column titles: the place among all images above the shortened name; words at both ends."""
    places = [f"#{rank + 1}" for rank in ranks]
    if len(ranks) > 1:
        places[0], places[-1] = ends
    if len(ranks) > 2 and len(ranks) % 2:
        places[len(ranks) // 2] = "median"
    return [f"{place}\n{short(name)}" for place, name in zip(places, names, strict=True)]


def score_note(score: float) -> str:
    """What stands under a reconstruction."""
    return f"R = {number(score)}"


def _lines(notes: Sequence[str]) -> int:
    return max((note.count("\n") + 1 for note in notes), default=0)


def short(name: str, length: int = 11) -> str:
    """A name that fits above a picture: the ending goes, then the middle gives way."""
    stem = PurePath(name).stem
    kept = length // 2
    return stem if len(stem) <= length else f"{stem[:kept]}…{stem[-kept:]}"
