"""The field of view with its cells, and how often they respond."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.lengths import MICROMETRES, label_lengths
from twophoton_decode.figures.canvas.limits import square_root_scale
from twophoton_decode.figures.canvas.numbers import counted, percent
from twophoton_decode.figures.canvas.rois import colour_rois, roi_borders
from twophoton_decode.records import Responses, Traces


def field_of_view(
    traces: Traces, responses: Responses | None = None, pixel_um: float = 0.0
) -> Drawing:
    """Mean image of each plane with the outlines of cells and of other ROIs.

    With responses, the cells instead, in the colour of the share of images that each responds
    to; in words where all cells have the same. Lengths in micrometres where `pixel_um`, the side
    of a pixel, is not 0.
    """
    planes, height, width = traces.mean_image.shape
    share = None if responses is None else _responding_share(traces, responses)
    with style.applied():
        across = min(planes, 2)
        side = (style.WIDTH_IN - 0.7 * across) / across
        tall = min(side * height / width, 3.8)
        rows = -(-planes // across)
        figure = style.figure(0.2 + rows * (tall + 0.4))
        panels = figure.subplots(rows, across, squeeze=False).ravel()
        if planes > 1:
            style.letter_panels(*panels[:planes])
        for plane, axes in enumerate(panels[:planes]):
            _draw(axes, traces, plane, share)
            label_field(axes, pixel_um)
        for axes in panels[planes:]:
            axes.set_axis_off()
    cells = int(traces.is_cell.sum())
    caption = (
        f"{counted(cells, 'ROI')} of {len(traces.is_cell)} on the mean image "
        f"({height} × {width} px) {'is' if cells == 1 else 'are'} classified as cells"
        f"{' after curation by hand' if traces.curated else ''}"
    )
    table = {
        "roi": np.arange(len(traces.is_cell)),
        "plane": traces.number_of(traces.plane),
        "center_y_px": traces.center_y,
        "center_x_px": traces.center_x,
        "is_cell": traces.is_cell,
        "cell_probability": traces.cell_probability,
    }
    if responses is not None and share is not None:
        table["share_of_images_responded_to"] = share
        responding = int((share > 0).sum())
        caption += f"; {responding} of {np.isfinite(share).sum()} respond to at least one image"
        caption += "" if responding else f" ({responses.detectable})"
        table |= _neuropil(responses, len(traces.is_cell))
        caption += _neuropil_caption(responses)
    name = "field_of_view" if share is None else "responsive_cells"
    return Drawing(name, figure, f"{caption}.", table)


def _draw(axes: Axes, traces: Traces, plane: int, share: np.ndarray | None) -> None:
    """One plane: its mean image with outlines, or its cells by the share of images."""
    which = f", plane {traces.number_of(plane)}" if len(traces.mean_image) > 1 else ""
    if share is None:
        draw_mean_image(axes, traces.mean_image[plane])
        outline_rois(axes, traces, plane)
        axes.set_title(f"Mean image{which}")
        return
    axes.set_title(f"Responsive cells{which}")
    known = share[np.isfinite(share) & (traces.plane == plane)]
    if known.size and np.ptp(known) == 0:
        style.say(axes, f"all {known.size} cells respond to {percent(known[0])} of the images")
        return
    colour_rois(axes, traces, plane, 100 * share, "Images responded to (%)")


def _responding_share(traces: Traces, responses: Responses) -> np.ndarray | None:
    """Share of images each ROI responds to, NaN for ROIs without responses; None if unknown."""
    if (responses.roi < 0).any() or responses.repeats_per_image.max() < 2:
        return None
    share = np.full(len(traces.is_cell), np.nan)
    share[responses.roi] = responses.share_of_images
    return share


def _neuropil(responses: Responses, rois: int) -> dict[str, np.ndarray]:
    """The neuropil coefficient of each ROI with responses, its error, and where it comes from."""
    if responses.neuropil_coefficient is None or responses.neuropil_origin is None:
        return {}
    value, error, origin = np.full(rois, np.nan), np.full(rois, np.nan), np.full(rois, "", "<U16")
    value[responses.roi] = responses.neuropil_coefficient
    origin[responses.roi] = responses.neuropil_origin
    if responses.neuropil_error is not None:
        error[responses.roi] = responses.neuropil_error
    return {"neuropil_coefficient": value, "neuropil_error": error, "neuropil_origin": origin}


def _neuropil_caption(responses: Responses) -> str:
    value, origin = responses.neuropil_coefficient, responses.neuropil_origin
    if value is None or origin is None or not np.isfinite(value).any():
        return ""
    if (origin == "fixed").all():
        return f"; neuropil is subtracted {value[0]:g} times"
    low, middle, high = responses.quartiles_of("neuropil_coefficient")
    return (
        f"; neuropil is subtracted {middle:.2f} times (median over cells, quartiles {low:.2f} and "
        f"{high:.2f}, {responses.count_of('neuropil_not_estimable'):g} of them not estimable)"
    )


def label_field(axes: Axes, pixel_um: float) -> None:
    """Label the axes of a field of view, in micrometres where the side of a pixel is known."""
    if axes.axison:
        label_lengths(axes.xaxis, "x", MICROMETRES, pixel_um)
        label_lengths(axes.yaxis, "y", MICROMETRES, pixel_um)


def draw_mean_image(axes: Axes, image: np.ndarray) -> None:
    """The mean image on a square-root scale, so that dim cells show beside bright ones."""
    axes.imshow(image, cmap="gray", norm=square_root_scale(image))


def outline_rois(axes: Axes, traces: Traces, plane: int, *, legend: bool = True) -> None:
    """Cells on top of the other ROIs, which are faint: there can be many times more."""
    kinds = (
        (True, style.CELL_COLOUR, "cell", {"lw": 0.8, "zorder": 3}),
        (False, style.OTHER_ROI_COLOUR, "other ROI", {"lw": 0.4, "alpha": 0.4, "zorder": 2}),
    )
    for is_cell, colour, label, line in kinds:
        rois = np.flatnonzero((traces.is_cell == is_cell) & (traces.plane == plane))
        axes.add_artist(PathPatch(roi_borders(traces, rois), fill=False, ec=colour, **line))
        axes.plot([], [], color=colour, label=counted(len(rois), label))
    if legend:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.1, ncols=2)
