"""The correlation image with every ROI in the colour of the classifier's probability."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.limits import square_root_scale
from twophoton_decode.figures.canvas.numbers import counted, percent
from twophoton_decode.figures.canvas.rois import roi_borders
from twophoton_decode.figures.quality.field_of_view import label_field
from twophoton_decode.records import Traces

_COLOURS = "plasma"
_UNSURE = (0.4, 0.6)


def images_with_rois(traces: Traces, pixel_um: float = 0.0) -> Drawing:
    """The correlation image of each plane, or its mean image without one, with all ROIs."""
    planes, height, width = traces.mean_image.shape
    images, what = traces.correlation_image, "Correlation image"
    if images is None:
        images, what = traces.mean_image, "Mean image"
    with style.applied():
        across = min(planes, 2)
        rows = -(-planes // across)
        tall = min((style.WIDTH_IN - 1.6) / across * height / width, 3.8)
        figure = style.figure(0.3 + rows * (tall + 0.45))
        panels = figure.subplots(rows, across, squeeze=False).ravel()
        if planes > 1:
            style.letter_panels(*panels[:planes])
        for plane, axes in enumerate(panels[:planes]):
            which = f", plane {traces.number_of(plane)}" if planes > 1 else ""
            _draw(axes, images[plane], traces, plane, f"{what}{which}")
            label_field(axes, pixel_um)
        for axes in panels[planes:]:
            axes.set_axis_off()
        _colour_bar(panels[across - 1])
    return Drawing("quality_images", figure, _caption(traces), _table(traces))


def _draw(axes: Axes, image: np.ndarray, traces: Traces, plane: int, title: str) -> None:
    axes.imshow(image, cmap="gray", norm=square_root_scale(image))
    rois = np.flatnonzero(traces.plane == plane)
    # Likely cells on top: there can be many more other ROIs.
    rois = rois[np.argsort(traces.cell_probability[rois], kind="stable")]
    outlines = PathCollection(
        [roi_borders(traces, np.array([roi])) for roi in rois],
        facecolors="none",
        linewidths=np.where(traces.is_cell[rois], 0.8, 0.3),
        transform=axes.transData,
    )
    outlines.set(array=traces.cell_probability[rois], cmap=_COLOURS, clim=(0, 1))
    # Faint, since many small ROIs would cover the image.
    outlines.set_alpha(np.where(traces.is_cell[rois], 1.0, 0.4).tolist())
    axes.add_collection(outlines, autolim=False)
    axes.set_title(title)


def _colour_bar(axes: Axes) -> None:
    outlines = next(each for each in axes.collections if isinstance(each, PathCollection))
    bar = axes.figure.colorbar(outlines, cax=axes.inset_axes((1.03, 0, 0.03, 1)))
    bar.set_label("Classifier's probability of a cell")
    bar.outline.set_visible(False)


def _caption(traces: Traces) -> str:
    cells, total = int(traces.is_cell.sum()), traces.is_cell.size
    rejected = f", faint for the {total - cells} others ({percent(1 - cells / max(total, 1))})"
    low, high = _UNSURE
    probability = traces.cell_probability
    unsure = int(((probability >= low) & (probability <= high)).sum())
    text = (
        f"Outlines of {counted(total, 'ROI')} in the colour of the classifier's probability, "
        f"thick for the {counted(cells, 'cell')}{rejected if cells < total else ''}"
        f"{' (curated by hand)' if traces.curated else ''}; {unsure} "
        f"{'is' if unsure == 1 else 'are'} unsure ({low} to {high})."
    )
    text += " ROIs are counted from 0, as suite2p counts them"
    several = len(traces.mean_image) > 1
    text += "; planes from 1, as use_planes does." if several else "."
    if traces.correlation_image is None:
        text += " This session has no correlation image."
    else:
        text += (
            " The correlation image is bright where pixels flicker together: a bright spot "
            "without a bright outline may be a cell that was missed."
        )
    return text


def _table(traces: Traces) -> dict[str, np.ndarray]:
    return {
        "roi": np.arange(traces.is_cell.size),
        "plane": traces.number_of(traces.plane),
        "center_y_px": traces.center_y,
        "center_x_px": traces.center_x,
        "is_cell": traces.is_cell,
        "cell_probability": traces.cell_probability,
    }
