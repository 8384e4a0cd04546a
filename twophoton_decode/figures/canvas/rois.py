"""ROIs on the field of view: their borders, and their pixels in colour."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from twophoton_decode.figures.canvas import style
from twophoton_decode.records import Traces


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


def roi_borders(traces: Traces, rois: np.ndarray) -> Path:
    """The borders of many ROIs as one path, which keeps files small."""
    segments = [np.empty((0, 2, 2))]
    for roi in rois:
        pixels = slice(traces.pixel_offset[roi], traces.pixel_offset[roi + 1])
        if pixels.start < pixels.stop:
            segments.append(roi_border(traces.pixel_y[pixels], traces.pixel_x[pixels]))
    ends = np.concatenate(segments).reshape(-1, 2)
    return Path(ends, np.tile([Path.MOVETO, Path.LINETO], len(ends) // 2))


def colour_rois(
    axes: Axes, traces: Traces, plane: int, values: np.ndarray, label: str, top: float = 0.0
) -> None:
    """ROIs of a plane in the colour of their value, from 0 to `top` or the largest.

    Parameters
    ----------
    values : ndarray, shape (rois,)
        NaN for ROIs that are not drawn.
    label : str
        What the colour bar says; without it there is no bar.
    """
    mask = np.full(traces.mean_image.shape[1:], np.nan)
    rois = np.flatnonzero(np.isfinite(values) & (traces.plane == plane))
    for roi in rois:
        pixels = slice(traces.pixel_offset[roi], traces.pixel_offset[roi + 1])
        mask[traces.pixel_y[pixels], traces.pixel_x[pixels]] = values[roi]
    top = top or (np.nanmax(values) if (values > 0).any() else 1.0)
    drawn = axes.imshow(mask, cmap="magma_r", vmin=0, vmax=top)
    axes.add_artist(PathPatch(roi_borders(traces, rois), fill=False, ec=style.FAINT, lw=0.3))
    axes.spines[:].set_visible(True)
    if label:
        bar = axes.figure.colorbar(drawn, cax=axes.inset_axes((1.03, 0, 0.03, 1)))
        bar.set_label(label)
        bar.outline.set_visible(False)


def _ends(x: np.ndarray, y: np.ndarray, shift: tuple[float, float]) -> np.ndarray:
    return np.stack([x + shift[0], y + shift[1]], axis=-1)
