"""What single cells add to a reconstruction: response × reverse filter, as pictures."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.gallery import show_picture
from twophoton_decode.figures.canvas.limits import colour_limits
from twophoton_decode.figures.canvas.numbers import counted, number, percent
from twophoton_decode.figures.canvas.placing import axes_at, text_at
from twophoton_decode.figures.canvas.unavailable import unavailable
from twophoton_decode.figures.cell_count.gallery import NO_FILTERS
from twophoton_decode.records import CellCountCurves, Reconstruction
from twophoton_decode.records.declaration import given


def cell_contributions(reconstruction: Reconstruction, curves: CellCountCurves) -> Drawing:
    """What the 16 strongest cells of one presentation add to its picture, cell by cell [paper].

    The cells that respond to the image are framed. All are on one grey scale with zero in the
    middle.
    """
    name = f"cell_contributions_{curves.decoder}"
    if curves.part_image < 0:
        return unavailable(name, "What single cells add", NO_FILTERS)
    with style.applied():
        figure = _figure(reconstruction, curves)
    table = {
        "cell": curves.part_cell,
        "response": curves.part_response,
        "responsive": curves.part_responsive,
        "norm": curves.part_norm,
        "share_of_reconstruction": curves.part_share,
    }
    return Drawing(name, figure, contributions_in_words(reconstruction, curves), table)


_COLUMNS: Final = 8
_TITLE_IN: Final = 0.27
_GAP_IN: Final = 0.07


def _figure(made: Reconstruction, curves: CellCountCurves) -> Figure:
    shown = made.picture[curves.part_image]
    side = style.WIDTH_IN / _COLUMNS
    width = side - _GAP_IN
    tall = width * shown.shape[0] / shown.shape[1]
    pitch = tall + _TITLE_IN + _GAP_IN
    rows = 1 + -(-len(curves.part_cell) // _COLUMNS)
    figure = Figure(figsize=(style.WIDTH_IN, rows * pitch + 0.05))

    def place(row: int, column: int, title: str) -> Axes:
        bottom = (rows - 1 - row) * pitch + 0.05
        left = column * side + _GAP_IN / 2
        text_at(figure, left + width / 2, bottom + tall + 0.03, title, ha="center", va="bottom")
        return axes_at(figure, left, bottom, width, tall)

    few = f"{len(curves.part_cell)} strongest\nR = {number(curves.part_sum_r)}"
    every = f"all cells\nR = {number(curves.part_every_r)}"
    show_picture(place(0, 0, "shown"), shown)
    show_picture(place(0, 1, few), given(curves.part_sum))
    show_picture(place(0, 2, every), np.asarray(made.single[curves.part_presentation]))
    middle = (rows - 1) * pitch + 0.05 + tall / 2
    what = f"{curves.decoder}, below: response × reverse filter,\nstrongest response first"
    what += "; framed: responsive to this image" if curves.part_responsive.any() else ""
    text_at(figure, 3.2 * side, middle, what, va="center")
    largest = colour_limits(np.abs(curves.part_picture), 0, 99)[1] or 1.0
    for n, (cell, response) in enumerate(zip(curves.part_cell, curves.part_response, strict=True)):
        title = f"cell {cell}\n{response:.3g} {curves.order_unit}"
        axes = place(1 + n // _COLUMNS, n % _COLUMNS, title)
        picture = curves.part_picture[n]
        axes.imshow(picture, cmap="gray", vmin=-largest, vmax=largest, aspect="auto")
        _frame(axes, responsive=bool(curves.part_responsive[n]))
    return figure


def _frame(axes: Axes, *, responsive: bool) -> None:
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(responsive)
    axes.spines[:].set(color=style.RESPONSE_COLOUR, linewidth=1.6)


def contributions_in_words(made: Reconstruction, curves: CellCountCurves) -> str:
    """What the strongest cells of one presentation add, and how many of them respond to it."""
    cells = len(curves.part_cell)
    return (
        f"What the {counted(cells, 'cell')} with the strongest "
        f"{'response adds' if cells == 1 else 'responses add'} in one "
        f"presentation of image {made.image_name[curves.part_image]} to the reconstruction by "
        f"{curves.decoder}, the strongest first: response less its training mean, times the cell's "
        "reverse filter, all on one grey scale with zero in the middle. "
        f"{_responsive_sentence(curves)} {_together(curves)} "
        f"(projected on it; mean training image subtracted), R = {number(curves.part_sum_r)} "
        f"against {number(curves.part_every_r)}. "
        "The image is the one with the most responsive cells, the presentation one with a typical "
        "response; both are the same for every decoder."
    )


def _responsive_sentence(curves: CellCountCurves) -> str:
    if curves.part_repeats < 3:
        return (
            "Whether they respond to it is not tested: without this presentation, that takes two "
            "others."
        )
    some, shown = int(curves.part_responsive.sum()), len(curves.part_cell)
    answer = f"{some} of the {shown} respond to it"
    if shown == 1:
        answer = f"it {'responds' if some else 'does not respond'} to the image"
    return f"By the test of responsive pairs, without this presentation, {answer}."


def _together(curves: CellCountCurves) -> str:
    cells = int(curves.cells[-1])
    who = "It holds" if len(curves.part_cell) == 1 else "Together they hold"
    of = "the only cell" if cells == 1 else f"all {cells} cells"
    return f"{who} {percent(curves.part_share_of_all)} of the reconstruction from {of}"
