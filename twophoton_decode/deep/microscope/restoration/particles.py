"""Bright round things in single frames, and those of them that restoration invented."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter

PARTICLE = 0.5
"""A particle rises over its surround by this share of a typical resting cell's."""
_LENIENT = 0.5
"""A particle has a counterpart where the other frame rises by this share of the threshold."""
_CENTRE, _AROUND = 0.25, 0.6
"""SD of the two Gaussians whose difference is the rise, in diameters of a cell."""


class Counted(NamedTuple):
    """Particles of one frame.

    Attributes
    ----------
    real : int
        In the clean frame.
    found : int
        Of the real ones, those that the restored frame has.
    invented : int
        In the restored frame, where the clean one has nothing.
    """

    real: int
    found: int
    invented: int


def rise_over_surround(frames: np.ndarray, diameter_px: float) -> np.ndarray:
    """Difference of Gaussians: what stands out at the size of a cell; same shape and unit."""
    centre, around = (
        gaussian_filter(frames, (0, share * diameter_px, share * diameter_px), mode="nearest")
        for share in (_CENTRE, _AROUND)
    )
    return np.asarray(centre - around)


def rise_of_cell(contrast: float, diameter_px: float) -> float:
    """The rise of a disc of the diameter that is brighter than its surround by `contrast`."""
    side = int(np.ceil(4 * diameter_px)) | 1
    y, x = np.indices((side, side)) - side // 2
    disc = contrast * (np.hypot(y, x) <= diameter_px / 2)
    return float(rise_over_surround(disc[None].astype(float), diameter_px)[0, side // 2, side // 2])


def particles(rise: np.ndarray, threshold: float, diameter_px: float) -> np.ndarray:
    """Places (particle, y and x) of one frame: highest within half a diameter, over a threshold."""
    size = max(3, int(diameter_px) | 1)
    highest = (rise == maximum_filter(rise, size, mode="nearest")) & (rise > threshold)
    return np.argwhere(highest)


def compare(
    restored: np.ndarray, clean: np.ndarray, threshold: float, diameter_px: float
) -> list[Counted]:
    """Real, found and invented particles of every frame.

    A particle of one frame counts as being in the other where that rises by half the threshold
    within half a diameter: what is near the threshold is neither missed nor invented.

    Parameters
    ----------
    restored, clean : ndarray, shape (frames, y, x)
    threshold : float
        Rise from which something is a particle, in the unit of the frames.
    """
    own, true = (rise_over_surround(each, diameter_px) for each in (restored, clean))
    return [_compared(*frame, threshold, diameter_px) for frame in zip(own, true, strict=True)]


def count(frames: np.ndarray, threshold: float, diameter_px: float) -> np.ndarray:
    """Particles of every frame, (frames,), of frames in which there is nothing: all invented."""
    rise = rise_over_surround(frames, diameter_px)
    return np.array([len(particles(each, threshold, diameter_px)) for each in rise])


def _compared(own: np.ndarray, true: np.ndarray, threshold: float, diameter_px: float) -> Counted:
    size = max(3, int(diameter_px) | 1)
    near_own, near_true = (maximum_filter(each, size, mode="nearest") for each in (own, true))
    real = particles(true, threshold, diameter_px)
    seen = particles(own, threshold, diameter_px)
    least = _LENIENT * threshold
    found = int((near_own[tuple(real.T)] > least).sum())
    invented = int((near_true[tuple(seen.T)] <= least).sum())
    return Counted(len(real), found, invented)
