"""What cells respond to, and where on the picture they look."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.lengths import DEGREES, label_lengths
from twophoton_decode.figures.canvas.numbers import counted, number, percent
from twophoton_decode.figures.canvas.placing import axes_at, text_at
from twophoton_decode.records import Encoding

COLUMNS: Final = 8

_FIELD_NOTE: Final = (
    "Receptive field: what more light in a pixel adds to the modelled response (red) or takes away "
    "(blue), each on\nits own scale.{} r: prediction of images left out of the fit."
)
_CIRCLE: Final = " Circle: 2 SD of the field's envelope."
_HEAD_IN: Final = 0.3
_TITLE_IN: Final = 0.16
_FOOT_IN: Final = 0.4
_GAP_IN: Final = 0.08


def receptive_field_gallery(encoding: Encoding) -> Drawing:
    """Receptive fields of the best-predicted cells, best first; of those with a field, if any."""
    name, chosen = "receptive_fields", encoding.best_cell
    if not chosen.size:
        return _unavailable(name, "no cell has a feature that passes the threshold")
    with style.applied():
        figure = _gallery(encoding, chosen)
    table = {"cell": chosen} | {
        key: getattr(encoding, key)[chosen]
        for key in ("prediction_r", "prediction_p", "noise_ceiling_r", "centre_x", "centre_y",
                    "centre_sd", "area")
    }  # fmt: skip
    return Drawing(name, figure, _gallery_caption(encoding, chosen), table)


def receptive_field_map(encoding: Encoding, picture_deg: float = 0.0) -> Drawing:
    """Centres on the picture, and on the field of view; imported responses have none.

    In degrees of visual angle where `picture_deg`, the width of the picture, is not 0.
    """
    name, cells = "receptive_field_map", np.flatnonzero(encoding.has_field)
    if not cells.size:
        return _unavailable(name, "no cell predicts images left out of the fit above chance")
    per_px = picture_deg / encoding.receptive_field.shape[2]
    unit, scale = (DEGREES, per_px) if per_px else ("px", 1.0)
    placed = bool(np.isfinite(encoding.position_x).any())
    with style.applied():
        figure = style.figure(2.7)
        on_picture, *on_view = figure.subplots(1, 3 if placed else 1, squeeze=False)[0]
        _draw_centres(on_picture, encoding, cells)
        label_lengths(on_picture.xaxis, "Column of the picture", DEGREES, per_px)
        label_lengths(on_picture.yaxis, "Row of the picture", DEGREES, per_px)
        if placed:
            style.letter_panels(on_picture, *on_view)
            on_picture.set_title("Centres on the picture")
            columns, rows = scale * encoding.centre_x, scale * encoding.centre_y
            _draw_view(on_view[0], encoding, columns, f"Preferred column ({unit})")
            _draw_view(on_view[1], encoding, rows, f"Preferred row ({unit})")
    keys = ("centre_x", "centre_y", "centre_sd", "area", "position_x", "position_y", "plane")
    table = {"cell": cells} | {key: getattr(encoding, key)[cells] for key in keys}
    return Drawing(name, figure, _map_caption(encoding, cells), table)


def _unavailable(name: str, reason: str) -> Drawing:
    with style.applied():
        figure = style.figure(1.2)
        style.say_unavailable(figure.subplots(), reason, letters=90)
    return Drawing(name, figure, f"Receptive fields are unavailable: {reason}.")


def _gallery(encoding: Encoding, chosen: np.ndarray) -> Figure:
    height, width = encoding.receptive_field.shape[1:]
    pitch = (style.WIDTH_IN - 0.1) / COLUMNS
    wide = pitch - _GAP_IN
    tall = wide * height / width
    rows = -(-len(chosen) // COLUMNS)
    total = _HEAD_IN + rows * (tall + _TITLE_IN + _GAP_IN) + _FOOT_IN
    figure = Figure(figsize=(style.WIDTH_IN, total))
    heading = "Receptive fields of the best-predicted cells"
    heading += "" if encoding.has_field.any() else " (none above chance)"
    text_at(figure, 0.05, total - 0.2, heading, fontweight="bold")
    for place, cell in enumerate(chosen):
        row, column = divmod(place, COLUMNS)
        left = 0.05 + column * pitch
        bottom = total - _HEAD_IN - (row + 1) * (tall + _TITLE_IN + _GAP_IN) + _GAP_IN
        title = f"{cell}: r = {number(float(encoding.prediction_r[cell]))}"
        text_at(figure, left + wide / 2, bottom + tall + 0.03, title, ha="center")
        _draw_field(axes_at(figure, left, bottom, wide, tall), encoding, int(cell))
    note = _FIELD_NOTE.format(_CIRCLE if encoding.has_field.any() else "")
    text_at(figure, 0.05, 0.04, note, va="bottom", fontsize=style.SMALL_PT)
    return figure


def _draw_field(axes: Axes, encoding: Encoding, cell: int) -> None:
    field = encoding.receptive_field[cell]
    top = float(np.abs(field).max()) or 1.0
    axes.imshow(field, cmap="RdBu_r", vmin=-top, vmax=top, aspect="auto")
    x, y = encoding.centre_x[cell], encoding.centre_y[cell]
    if np.isfinite(x):
        radius = np.sqrt(encoding.area[cell] / np.pi)
        axes.add_patch(Circle((x, y), radius, fill=False, ec=style.INK, lw=0.8))
        axes.plot(x, y, "+", color=style.INK, ms=4, mew=0.8)
    axes.set(xticks=[], yticks=[], xlim=(-0.5, field.shape[1] - 0.5))
    axes.set_ylim(field.shape[0] - 0.5, -0.5)
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(style.FAINT)


def _draw_centres(axes: Axes, encoding: Encoding, cells: np.ndarray) -> None:
    """Every centre a dot, and one circle as large as the median field.

    A circle for each cell would be a tangle in which none is seen.
    """
    height, width = encoding.receptive_field.shape[1:]
    x, y = encoding.centre_x[cells], encoding.centre_y[cells]
    axes.plot(x, y, "o", ms=2.2, color=style.INK, mec="none")
    radius = np.sqrt(encoding.median_of("area") / np.pi)
    middle = (width - 1) / 2, (height - 1) / 2
    axes.add_patch(Circle(middle, radius, fill=False, ec=style.CELL_COLOUR, lw=1.4))
    axes.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5), aspect="equal")
    axes.spines[:].set_visible(True)
    axes.set_title("Centres on the picture")


def _draw_view(axes: Axes, encoding: Encoding, preferred: np.ndarray, label: str) -> None:
    cells = encoding.has_field
    axes.plot(
        encoding.position_x[~cells], encoding.position_y[~cells], "o", ms=2.5, mew=0.5,
        mec=style.FAINT, mfc="none",
    )  # fmt: skip
    drawn = axes.scatter(
        encoding.position_x[cells], encoding.position_y[cells], c=preferred[cells], s=18,
        cmap="viridis", linewidths=0,
    )  # fmt: skip
    axes.set(aspect="equal", xticks=[], yticks=[])
    axes.invert_yaxis()
    axes.spines[:].set_visible(True)
    axes.set_title(label)
    bar = axes.figure.colorbar(drawn, ax=axes, fraction=0.05, pad=0.03)
    bar.outline.set_visible(False)


def _gallery_caption(encoding: Encoding, chosen: np.ndarray) -> str:
    if not encoding.has_field.any():
        return (
            f"No cell of {len(encoding.has_field)} has a receptive field: none is predicted above "
            f"chance. Shown are the models ({encoding.features}) of the "
            f"{counted(len(chosen), 'cell')} predicted best, which may be noise."
        )
    return (
        f"Receptive fields ({encoding.features}) of the {counted(len(chosen), 'cell')} whose "
        f"responses to images left out are predicted best (r from "
        f"{number(float(encoding.prediction_r[chosen[-1]]))} to "
        f"{number(float(encoding.prediction_r[chosen[0]]))}); "
        f"{int(encoding.has_field.sum())} of {counted(len(encoding.has_field), 'cell')} have a "
        "field. Fields come from models of all images, r does not."
    )


def _map_caption(encoding: Encoding, cells: np.ndarray) -> str:
    picture = float(np.prod(encoding.receptive_field.shape[1:]))
    area = encoding.median_of("area")
    where = "" if np.isfinite(encoding.position_x).any() else " Imported: no field of view."
    return (
        f"Centres of {counted(len(cells), 'receptive field')} on the picture; the circle of 2 SD "
        "of the envelope has the median area, and stands in the middle only to show its size. "
        f"The median area is {number(area, 0)} px² ({percent(area / picture)} of the picture), the "
        f"median uncertainty of a centre ±{number(encoding.median_of('centre_sd'), 1)} px."
        f"{where}"
    )
