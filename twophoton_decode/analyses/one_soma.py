"""Cells that may be parts of one soma, found as several ROIs."""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import connected_components

from twophoton_decode.records import Responses, Traces
from twophoton_decode.statistics.image_groups import ImageGroups

SHARED_PIXELS = 0.5
"""Share of the smaller ROI."""
SHARED_NOISE = 0.5
"""Noise correlation: of neighbouring cells it is rarely above 0.3."""


def possible_doubles(traces: Traces, responses: Responses, cells: np.ndarray) -> float:
    """How many of the cells may be a further ROI of a soma that is counted already [ours].

    Two ROIs may be one soma if their centres are nearer than their mean diameter, in one
    plane or in neighbouring ones, and their noise correlates by more than 0.5; or if more
    than half of the smaller one's pixels belong to the other. Of a chain of such pairs, one
    is counted as the soma.

    Parameters
    ----------
    cells : ndarray of bool, shape (cells,)
        Those that are looked at.

    Returns
    -------
    float
        NaN where places are unknown, as for imported responses.
    """
    if (responses.roi < 0).any():
        return float("nan")
    place = np.flatnonzero(cells)
    if len(place) < 2:
        return 0.0
    roi = responses.roi[place]
    near = _nearer_than_a_diameter(traces, roi)
    alike = _noise_correlation(responses, place) > SHARED_NOISE
    pairs = near & alike
    for i, j in np.argwhere(near & ~alike):
        pairs[i, j] = i < j and _overlap(traces, roi[i], roi[j]) > SHARED_PIXELS
    somata, _ = connected_components(pairs, directed=False)
    return float(len(place) - somata)


def _nearer_than_a_diameter(traces: Traces, roi: np.ndarray) -> np.ndarray:
    diameter = 2 * np.sqrt(np.diff(traces.pixel_offset)[roi] / np.pi)
    distance = np.hypot(
        *(each[roi][:, None] - each[roi] for each in (traces.center_y, traces.center_x))
    )
    plane = traces.plane[roi]
    near = distance < (diameter[:, None] + diameter) / 2
    near &= np.abs(plane[:, None] - plane) <= 1
    np.fill_diagonal(near, False)
    return np.asarray(near)


def _noise_correlation(responses: Responses, place: np.ndarray) -> np.ndarray:
    """Correlation over presentations of responses less the cell's mean to the image."""
    groups = ImageGroups.of(responses.image)
    noise = groups.deviations(responses.response[groups.order][:, place])
    norm = np.linalg.norm(noise, axis=0)
    unit = noise / np.where(norm > 0, norm, np.inf)
    return np.asarray(unit.T @ unit)


def _overlap(traces: Traces, first: int, second: int) -> float:
    """Common pixels by those of the smaller ROI; 0 in different planes."""
    if traces.plane[first] != traces.plane[second]:
        return 0.0
    pixels = [_pixels(traces, roi) for roi in (first, second)]
    return len(pixels[0] & pixels[1]) / max(min(map(len, pixels)), 1)


def _pixels(traces: Traces, roi: int) -> set[tuple[int, int]]:
    own = slice(traces.pixel_offset[roi], traces.pixel_offset[roi + 1])
    return set(zip(traces.pixel_y[own].tolist(), traces.pixel_x[own].tolist(), strict=True))
