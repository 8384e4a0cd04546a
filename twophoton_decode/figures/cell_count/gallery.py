"""Images beside reconstructions from few cells, from the responsive ones, and from all."""

from __future__ import annotations

from typing import Final

import numpy as np

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.gallery import (
    Row,
    gallery,
    rank_titles,
    score_note,
    short,
)
from twophoton_decode.figures.canvas.numbers import count, counted, number
from twophoton_decode.figures.canvas.unavailable import unavailable
from twophoton_decode.records import CellCountCurves, Reconstruction
from twophoton_decode.records.table import Column

ROUNDING: Final = 1e-3
"""Filters are kept in float32; what differs less is the same reconstruction."""


NO_FILTERS: Final = "this decoder has no filter for each cell"


def cells_gallery(reconstruction: Reconstruction, curves: CellCountCurves) -> Drawing:
    """Images beside reconstructions from few, from the responsive, and from all cells.

    Each picture is the mean over trials of the single-trial reconstructions.
    """
    name, chosen = f"cells_gallery_{curves.decoder}", curves.example_image
    if not chosen.size:
        return unavailable(name, "Pictures from few cells", NO_FILTERS, many=True)
    names = [str(reconstruction.image_name[i]) for i in chosen]
    rows = [Row("shown", reconstruction.picture[chosen])]
    rows += [_row(curves, place) for place in _different(curves)]
    with style.applied():
        figure = gallery(rows, _titles(curves, names), curves.decoder)
    table: dict[str, Column] = {"image": chosen, "image_name": names}
    for place, label in enumerate(curves.choice_name):
        key = label.split()[0]
        table |= {f"cells_{key}": curves.choice_cells[place], f"r_{key}": curves.choice_r[place]}
    caption = _caption(curves)
    if curves.choice_apart > ROUNDING:
        caption += (
            f" {curves.decoder} reads the mean of several trials, which is less noisy, "
            "with other weights than a single trial: from all cells, R differs by up to "
            f"{number(curves.choice_apart)} from that of trial averages."
        )
    return Drawing(name, figure, caption, table)


def _different(curves: CellCountCurves) -> list[int]:
    """The choices to show: few cells are left out where they are all cells."""
    whole = curves.choice_cells[-1]
    return [
        place
        for place, label in enumerate(curves.choice_name)
        if label != "few cells" or not np.array_equal(curves.choice_cells[place], whole)
    ]


def _titles(curves: CellCountCurves, names: list[str]) -> list[str]:
    """The images' ranks by responsive cells, and their names; names alone if no cell responds."""
    if "responsive" not in curves.choice_name:
        return [f"\n{short(name)}" for name in names]
    return rank_titles(names, curves.example_rank, ("most cells", "fewest"))


_COLOUR: Final = {"few cells": "few", "responsive": "Resp.", "all cells": "All"}


def _row(curves: CellCountCurves, place: int) -> Row:
    label = str(curves.choice_name[place])
    notes = [
        f"{score_note(r)}\n{counted(round(n, 1), 'cell')}"
        for r, n in zip(curves.choice_r[place], curves.choice_cells[place], strict=True)
    ]
    colour = style.CONDITION_COLOUR[_COLOUR[label]]
    return Row(label, curves.choice_picture[place], notes, colour)


def _caption(curves: CellCountCurves) -> str:
    parts, cells = [], int(curves.cells[-1])
    shown = _different(curves)
    for place in shown:
        number_of_cells = float(curves.choice_mean_cells[place])
        what = {
            "few cells": f"{counted(number_of_cells, 'cell')} ({curves.order})",
            "responsive": f"the responsive cells ({count(round(number_of_cells, 1))} on average)",
            "all cells": "the only cell" if cells == 1 else f"all {cells} cells",
        }[str(curves.choice_name[place])]
        parts.append(f"{number(float(curves.choice_mean_r[place]))} from {what}")
    listed = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    ranked = "responsive" in curves.choice_name
    few = ""
    if len(shown) < len(curves.choice_name):
        few = " Pictures from few cells are unavailable: the few would be all cells."
    images = counted(len(curves.example_image), "image")
    return (
        f"{images} reconstructed by {curves.decoder}, mean over the reconstructions of single "
        f"trials: mean R is {listed}. The same images for every "
        f"decoder{', from most to fewest responsive cells' if ranked else ''}.{few}"
    )
