"""The paper's figure 1: what was recorded, what was shown, and which cells respond."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from matplotlib.figure import SubFigure

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.gallery import show_picture
from twophoton_decode.figures.canvas.limits import colour_limits
from twophoton_decode.figures.canvas.numbers import counted, percent
from twophoton_decode.figures.publication.panels import Composed, Panel
from twophoton_decode.figures.quality.field_of_view import (
    draw_mean_image,
    label_field,
    outline_rois,
)
from twophoton_decode.figures.responses.responsive_maps import draw_map, strength_of_rois
from twophoton_decode.figures.responses.responsiveness import (
    draw_overlap,
    draw_shares,
    draw_sorted_responses,
    responses_in_words,
)
from twophoton_decode.records import Responses, Traces
from twophoton_decode.records.table import Table

_PICTURES: Final = 9


def responses_figure(
    responses: Responses, traces: Traces | None, pixel_um: float = 0.0
) -> Composed:
    """The field of view, pictures, responses; of imported responses, what there is of these."""
    panels = [*([_pictures(responses)] if responses.has_pictures else []), _matrix(responses)]
    if traces is not None:
        panels.insert(0, _field(traces, pixel_um))
        if responses.map_image.size:
            panels.append(_maps(responses, traces))
    if responses.repeats_per_image.max() > 1 and responses.responsive.any():
        panels += [_per_image(responses), _per_cell(responses), _overlap(responses)]
    panels.append(_sorted(responses))
    said = [responses_in_words(responses)]
    if traces is None:
        said.append("Responses were imported: there is no field of view to show.")
    if not responses.responsive.any():
        said.append("No cell is found to respond to an image; panels that count them are left out.")
    return Composed("1_responses", panels, " ".join(said))


def _field(traces: Traces, pixel_um: float) -> Panel:
    cells = _cells_of_planes(traces)
    plane = int(np.argmax(cells))
    height, width = traces.mean_image.shape[1:]
    several = len(cells) > 1
    which = f", plane {traces.number_of(plane)} of {len(cells)}" if several else ""

    def draw(part: SubFigure) -> None:
        axes = part.subplots()
        draw_mean_image(axes, traces.mean_image[plane])
        outline_rois(axes, traces, plane, legend=False)
        label_field(axes, pixel_um)

    inside = np.flatnonzero(traces.plane == plane)
    table = {
        "roi": inside,
        "plane": traces.number_of(traces.plane[inside]),
        "is_cell": traces.is_cell[inside],
        "center_x_px": traces.center_x[inside],
        "center_y_px": traces.center_y[inside],
    }
    heading = f"{counted(cells[plane], 'cell')}{which}"
    return Panel("field", heading, draw, table, 44, 6, 0.85 * height / width)


def _cells_of_planes(traces: Traces) -> list[int]:
    planes = range(len(traces.mean_image))
    return [int(((traces.plane == place) & traces.is_cell).sum()) for place in planes]


def _pictures(responses: Responses) -> Panel:
    """Pictures evenly spaced in the order of images."""
    chosen = np.unique(np.linspace(0, responses.images - 1, _PICTURES).round().astype(int))
    across = int(np.ceil(np.sqrt(len(chosen))))
    height, width = responses.picture.shape[1:]

    def draw(part: SubFigure) -> None:
        grid = part.subplots(-(-len(chosen) // across), across, squeeze=False).ravel()
        for axes in grid:
            axes.set_axis_off()
        for axes, image in zip(grid, chosen, strict=False):
            show_picture(axes, responses.picture[image])
            axes.set_aspect("equal")

    table: Table = {"image": chosen, "image_name": [str(responses.image_name[i]) for i in chosen]}
    heading = f"{len(chosen)} of {counted(responses.images, 'picture')}"
    return Panel("pictures", heading, draw, table, 44, 2, height / width)


def _matrix(responses: Responses) -> Panel:
    """Mean responses of all cells to all images, on one scale."""
    mean = responses.averages()
    low, high = colour_limits(mean, 1, 99)

    def draw(part: SubFigure) -> None:
        axes = part.subplots()
        drawn = axes.imshow(mean.T, cmap="magma", vmin=low, vmax=high, aspect="auto")
        axes.set(xlabel="Image", ylabel="Cell")
        style.whole_numbers(axes.xaxis, axes.yaxis)
        bar = part.colorbar(drawn, ax=axes)
        bar.set_label(f"Mean response ({responses.response_unit})")
        bar.outline.set_visible(False)

    images, cells = np.indices(mean.shape)
    table = {"image": images.ravel(), "cell": cells.ravel(), "mean_response": mean.ravel()}
    return Panel("mean_responses", "Responses", draw, table, 60, 48)


def _maps(responses: Responses, traces: Traces) -> Panel:
    """Cells that respond to single images, on the plane that has most of them."""
    images, strength = responses.map_image, responses.map_response
    plane = int(np.argmax(_cells_of_planes(traces)))
    _, top = colour_limits(strength[responses.responsive[:, images].T], 0, 98)
    height, width = traces.mean_image.shape[1:]

    def draw(part: SubFigure) -> None:
        tall, wide = responses.picture.shape[1:]
        ratios = (tall / wide * 0.6, height / width)
        grid = part.subplots(2, len(images), squeeze=False, height_ratios=ratios)
        for column, image in enumerate(images):
            show_picture(grid[0, column], responses.picture[image])
            grid[0, column].set_aspect("equal")
            cells = int(responses.responsive[:, image].sum())
            grid[0, column].set_title(
                counted(cells, "cell"), loc="center", fontweight="normal", fontsize="medium"
            )
            values = strength_of_rois(traces, responses, image, strength[column])
            last = column == len(images) - 1
            label = f"Response ({responses.response_unit})" if last else ""
            draw_map(grid[1, column], traces, plane, values, label, top)
            grid[1, column].set(ylabel="")

    table = {
        "image": np.repeat(images, responses.cells),
        "cell": np.tile(np.arange(responses.cells), len(images)),
        "roi": np.tile(responses.roi, len(images)),
        "responds": responses.responsive[:, images].T.ravel(),
        "mean_response": strength.ravel(),
    }
    per_mm = 0.29 * (height / width + 0.6)
    return Panel("maps", "Cells that respond to one image", draw, table, 89, 6, per_mm)


def _per_image(responses: Responses) -> Panel:
    counts = responses.responsive.sum(axis=0)
    middle = 100 * responses.median_of("responding_share")
    table = {"image": np.arange(responses.images), "responding_cells": counts,
             "percent_of_cells": 100 * responses.responding_share}  # fmt: skip
    draw = partial(
        _shares, counts=counts, of=responses.cells, middle=middle, what="Images",
        label="Responding cells (%)",
    )  # fmt: skip
    return Panel("cells_per_image", "Cells per image", draw, table)


def _per_cell(responses: Responses) -> Panel:
    counts = responses.responsive.sum(axis=1)
    middle = 100 * responses.median_of("share_of_images")
    table = {"cell": np.arange(responses.cells), "images": counts,
             "percent_of_images": 100 * responses.share_of_images}  # fmt: skip
    draw = partial(
        _shares, counts=counts, of=responses.images, middle=middle, what="Cells",
        label="Images responded to (%)",
    )  # fmt: skip
    responding = responses.counts["responding_cells"]
    heading = f"{percent(responding / responses.cells)} of the cells respond"
    return Panel("images_per_cell", heading, draw, table)


def _shares(
    part: SubFigure, *, counts: np.ndarray, of: int, middle: float, what: str, label: str
) -> None:
    axes = part.subplots()
    draw_shares(axes, counts, of, middle, what)
    axes.set_xlabel(label)


def _overlap(responses: Responses) -> Panel:
    table = {
        "percent_common_from": 100 * responses.overlap_edge[:-1],
        "percent_common_to": 100 * responses.overlap_edge[1:],
        "pairs_of_images": responses.overlap_pairs,
    }
    heading = "Overlap between images"
    return Panel("overlap", heading, lambda part: draw_overlap(part.subplots(), responses), table)


def _sorted(responses: Responses) -> Panel:
    low, middle, high = responses.sorted_response
    table = {
        "rank": np.arange(1, responses.cells + 1), "quartile_25": low, "median": middle,
        "quartile_75": high,
    }  # fmt: skip
    return Panel(
        "sorted_responses", "Sorted responses",
        lambda part: draw_sorted_responses(part.subplots(), responses), table,
    )  # fmt: skip
