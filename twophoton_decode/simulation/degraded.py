"""Degraded pictures, and mice that see more in them than they show, by a known share [ours]."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def blurred(pictures: np.ndarray, sd_px: float) -> np.ndarray:
    """Pictures (n, y, x) under a Gaussian blur of this standard deviation, px."""
    return np.asarray(ndimage.gaussian_filter(pictures, (0, sd_px, sd_px), mode="nearest"))


def occluded(pictures: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    """Pictures (n, y, x) of which a square is as grey as their mean.

    Parameters
    ----------
    share : float
        Of the area that the square covers, 0 to 1; its place is drawn for each picture.
    """
    side = max(1, round(pictures.shape[1] * share**0.5))
    made = np.array(pictures, dtype=float)
    for picture in made:
        top, left = (generator.integers(length - side + 1) for length in picture.shape)
        picture[top : top + side, left : left + side] = picture.mean()
    return made


def noisy(pictures: np.ndarray, sd: float, generator: np.random.Generator) -> np.ndarray:
    """Pictures (n, y, x), 0 to 1, plus normal noise of this standard deviation, cut to 0 … 1."""
    return np.clip(pictures + generator.normal(0.0, sd, pictures.shape), 0.0, 1.0)


def completed(
    shown: np.ndarray, original: np.ndarray, share: float, familiar: np.ndarray
) -> np.ndarray:
    """Mean responses of a mouse that answers in part to what it does not see.

    Parameters
    ----------
    shown, original : ndarray, shape (pictures, cells)
        Mean responses to the degraded pictures, and to their originals.
    share : float
        How far responses to familiar pictures go from the first to the second, 0 to 1; 0 is a
        mouse that answers to the picture shown alone.
    familiar : ndarray of bool, shape (pictures,)
    """
    return shown + share * np.where(familiar, 1.0, 0.0)[:, None] * (original - shown)
