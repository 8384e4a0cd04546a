"""Means over images drawn with replacement."""

from __future__ import annotations

from typing import NamedTuple

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


class PairedDifference(NamedTuple):
    """A mean difference over images, its 95 % interval, and two-sided p of its being zero."""

    mean: float
    low: float
    high: float
    p: float


def paired_bootstrap(
    difference: np.ndarray,
    content: np.ndarray,
    bootstraps: int,
    rng: np.random.Generator,
    *,
    widening: float = 1.0,
    draws: np.ndarray | None = None,
) -> PairedDifference:
    """Mean of differences over images, which are drawn with replacement [field].

    Percentiles of resampled means, their distance from the mean times `widening`; p is twice
    the share of them that lies on the other side of zero, and at least 2 / (1 + bootstraps).

    Where differences are means over draws of something else, such as random weights, every
    resampled mean also gets an error of Student's t with draws − 1 degrees of freedom, times the
    draws' standard deviation over √draws: interval and p are then for new images and new draws
    [ours]. What images and draws have together counts in both, so that they are a little wide.

    Parameters
    ----------
    difference : ndarray, shape (images,)
        NaN are left out.
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same, and are drawn together.
    widening : float
        Standard error of the mean over that of independent images: above 1 where images train
        each other's decoders (`image_mean.SHARED_TRAINING`).
    draws : ndarray, shape (draws,), optional
        Mean difference of each draw; one alone says nothing of others.

    Returns
    -------
    PairedDifference
        NaN for fewer than two different images; p is 1 where no image differs.
    """
    known = np.isfinite(difference)
    values, group = difference[known], content[known]
    if len(np.unique(group)) < 2:
        return PairedDifference(*[float("nan")] * 4)
    mean = float(values.mean())
    drawn = mean + widening * (resampled_means(values, group, bootstraps, rng) - mean)
    drawn += _errors_of_draws(draws, bootstraps, rng)
    low, high = np.quantile(drawn, (0.025, 0.975))
    beyond = min(np.count_nonzero(drawn <= 0), np.count_nonzero(drawn >= 0))
    p = min(1.0, 2 * (1 + beyond) / (1 + bootstraps))
    return PairedDifference(mean, float(low), float(high), p)


def _errors_of_draws(
    draws: np.ndarray | None, bootstraps: int, rng: np.random.Generator
) -> np.ndarray:
    """How far the mean of `draws` may lie from that of all possible ones, (bootstraps,)."""
    if draws is None or len(draws) < 2:
        return np.zeros(bootstraps)
    error = float(np.std(draws, ddof=1)) / len(draws) ** 0.5
    return np.asarray(error * rng.standard_t(len(draws) - 1, size=bootstraps))
