"""The field of view with its cells, and how they respond."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.patches import PathPatch
from matplotlib.path import Path

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
        side = (style.WIDTH_IN - 0.7 * panels) / panels
        tall = min(side * height / width, 3.8)
        figure = style.figure(0.2 + planes * (tall + 0.4))
        grid = figure.subplots(planes, panels, squeeze=False)
        for plane, row in enumerate(grid):
            which = f", plane {plane}" if planes > 1 else ""
            _mean_image(row[0], traces.mean_image[plane])
            _outline_rois(row[0], traces, plane)
            row[0].set_title(f"Mean image{which}")
            if share is not None:
                _colour_cells(row[1], traces, plane, share)
                row[1].set_title(f"Responsive cells{which}")
            for axes in row:
                axes.set(xlabel="x (px)", ylabel="y (px)")
    cells = int(traces.is_cell.sum())
    caption = (
        f"{counted(cells, 'ROI')} of {len(traces.is_cell)} on the mean image "
        f"({height} × {width} px) {'is' if cells == 1 else 'are'} classified as cells"
        f"{' after curation by hand' if traces.curated else ''}"
    )
    table = {
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
    name = "field_of_view" if share is None else "responsive_cells"
    return Drawing(name, figure, f"{caption}.", table)


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


def roi_border(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The border of a set of pixels as line segments, shape (segment, 2 ends, x and y).

    A pixel side belongs to the border if the pixel beyond it is not in the set.
    """
    mask = np.zeros((np.ptp(y) + 3, np.ptp(x) + 3), dtype=bool)
    top, left = y.min() - 1, x.min() - 1
    mask[y - top, x - left] = True
    row, column = np.nonzero(mask[1:] != mask[:-1])
    across = np.stack([_ends(column, row + 0.5, (-0.5, 0)), _ends(column, row + 0.5, (0.5, 0))], 1)
    row, column = np.nonzero(mask[:, 1:] != mask[:, :-1])
    down = np.stack([_ends(column + 0.5, row, (0, -0.5)), _ends(column + 0.5, row, (0, 0.5))], 1)
    return np.concatenate([across, down]) + np.array([left, top])


def _ends(x: np.ndarray, y: np.ndarray, shift: tuple[float, float]) -> np.ndarray:
    return np.stack([x + shift[0], y + shift[1]], axis=-1)


def _responding_share(traces: Traces, responses: Responses) -> np.ndarray | None:
    """Share of images each ROI responds to, NaN for ROIs without responses; None if unknown."""
    if (responses.roi < 0).any() or responses.repeats_per_image.max() < 2:
        return None
    share = np.full(len(traces.is_cell), np.nan)
    share[responses.roi] = responses.responsive.mean(1)
    return share


def _mean_image(axes: Axes, image: np.ndarray) -> None:
    """The mean image on a square-root scale, so that dim cells show beside bright ones."""
    low, high = np.nanpercentile(image, [1, 99.5])
    scale = PowerNorm(0.5, vmin=low, vmax=max(high, low + 1e-6), clip=True)
    axes.imshow(image, cmap="gray", norm=scale)


def _borders(traces: Traces, rois: np.ndarray) -> Path:
    """The borders of many ROIs as one path, which keeps files small."""
    segments = [np.empty((0, 2, 2))]
    for roi in rois:
        pixels = slice(traces.pixel_offset[roi], traces.pixel_offset[roi + 1])
        if pixels.start < pixels.stop:
            segments.append(roi_border(traces.pixel_y[pixels], traces.pixel_x[pixels]))
    ends = np.concatenate(segments).reshape(-1, 2)
    return Path(ends, np.tile([Path.MOVETO, Path.LINETO], len(ends) // 2))


def _outline_rois(axes: Axes, traces: Traces, plane: int) -> None:
    """Cells on top of the other ROIs, which are faint: there can be many times more."""
    kinds = (
        (True, style.CELL_COLOUR, "cell", {"lw": 0.8, "zorder": 3}),
        (False, style.OTHER_ROI_COLOUR, "other ROI", {"lw": 0.4, "alpha": 0.4, "zorder": 2}),
    )
    for is_cell, colour, label, line in kinds:
        rois = np.flatnonzero((traces.is_cell == is_cell) & (traces.plane == plane))
        axes.add_artist(PathPatch(_borders(traces, rois), fill=False, ec=colour, **line))
        axes.plot([], [], color=colour, label=counted(len(rois), label))
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.1, ncols=2)


def _colour_cells(axes: Axes, traces: Traces, plane: int, share: np.ndarray) -> None:
    mask = np.full(traces.mean_image.shape[1:], np.nan)
    rois = np.flatnonzero(np.isfinite(share) & (traces.plane == plane))
    for roi in rois:
        pixels = slice(traces.pixel_offset[roi], traces.pixel_offset[roi + 1])
        mask[traces.pixel_y[pixels], traces.pixel_x[pixels]] = 100 * share[roi]
    top = 100 * np.nanmax(share) if (share > 0).any() else 1.0
    drawn = axes.imshow(mask, cmap="magma_r", vmin=0, vmax=top)
    axes.add_artist(PathPatch(_borders(traces, rois), fill=False, ec=style.FAINT, lw=0.3))
    axes.spines[:].set_visible(True)
    bar = axes.figure.colorbar(drawn, cax=axes.inset_axes((1.03, 0, 0.03, 1)))
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
    axes.xaxis.set_major_formatter("{x:g}")
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
