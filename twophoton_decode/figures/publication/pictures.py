"""Rows of pictures within a panel, in axes that the layout arranges."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import SubFigure

from twophoton_decode.figures.canvas.gallery import Row, show_picture


def picture_rows(part: SubFigure, rows: Sequence[Row], titles: Sequence[str] = ()) -> list[Axes]:
    """Pictures in rows, their labels at the left, titles on top, notes below; all axes."""
    columns = len(rows[0].pictures)
    grid = part.subplots(len(rows), columns, squeeze=False)
    for axes_row, row in zip(grid, rows, strict=True):
        for place, (axes, picture) in enumerate(zip(axes_row, row.pictures, strict=True)):
            show_picture(axes, picture)
            axes.set(aspect="equal", xticks=[], yticks=[])
            # Labels of axes that are off are not drawn.
            axes.set_axis_on()
            axes.spines[:].set_visible(False)
            if row.notes:
                axes.set_xlabel(row.notes[place], labelpad=1.5)
        axes_row[0].set_ylabel(row.label, rotation=0, ha="right", va="center", labelpad=3)
    for axes, title in zip(grid[0], titles, strict=False):
        axes.set_title(title, loc="center", fontweight="normal", fontsize="medium", pad=2)
    return list(grid.ravel())
