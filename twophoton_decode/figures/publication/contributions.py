"""The paper's figure 6: what single cells contribute, and how cells share the work."""

from __future__ import annotations

from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.gallery import show_picture
from twophoton_decode.figures.canvas.limits import colour_limits
from twophoton_decode.figures.canvas.numbers import counted, number
from twophoton_decode.figures.cell_count.contributions import contributions_in_words
from twophoton_decode.figures.complementarity import (
    PARTS,
    complementarity_in_words,
    draw_part,
    part_table,
)
from twophoton_decode.figures.publication.panels import Composed, Panel
from twophoton_decode.records import CellCountCurves, Complementarity, Reconstruction
from twophoton_decode.records.declaration import given
from twophoton_decode.records.table import Table

_WIDE_MM, _TALL_MM = 89.0, 54.0
_ACROSS = 8


def contributions_figure(
    made: Reconstruction, curves: CellCountCurves, found: Complementarity | None
) -> Composed | None:
    """Single cells' pictures, and the parts of complementarity that there are; None if neither."""
    panels, said = [], []
    if curves.part_image >= 0:
        panels += [_pictures(made, curves), _cells(curves)]
        said.append(contributions_in_words(made, curves))
    if found is not None:
        panels += [_part(found, part) for part in PARTS if part not in found.unavailable]
        said.append(complementarity_in_words(found))
    if not panels:
        return None
    return Composed(f"6_contributions_{curves.decoder}", panels, " ".join(said))


def _pictures(made: Reconstruction, curves: CellCountCurves) -> Panel:
    """The picture shown, the sum of the strongest cells, and all cells."""
    few = f"{len(curves.part_cell)} strongest"
    every = np.asarray(made.single[curves.part_presentation])
    shown = {
        "shown": (made.picture[curves.part_image], ""),
        few: (given(curves.part_sum), number(curves.part_sum_r)),
        "all cells": (every, number(curves.part_every_r)),
    }

    def draw(part: SubFigure) -> None:
        for axes, (name, (picture, r)) in zip(part.subplots(1, 3), shown.items(), strict=True):
            show_picture(axes, picture)
            axes.set_aspect("equal")
            title = f"{name}\nR = {r}" if r else name
            axes.set_title(title, loc="center", fontweight="normal", fontsize="medium")

    height, width = made.picture.shape[1:]
    table: Table = {
        "image": [curves.part_image],
        "image_name": [str(made.image_name[curves.part_image])],
        "presentation": [curves.part_presentation],
        "strongest_cells": [len(curves.part_cell)],
        "r_strongest": [curves.part_sum_r],
        "r_all": [curves.part_every_r],
    }
    return Panel("pictures", "One presentation", draw, table, 60, 8, height / width / 3)


def _cells(curves: CellCountCurves) -> Panel:
    """Response × reverse filter of each of the strongest cells, on one scale."""
    cells = len(curves.part_cell)
    across = min(_ACROSS, cells)
    rows = -(-cells // across)
    most = colour_limits(np.abs(curves.part_picture), 0, 99)[1] or 1.0

    def draw(part: SubFigure) -> None:
        grid = part.subplots(rows, across, squeeze=False).ravel()
        for axes in grid[cells:]:
            axes.set_axis_off()
        for place, axes in enumerate(grid[:cells]):
            axes.imshow(curves.part_picture[place], cmap="gray", vmin=-most, vmax=most)
            responds = bool(curves.part_responsive[place])
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set(visible=responds, color=style.RESPONSE_COLOUR, linewidth=1.2)
            axes.set_title(
                f"{curves.part_cell[place]}", loc="center", fontweight="normal", fontsize="medium"
            )

    table = {
        "cell": curves.part_cell,
        "response": curves.part_response,
        "responsive": curves.part_responsive,
        "norm": curves.part_norm,
        "share_of_reconstruction": curves.part_share,
    }
    height, width = curves.part_picture.shape[1:]
    heading = f"{counted(cells, 'cell')}: response × filter"
    heading += ", frame: responsive" if curves.part_responsive.any() else ""
    return Panel(
        "cells", heading, draw, table, 89, 1 + 4.5 * rows, 0.95 * rows * height / width / across
    )


def _part(found: Complementarity, part: str) -> Panel:
    table = part_table(found, part)
    draw = partial(_draw_part, found=found, part=part)
    return Panel(part, PARTS[part], draw, table, _WIDE_MM, _TALL_MM)


def _draw_part(place: SubFigure, found: Complementarity, part: str) -> None:
    axes: Axes = place.subplots()
    draw_part(axes, found, part)
