"""What the page shows of single cells: receptive fields, tuning, places, traces."""

from __future__ import annotations

from typing import Any

import numpy as np
from skimage.measure import find_contours

from twophoton_decode.extraction.signals.delta_f import corrected_trace
from twophoton_decode.records import Encoding, Responses, Traces
from twophoton_decode.report.data.block import Group
from twophoton_decode.settings import Window

_LONGEST_SIDE = 512
_FIELD_LEVELS = 31
# Typed loosely by scikit-image, and not at all by some versions.
_borders: Any = find_contours
_MOST_TRACES = 10
_TRACE_CELLS = 200


def of_cells(responses: Responses, encoding: Encoding) -> Group:
    """Receptive fields of cells, where they look, and how well they predict responses."""
    fields = np.asarray(encoding.receptive_field).reshape(len(encoding.receptive_field), -1)
    scale = np.maximum(np.abs(fields).max(axis=1, initial=0), np.finfo(np.float32).tiny)
    scale = scale / _FIELD_LEVELS
    centres = ("centre_x", "centre_y", "prediction_r")
    return Group(
        [
            ("field", np.round(fields / scale[:, None]).astype(np.int8)),
            ("has_field", encoding.has_field.astype(np.uint8)),
            *((name, np.asarray(getattr(encoding, name), np.float32)) for name in centres),
        ]
    )


def field_of_view(traces: Traces, responses: Responses) -> Group:
    """Mean images and outlines of the cells; what the script must know of them.

    Outlines are in quarters of a pixel of the image as recorded. An image with a side of
    more than 512 pixels is stored coarser.
    """
    images = np.asarray(traces.mean_image, np.float64)
    height, width = images.shape[1:]
    coarse = -(-max(height, width) // _LONGEST_SIDE)
    outlines = [_outline(traces, int(roi)) for roi in responses.roi]
    ends = np.cumsum([0, *(len(each) for each in outlines)])
    points = np.concatenate([np.empty((0, 2)), *outlines])
    centres = np.stack([traces.center_x[responses.roi], traces.center_y[responses.roi]], axis=1)
    numbers = [int(traces.number_of(plane)) for plane in range(len(images))]
    return Group(
        [
            ("image", np.stack([_grey(image)[::coarse, ::coarse] for image in images])),
            ("outline", np.round(4 * points).astype(np.int16)),
            ("outline_start", ends.astype(np.int32)),
            ("plane", traces.plane[responses.roi].astype(np.int32)),
            ("centre", centres.astype(np.float32)),
        ],
        {"width": width, "height": height, "coarse": coarse, "planes": numbers},
    )


def _grey(image: np.ndarray) -> np.ndarray:
    """The image on a square-root scale, so that dim cells show beside bright ones."""
    known = image[np.isfinite(image)]
    low, high = np.percentile(known, [1, 99.5]) if known.size else (0.0, 1.0)
    share = np.clip((image - low) / max(high - low, 1e-6), 0, 1)
    return np.round(255 * np.sqrt(np.nan_to_num(share))).astype(np.uint8)


def _outline(traces: Traces, roi: int) -> np.ndarray:
    """The longest border of an ROI's pixels, (points, x and y), as seen from pixel corners."""
    pixels = slice(traces.pixel_offset[roi], traces.pixel_offset[roi + 1])
    y, x = traces.pixel_y[pixels], traces.pixel_x[pixels]
    if not len(y):
        return np.empty((0, 2))
    mask = np.zeros((np.ptp(y) + 3, np.ptp(x) + 3))
    mask[y - y.min() + 1, x - x.min() + 1] = 1.0
    longest = max(_borders(mask, 0.5), key=len)
    return np.asarray(longest[:-1, ::-1] + (x.min() - 0.5, y.min() - 0.5))


def onset_traces(traces: Traces, responses: Responses, window_s: Window) -> Group:
    """Mean trace around the onset of each cell's strongest pictures, and their time axis.

    The picture is −1 where there is no trace: its presentations lie at the ends of the movie.

    A trace is F − c Fneu as a share of its median over the recording, less its mean before
    the onset in each presentation: unlike the responses, it needs no model of the baseline.

    Parameters
    ----------
    window_s : tuple of float
        From before to after the onset; 0 lies within.
    """
    rate = traces.frame_rate_hz
    offsets = np.arange(int(np.floor(window_s[0] * rate)), int(np.ceil(window_s[1] * rate)) + 1)
    strongest = np.argsort(-responses.averages(), axis=0, kind="stable")[:_MOST_TRACES].T
    found = np.empty((*strongest.shape, len(offsets)), np.float32)
    for first in range(0, responses.cells, _TRACE_CELLS):
        block_of = np.arange(first, min(first + _TRACE_CELLS, responses.cells))
        share = _relative_traces(traces, responses, block_of)
        for row, cell in enumerate(block_of):
            plane = int(traces.plane[responses.roi[cell]])
            starts = _first_frames(traces, plane, responses.onset_s)
            for place, image in enumerate(strongest[cell]):
                onsets = starts[responses.image == image]
                found[cell, place] = _mean_around(share[row], onsets, offsets)
    known = np.isfinite(found).all(axis=2)
    found = np.nan_to_num(found)
    scale = np.maximum(np.abs(found).max(axis=(1, 2), initial=0.0), 1e-6) / 127
    coded = np.round(found / scale[:, None, None])
    return Group(
        [
            ("picture", np.where(known, strongest, -1).astype(np.int32)),
            ("trace", coded.astype(np.int8)),
            ("scale", scale.astype(np.float32)),
        ],
        {"first_s": float(offsets[0] / rate), "step_s": 1 / rate},
    )


def _relative_traces(traces: Traces, responses: Responses, cells: np.ndarray) -> np.ndarray:
    """F − c Fneu over its median, or the imported ΔF/F, shape (cells, frames)."""
    rois = responses.roi[cells]
    rows = slice(int(rois.min()), int(rois.max()) + 1)
    known = responses.neuropil_coefficient
    coefficient = np.zeros(len(cells)) if known is None else np.nan_to_num(known[cells])
    place = rois - rows.start
    corrected = corrected_trace(
        np.asarray(traces.fluorescence[rows])[place],
        None if traces.neuropil is None else np.asarray(traces.neuropil[rows])[place],
        coefficient,
    )
    if traces.is_dff:
        return corrected
    middle = np.median(corrected, axis=1, keepdims=True)
    return np.divide(corrected, middle, out=np.full(corrected.shape, np.nan), where=middle > 0)


def _first_frames(traces: Traces, plane: int, onset_s: np.ndarray) -> np.ndarray:
    """The first frame whose middle lies after each onset."""
    frames = np.arange(traces.bad_frame.size)
    return np.searchsorted(traces.frame_time(plane, frames), onset_s)


def _mean_around(trace: np.ndarray, onsets: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Mean over presentations, each less its mean before the onset; NaN beyond the movie."""
    frame = onsets[:, None] + offsets
    inside = (frame >= 0) & (frame < len(trace))
    rows = np.where(inside, trace[np.clip(frame, 0, len(trace) - 1)], np.nan)
    whole = np.isfinite(rows).all(axis=1)
    if not whole.any() or not (offsets < 0).any():
        return np.full(len(offsets), np.nan)
    rows = rows[whole]
    return np.asarray((rows - rows[:, offsets < 0].mean(axis=1, keepdims=True)).mean(axis=0))
