"""Shares over images: how often the image seen is found, and how much of a mean is left."""

from __future__ import annotations

import numpy as np
from scipy import stats

from twophoton_decode.statistics.image_mean import SHARED_TRAINING, image_means
from twophoton_decode.statistics.mean_score import mean_score


def share_interval(
    share: np.ndarray, content: np.ndarray | None = None, confidence: float = 0.95
) -> tuple[float, float]:
    """Wilson's interval of a mean share over images that train each other's decoders [ours].

    mean ± t · error is empty where no image was found, and too narrow where few were. Wilson's
    interval [field, Wilson 1927] of m trials is not; m = p (1 − p) / V with V = 2 N as in
    `mean_score`, at least the (units − 1) / 2 of shares that are 0 or 1.

    Parameters
    ----------
    share : ndarray, shape (images,)
        From 0 to 1; NaN are left out.
    content : ndarray of int, shape (images,), optional
        Images with equal numbers show the same; all differ by default.

    Returns
    -------
    low, high : float
        NaN for fewer than two different images.
    """
    found = mean_score(share, None, content)
    if found.units < 2:
        return float("nan"), float("nan")
    p, m = found.mean, (found.units - 1) / 2
    if found.error > 0:
        m = max(m, p * (1 - p) / found.error**2)
    t = float(stats.t.ppf(0.5 + confidence / 2, found.units - 1))
    shrink = 1 + t**2 / m
    middle = (p + t**2 / (2 * m)) / shrink
    reach = t / shrink * float(np.sqrt(p * (1 - p) / m + t**2 / (4 * m**2)))
    # Where all or none were found the end is exactly 1 or 0; rounding would leave it out.
    low, high = middle - reach, middle + reach
    return (low if p > 0 else 0.0), (high if p < 1 else 1.0)


def kept_interval(part: np.ndarray, whole: np.ndarray, content: np.ndarray) -> tuple[float, float]:
    """95 % interval of mean(part) / mean(whole) over the same images, each with both [ours].

    Fieller's (1954): all shares s for which the mean of part − s · whole is not told from 0, its
    variance widened as that of any mean over images that train each other's decoders.

    Parameters
    ----------
    part, whole : ndarray, shape (images,)
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same.

    Returns
    -------
    low, high : float
        NaN where the mean of `whole` is not told from 0: then any share may be.
    """
    columns = np.stack([part, whole, part + whole], axis=1)
    means = image_means(columns, content, widening=SHARED_TRAINING)
    square = float(stats.t.ppf(0.975, means.freedom)) ** 2 if means.units > 1 else float("nan")
    mean_part, mean_whole, _ = means.mean
    of_part, of_whole, of_sum = means.error**2
    shared = (of_sum - of_part - of_whole) / 2
    a, b, c = (
        mean_whole**2 - square * of_whole,
        mean_part * mean_whole - square * shared,
        mean_part**2 - square * of_part,
    )
    if not a > 0:
        return float("nan"), float("nan")
    reach = float(np.sqrt(max(b**2 - a * c, 0.0)))
    return (b - reach) / a, (b + reach) / a
