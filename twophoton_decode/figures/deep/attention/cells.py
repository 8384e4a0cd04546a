"""Cells laid out by their predicted responses, and the same on the field of view."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.deep.attention.prediction import bin_colours
from twophoton_decode.figures.deep.attention.sentences import kept_lines, layout_sentence
from twophoton_decode.records import AttentionEncoding

_DOT: Final = 9


def laid_out_cells(found: AttentionEncoding) -> Drawing:
    """Dissimilarities, UMAP in three dimensions with what it keeps, and the field of view."""
    name = f"attention_cells_{found.network.replace('@random:', '-random-')}"
    layout, view = bool(found.neighbours), bool(np.isfinite(found.position_x).any())
    with style.applied():
        figure = style.figure(2.6 * max(layout + view, 1))
        rows = figure.subfigures(max(layout + view, 1), 1, squeeze=False)[:, 0]
        if layout:
            _layout_row(rows[0], found)
        if view:
            _views(rows[-1].subplots(1, 3), found)
        if not layout and not view:
            style.say_unavailable(rows[0].subplots(), "no layout, and no field of view", 60)
    table: dict[str, Any] = {"cell": found.embedded_cell}
    if found.neighbours:
        table |= {f"umap_{axis}": found.layout[0, :, axis] for axis in range(3)}
    views_table = {
        "cell": np.arange(len(found.r_on)),
        "position_x": found.position_x,
        "position_y": found.position_y,
        "field_x": found.field_x,
        "field_y": found.field_y,
        "delta_counted": found.delta_counted,
        "r_bin": found.r_bin,
    }
    where = "Cells without r above 0 are grey." if view else "Imported: no field of view."
    caption = f"{layout_sentence(found)} {where}"
    return Drawing(name, figure, caption, table, {"view": views_table})


def _layout_row(figure: SubFigure, found: AttentionEncoding) -> None:
    matrix, layout = figure.add_subplot(1, 2, 1), figure.add_subplot(1, 2, 2, projection="3d")
    style.letter_panels(matrix, layout)
    _matrix(matrix, found)
    _layout(layout, found)


def _matrix(axes: Axes, found: AttentionEncoding) -> None:
    ordered = found.dissimilarity[np.ix_(found.order, found.order)]
    drawn = axes.imshow(ordered, cmap="viridis", vmin=0, vmax=2)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)
    axes.set_xlabel("cells, in the order of the layout")
    axes.set_title("Dissimilarity of cells (1 − r)")
    bar = axes.figure.colorbar(drawn, ax=axes, fraction=0.05, pad=0.03)
    bar.outline.set_visible(False)


def _layout(axes: Any, found: AttentionEncoding) -> None:
    x, y, z = found.layout[0].T
    axes.scatter(x, y, z, s=_DOT, c=found.colour, depthshade=False, linewidths=0)
    for axis, write, label in (
        (axes.xaxis, axes.set_xlabel, "1"),
        (axes.yaxis, axes.set_ylabel, "2"),
        (axes.zaxis, axes.set_zlabel, "3"),
    ):
        axis.set_ticklabels([])
        write(f"UMAP {label}", labelpad=-12)
    axes.set_title("UMAP, first of five seeds")
    axes.text2D(0.0, -0.04, kept_lines(found), transform=axes.transAxes, fontsize=style.SMALL_PT)


def _views(panels: np.ndarray, found: AttentionEncoding) -> None:
    titles = ("Place in UMAP", "r beyond both controls", "r, attention on")
    for axes, title in zip(panels, titles, strict=True):
        axes.plot(
            found.position_x, found.position_y, "o", ms=2.5, mew=0.5, mec=style.FAINT, mfc="none",
            zorder=0,
        )  # fmt: skip
        axes.set(aspect="equal", xticks=[], yticks=[])
        axes.invert_yaxis()
        axes.spines[:].set_visible(True)
        axes.set_title(title)
    _scatter(panels[0], found, found.embedded_cell, found.colour)
    above = np.flatnonzero(found.r_bin >= 0)
    if above.size:
        _draw_delta(panels[1], found, above)
        _scatter(panels[2], found, above, np.array(bin_colours(found.r_bin))[above])


def _draw_delta(axes: Axes, found: AttentionEncoding, cells: np.ndarray) -> None:
    values = found.delta_counted[cells]
    top = float(np.abs(values).max()) or 1.0
    drawn = _scatter(axes, found, cells, values, cmap="RdBu_r", vmin=-top, vmax=top)
    bar = axes.figure.colorbar(drawn, ax=axes, fraction=0.05, pad=0.03)
    bar.outline.set_visible(False)


def _scatter(
    axes: Axes, found: AttentionEncoding, cells: np.ndarray, colour: np.ndarray, **more: Any
) -> Any:
    return axes.scatter(
        found.position_x[cells], found.position_y[cells], c=colour, s=_DOT, linewidths=0, **more
    )
