"""Decoded clips smoothed over time."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

SMOOTHING_S = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
"""Standard deviations to choose from, s."""


def smoothed(video: np.ndarray, sd_frames: float) -> np.ndarray:
    """Frames (…, frames, pixels) under a Gaussian of this SD over time, ends held."""
    if sd_frames == 0:
        return video
    return np.asarray(ndimage.gaussian_filter1d(video, sd_frames, axis=-2, mode="nearest"))
