"""Whether intervals of a posterior hold the pictures shown."""

from __future__ import annotations

import numpy as np

EXACT = 1e-6
"""Error, by the largest pixel, that counts as none: records hold pictures in float32."""


def share_held(error: np.ndarray, sd: np.ndarray, reach: float, largest: float) -> float:
    """Share of pixels whose interval, ± `reach` · `sd`, holds the picture shown.

    An interval without width holds what is reconstructed exactly.

    Parameters
    ----------
    error, sd : ndarray
        Of each pixel: shown minus reconstructed, and the posterior standard deviation.
    largest : float
        Largest absolute pixel of the pictures.
    """
    limit = np.where(sd > 0, reach * sd, EXACT * largest)
    return float((np.abs(error) <= limit).mean())


def deviations(error: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """`error` in units of `sd`; NaN where that is 0."""
    return np.divide(error, sd, out=np.full(np.shape(error), np.nan), where=sd > 0)


def root_mean_square(deviation: np.ndarray) -> np.ndarray:
    """Of each picture's pixels (images, y, x), NaN left out; NaN without any."""
    known = np.isfinite(deviation)
    squares = np.where(known, deviation, 0.0) ** 2
    total, count = squares.sum(axis=(1, 2)), known.sum(axis=(1, 2))
    mean = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    return np.asarray(np.sqrt(mean))


def density(deviation: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Density of what is no NaN, by bins; zero where there is nothing in them."""
    count = np.histogram(deviation[np.isfinite(deviation)], edges)[0]
    return np.asarray(count / (max(count.sum(), 1) * np.diff(edges)))
