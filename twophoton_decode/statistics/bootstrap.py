"""Means over images drawn with replacement."""

from __future__ import annotations

import numpy as np


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
    total = np.zeros((len(size), *values.shape[1:]))
    np.add.at(total, label, values)
    draws = rng.multinomial(len(size), np.full(len(size), 1 / len(size)), size=bootstraps)
    images = (draws @ size).reshape(-1, *[1] * (values.ndim - 1))
    mean: np.ndarray = np.tensordot(draws, total, axes=1) / images
    return mean


def bootstrap_interval(values: np.ndarray, resamplings: int, seed: int) -> tuple[float, float]:
    """95 % interval of the mean over images by resampling images, percentiles.

    Approximate, since folds share training images.
    """
    draws = np.random.default_rng([seed, 2]).integers(0, len(values), (resamplings, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)
