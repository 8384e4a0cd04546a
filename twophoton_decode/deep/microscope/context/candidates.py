"""Where a dim cell might be: spots in the pictures, and ROIs that suite2p rejected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, zoom
from skimage import feature

SOURCES = ("mean", "maximum", "correlation", "rejected")
TRAINED_RADIUS = (3.0, 8.0)
"""Radii of cells that detectors learned, px; others are brought to the middle."""
_USUAL_RADIUS = 5.0
_LEAST_CONTRAST = 0.3
_APART = 1.4
"""How near two candidates may be, in radii."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Places to be judged in one plane.

    Attributes
    ----------
    centre : ndarray, shape (candidates, 2), px
        Down and right.
    source : ndarray of bool, shape (candidates, 4)
        Which of `SOURCES` name the place.
    """

    centre: np.ndarray
    source: np.ndarray


def find_candidates(
    normal: np.ndarray,
    radius: float,
    clear: np.ndarray,
    rejected: np.ndarray,
    seen: tuple[slice, slice] | None = None,
) -> Candidates:
    """Local maxima of the pictures and rejected ROIs, each place once, none on a clear cell.

    Parameters
    ----------
    normal : ndarray, shape (3, y, x)
        Mean, maximum and correlation, `normalised`.
    radius : float, px
        Of a typical cell.
    clear, rejected : ndarray, shape (rois, 2), px
        Centres of ROIs.
    seen : tuple of slice, optional
        Rows and columns in view throughout: what lies across their edge is no candidate.
    """
    centre, source = np.empty((0, 2)), np.empty((0, len(SOURCES)), bool)
    kinds = [*(_spots(each, radius) for each in normal), rejected]
    for number, places in enumerate(kinds):
        places = places[_distance(places, clear) > _APART * radius]
        if seen is not None:
            places = places[_inside(places, seen, radius / 2)]
        for place in places:
            gap = _distance(centre, place[None])
            near = int(gap.argmin()) if len(centre) and gap.min() < _APART * radius else None
            if near is None:
                centre = np.vstack([centre, place])
                source = np.vstack([source, np.zeros(len(SOURCES), bool)])
                near = len(centre) - 1
            source[near, number] = True
    return Candidates(centre, source)


def _spots(picture: np.ndarray, radius: float) -> np.ndarray:
    smooth = gaussian_filter(picture, radius / 2)
    apart = max(1, round(_APART * radius))
    found: np.ndarray = feature.peak_local_max(
        smooth, min_distance=apart, threshold_abs=_LEAST_CONTRAST, exclude_border=False
    )
    return np.asarray(found, float).reshape(-1, 2)


def _inside(places: np.ndarray, view: tuple[slice, slice], margin: float) -> np.ndarray:
    low, high = np.array([[each.start, each.stop - 1] for each in view], float).T
    return ((places >= low + margin) & (places <= high - margin)).all(axis=1)


def _distance(places: np.ndarray, others: np.ndarray) -> np.ndarray:
    """From each place to the nearest of the others; infinite where there are none."""
    if not len(places) or not len(others):
        return np.full(len(places), np.inf)
    return np.linalg.norm(places[:, None] - others[None], axis=2).min(axis=1)


def boxes(centre: np.ndarray, radius: float | np.ndarray) -> np.ndarray:
    """Left, top, right, bottom around centres, as detectors have learned them, px."""
    reach = np.broadcast_to(np.asarray(radius, float), len(centre))[:, None] + 1.0
    x_then_y = centre[:, ::-1]
    return np.concatenate([x_then_y - reach, x_then_y + reach], axis=1).astype(np.float32)


def zoom_for(radius: float) -> float:
    """By how much a field is enlarged so that its cells are of a size that was learned."""
    low, high = TRAINED_RADIUS
    return 1.0 if low <= radius <= high else _USUAL_RADIUS / radius


def zoomed(pictures: np.ndarray, factor: float) -> np.ndarray:
    """Pictures (pictures, y, x) enlarged, or averaged and made smaller."""
    if factor == 1.0:
        return pictures
    blur = max(0.0, (1 / factor - 1) / 2)
    smooth = gaussian_filter(pictures, (0, blur, blur)) if blur else pictures
    return np.asarray(zoom(smooth, (1, factor, factor), order=1))
