"""Means over images drawn with replacement."""

from __future__ import annotations

import numpy as np

from twophoton_decode.statistics.by_image import sums_by_image


def resampled_means(
    values: np.ndarray, content: np.ndarray, bootstraps: int, rng: np.random.Generator
) -> np.ndarray:
    """Means over images drawn with replacement, those of equal content together.

    Parameters
    ----------
    values : ndarray, shape (images, …)
    content : ndarray of int, shape (images,)

    Returns
    -------
    ndarray, shape (bootstraps, …)
    """
    label = np.unique(content, return_inverse=True)[1]
    size = np.bincount(label)
    total = sums_by_image(values, label)
    draws = rng.multinomial(len(size), np.full(len(size), 1 / len(size)), size=bootstraps)
    images = (draws @ size).reshape(-1, *[1] * (values.ndim - 1))
    mean: np.ndarray = np.tensordot(draws, total, axes=1) / images
    return mean
