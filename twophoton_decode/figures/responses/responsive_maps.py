"""Responsive cells on the field of view, for single images."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.gallery import short, show_picture
from twophoton_decode.figures.canvas.limits import colour_limits
from twophoton_decode.figures.canvas.numbers import counted, percent
from twophoton_decode.figures.canvas.rois import colour_rois, roi_borders
from twophoton_decode.records import Responses, Traces

SHOWN = 3
"""Columns, one an image."""


def responsive_maps(traces: Traces, responses: Responses) -> Drawing:
    """The cells that respond to an image, for images with many, a middling number and few."""
    if not responses.responsive.any():
        return _unavailable(responses)
    images, strength = responses.map_image, responses.map_response
    _, top = colour_limits(strength[responses.responsive[:, images].T], 0, 98)
    planes, height, width = traces.mean_image.shape
    with style.applied():
        side = (style.WIDTH_IN - 0.9) / SHOWN
        figure = style.figure(0.3 + 1.1 + planes * (min(side * height / width, 3.0) + 0.25))
        ratios = [1.1, *[min(side * height / width, 3.0)] * planes]
        grid = figure.subplots(1 + planes, len(images), squeeze=False, height_ratios=ratios)
        for column, image in enumerate(images):
            _picture(grid[0, column], responses, image)
            values = strength_of_rois(traces, responses, image, strength[column])
            for plane in range(planes):
                last = column == len(images) - 1
                label = f"Response ({responses.response_unit})" if last else ""
                draw_map(grid[1 + plane, column], traces, plane, values, label, top)
    count = responses.responsive[:, images].sum(axis=0)
    caption = (
        "Cells that respond to one image, in the colour of their mean response, for images with "
        "many, a middling number and few responsive cells: "
        + ", ".join(
            f"{responses.image_name[i]} {counted(n, 'cell')} ({percent(n / responses.cells, 1)})"
            for i, n in zip(images, count, strict=True)
        )
        + ". Faint outlines: the other cells."
    )
    return Drawing("responsive_maps", figure, caption, _table(responses, images))


def _unavailable(responses: Responses) -> Drawing:
    brief = responses.detectable or responses.responsiveness_test.removeprefix("undefined: ")
    reason = f"no cell is found to respond to any image ({brief})"
    with style.applied():
        figure = style.figure(1.2)
        style.say_unavailable(figure.subplots(), reason, letters=90)
    return Drawing("responsive_maps", figure, f"Responsive cells are unavailable: {reason}.")


def strength_of_rois(
    traces: Traces, responses: Responses, image: int, strength: np.ndarray
) -> np.ndarray:
    """Mean response of each ROI that responds to the image, NaN for the others."""
    values = np.full(len(traces.is_cell), np.nan)
    responding = responses.responsive[:, image]
    values[responses.roi[responding]] = strength[responding]
    return values


def _picture(axes: Axes, responses: Responses, image: int) -> None:
    show_picture(axes, responses.picture[image])
    axes.set_aspect("equal")
    count = int(responses.responsive[:, image].sum())
    name = short(str(responses.image_name[image]), 20)
    axes.set_title(f"{name}: {counted(count, 'cell')}", parse_math=False)


def draw_map(
    axes: Axes, traces: Traces, plane: int, values: np.ndarray, label: str, top: float
) -> None:
    """The cells of a plane that respond, in the colour of `values`; outlines of the others."""
    others = np.flatnonzero(traces.is_cell & np.isnan(values) & (traces.plane == plane))
    border = PathPatch(roi_borders(traces, others), fill=False, ec=style.FAINT, lw=0.3)
    axes.add_artist(border)
    colour_rois(axes, traces, plane, values, label, top)
    axes.set(xticks=[], yticks=[])
    if len(traces.mean_image) > 1:
        axes.set_ylabel(f"plane {traces.number_of(plane)}")


def _table(responses: Responses, images: np.ndarray) -> dict[str, np.ndarray]:
    table = {"cell": np.arange(responses.cells), "roi": responses.roi}
    for image, strength in zip(images, responses.map_response, strict=True):
        table[f"responds_to_image_{image}"] = responses.responsive[:, image]
        table[f"response_to_image_{image}"] = strength
    return table
