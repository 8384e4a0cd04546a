"""The field of view with its cells, and how they respond."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from twophoton_decode.records import Responses, Traces
from twophoton_decode.report import style
from twophoton_decode.report.drawing import Drawing
from twophoton_decode.report.numbers import counted, mean, median, number, percent


def field_of_view(traces: Traces, responses: Responses | None = None) -> Drawing:
    """Mean image of each plane with the outlines of cells and of other ROIs.

    With responses, outlines of cells take the colour of the share of images that the cell
    responds to.
    """
    planes, height, width = traces.mean_image.shape
    share = None if responses is None else _responding_share(traces, responses)
    panels = 1 if share is None else 2
    with style.applied():
        side = (style.WIDTH_IN - 0.8) / panels
        figure = style.figure(min(0.6 + planes * (side * height / width + 0.4), 9.0))
        grid = figure.subplots(planes, panels, squeeze=False)
        for plane, row in enumerate(grid):
            for axes in row:
                _mean_image(axes, traces.mean_image[plane])
            name = f"plane {plane}: " if planes > 1 else ""
            _outline_rois(row[0], traces, plane)
            row[0].set_title(f"{name}mean image and ROIs")
            if share is not None:
                _colour_cells(row[1], traces, plane, share)
                row[1].set_title(f"{name}images that each cell responds to")
    cells = int(traces.is_cell.sum())
    caption = (
        f"{counted(cells, 'ROI')} of {len(traces.is_cell)} on the mean image "
        f"({height} × {width} px) {'is' if cells == 1 else 'are'} classified as cells"
        f"{' after curation by hand' if traces.curated else ''}"
    )
    table: dict[str, object] = {
        "roi": np.arange(len(traces.is_cell)),
        "plane": traces.plane,
        "center_y_px": traces.center_y,
        "center_x_px": traces.center_x,
        "is_cell": traces.is_cell,
        "cell_probability": traces.cell_probability,
    }
    if share is not None:
        table["share_of_images_responded_to"] = share
        responding = int((share > 0).sum())
        caption += f"; {responding} of {np.isfinite(share).sum()} respond to at least one image"
    return Drawing("field_of_view", figure, f"{caption}.", table)  # type: ignore[arg-type]


def responsiveness(responses: Responses) -> Drawing:
    """How many cells respond to an image, how response strength falls off, how sparse it is."""
    percent_responding = 100 * responses.responsive.mean(0)
    averages = responses.averages()
    ordered = -np.sort(-averages, axis=1)
    quartiles = np.nanpercentile(ordered, [25, 50, 75], axis=0)
    undefined = "" if responses.repeats_per_image.max() > 1 else responses.responsiveness_test
    with style.applied():
        figure = style.figure(2.3)
        cells, amplitudes, sparse = figure.subplots(1, 3)
        if undefined:
            style.say_unavailable(cells, undefined)
        else:
            _histogram(cells, percent_responding, style.CELL_COLOUR)
            cells.set_xlabel("Responding cells (%)")
        cells.set_title("Cells per image")
        _sorted_responses(amplitudes, quartiles, responses.response_unit)
        _histogram(sparse, responses.population_sparseness, style.OTHER_ROI_COLOUR)
        sparse.set_xlabel("Population sparseness")
        sparse.set_title("Sparseness per image")
    table = {
        "image": np.arange(responses.images),
        "percent_responding": np.full(responses.images, np.nan)
        if undefined
        else percent_responding,
        "population_sparseness": responses.population_sparseness,
        "rank": np.arange(1, responses.cells + 1),
        "response_quartile_1": quartiles[0],
        "response_median": quartiles[1],
        "response_quartile_3": quartiles[2],
    }
    caption = _responsiveness_caption(responses, percent_responding, undefined)
    return Drawing("responsiveness", figure, caption, table)


def roi_edges(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The border of a set of pixels as line segments, shape (segment, 2 ends, x and y).

    A pixel side belongs to the border if the pixel beyond it is not in the set.
    """
    inside = set(zip(y.tolist(), x.tolist(), strict=True))
    sides = {
        (-1, 0): ((-0.5, -0.5), (0.5, -0.5)),
        (1, 0): ((-0.5, 0.5), (0.5, 0.5)),
        (0, -1): ((-0.5, -0.5), (-0.5, 0.5)),
        (0, 1): ((0.5, -0.5), (0.5, 0.5)),
    }
    segments = [
        [(col + dx, row + dy) for dx, dy in ends]
        for row, col in inside
        for (down, right), ends in sides.items()
        if (row + down, col + right) not in inside
    ]
    return np.array(sorted(segments)).reshape(-1, 2, 2)


def _responding_share(traces: Traces, responses: Responses) -> np.ndarray | None:
    """Share of images each ROI responds to, NaN for ROIs without responses; None if unknown."""
    if (responses.roi < 0).any() or responses.repeats_per_image.max() < 2:
        return None
    share = np.full(len(traces.is_cell), np.nan)
    share[responses.roi] = responses.responsive.mean(1)
    return share


def _mean_image(axes: Axes, image: np.ndarray) -> None:
    low, high = np.nanpercentile(image, [1, 99.5])
    axes.imshow(image, cmap="gray", vmin=low, vmax=max(high, low + 1e-6))
    axes.set_xlabel("x (px)")
    axes.set_ylabel("y (px)")


def _edges(traces: Traces, roi: int) -> np.ndarray:
    pixels = slice(traces.pixel_offset[roi], traces.pixel_offset[roi + 1])
    return roi_edges(np.asarray(traces.pixel_y[pixels]), np.asarray(traces.pixel_x[pixels]))


def _outline_rois(axes: Axes, traces: Traces, plane: int) -> None:
    kinds = ((False, style.OTHER_ROI_COLOUR, "other ROI"), (True, style.CELL_COLOUR, "cell"))
    for is_cell, colour, label in kinds:
        rois = np.flatnonzero((traces.is_cell == is_cell) & (traces.plane == plane))
        segments = [edge for roi in rois for edge in _edges(traces, roi)]
        label = f"{label} ({len(rois)})"
        axes.add_collection(LineCollection(segments, colors=colour, lw=0.5, label=label))
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.12), ncols=2)


def _colour_cells(axes: Axes, traces: Traces, plane: int, share: np.ndarray) -> None:
    mask = np.full(traces.mean_image.shape[1:], np.nan)
    for roi in np.flatnonzero(np.isfinite(share) & (traces.plane == plane)):
        pixels = slice(traces.pixel_offset[roi], traces.pixel_offset[roi + 1])
        mask[traces.pixel_y[pixels], traces.pixel_x[pixels]] = 100 * share[roi]
    top = 100 * np.nanmax(share) if (share > 0).any() else 1.0
    drawn = axes.imshow(mask, cmap="plasma", vmin=0, vmax=top)
    bar = axes.figure.colorbar(drawn, ax=axes, shrink=0.8, aspect=25)
    bar.set_label("Images responded to (%)")
    bar.outline.set_visible(False)


def _histogram(axes: Axes, values: np.ndarray, colour: str) -> None:
    values = values[np.isfinite(values)]
    axes.hist(values, bins=min(20, max(5, values.size // 3)), color=colour, ec="white", lw=0.4)
    axes.axvline(median(values), color=style.INK, lw=1)
    axes.set_ylabel("Images")


def _sorted_responses(axes: Axes, quartiles: np.ndarray, unit: str) -> None:
    rank = np.arange(1, quartiles.shape[1] + 1)
    axes.fill_between(rank, quartiles[0], quartiles[2], color=style.INK, alpha=0.2, lw=0)
    axes.plot(rank, quartiles[1], color=style.INK)
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    axes.set_xscale("log")
    axes.set_xlabel("Cell, sorted for each image")
    axes.set_ylabel(f"Response ({unit})")
    axes.set_title("Sorted responses")


def _responsiveness_caption(
    responses: Responses, percent_responding: np.ndarray, undefined: str
) -> str:
    sparseness = (
        f"population sparseness is {number(mean(responses.population_sparseness))} on average"
    )
    if undefined:
        return f"Responsiveness is unavailable ({undefined}); {sparseness}."
    responding = int(responses.responsive.any(1).sum())
    return (
        f"An image drives {number(mean(percent_responding), 1)} % of the "
        f"{counted(responses.cells, 'cell')} on average (median "
        f"{number(median(percent_responding), 1)} %); {responding} cells "
        f"({percent(responding / responses.cells)}) respond to at least one of "
        f"{counted(responses.images, 'image')}; {sparseness}."
    )
