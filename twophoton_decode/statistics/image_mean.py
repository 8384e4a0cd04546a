"""Means over images of anything that images have: 95 % intervals, and tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from twophoton_decode.statistics.by_image import sums_by_image

SHARED_TRAINING = 2**0.5
"""Standard error over that of independent images where images train each other's decoder and
nothing more is known; exact where scores are at chance (`docs/methods/scores.md`)."""


@dataclass(frozen=True)
class ImageMean:
    """A mean over images, its 95 % interval, standard error, and two-sided p of its being zero.

    `widening` is the standard error over that of independent images, `units` the number of
    images, those that show the same counting as one, `freedom` Student's degrees of freedom.
    Without two of them all but the mean is NaN, as is p where all values are equal and not zero.
    """

    mean: float
    interval: tuple[float, float]
    error: float
    p: float
    widening: float
    units: int
    freedom: float

    def interval_at(self, confidence: float) -> tuple[float, float]:
        """Mean ± t · error, for another confidence than 95 %."""
        reach = float(stats.t.ppf(0.5 + confidence / 2, self.freedom)) * self.error
        return self.mean - reach, self.mean + reach


@dataclass(frozen=True, eq=False)
class ImageMeans:
    """Means over images and their standard errors, (columns,), as `ImageMean`."""

    mean: np.ndarray
    error: np.ndarray
    units: int
    freedom: float

    def interval(self, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Mean ± t · error; NaN for one unit."""
        reach = float(stats.t.ppf(0.5 + confidence / 2, self.freedom)) * self.error
        return self.mean - reach, self.mean + reach

    def p_above(self, limit: float = 0.0) -> np.ndarray:
        """One-sided p of the means being above `limit`; NaN without spread or second unit."""
        known = self.error > 0
        t = (self.mean - limit) / np.where(known, self.error, 1.0)
        return np.where(known, stats.t.sf(t, self.freedom), np.nan)

    def p_differs(self) -> np.ndarray:
        """Two-sided p of the means being zero; 1 where every image has exactly zero."""
        above = self.p_above()
        p = 2 * np.minimum(above, 1 - above)
        return np.where((self.error == 0) & (self.mean == 0), 1.0, p)


def image_mean(
    values: np.ndarray,
    content: np.ndarray | None = None,
    *,
    widening: float = 1.0,
    estimated: bool = True,
) -> ImageMean:
    """The mean of values (images,), NaN left out, with interval and test; see `image_means`."""
    values = np.asarray(values, float)
    known = np.isfinite(values)
    if not known.any():
        return ImageMean(np.nan, (np.nan, np.nan), np.nan, np.nan, widening, 0, np.nan)
    group = np.arange(len(values)) if content is None else np.asarray(content)
    means = image_means(values[known], group[known], widening=widening, estimated=estimated)
    return one_of(means, widening)


def image_means(
    values: np.ndarray, content: np.ndarray, *, widening: float = 1.0, estimated: bool = True
) -> ImageMeans:
    """Means over images with Student's intervals, images of equal content as one unit.

    mean ± t · widening · √N, with N = G/(G − 1) · Σ_g (Σ_{i in g} (v_i − mean))² / n² over G
    groups of n images [field, the cluster-robust variance of a mean]. A percentile bootstrap
    of 20 to 60 values is narrower by about a tenth.

    Where the images of other folds train an image's decoder, values are not independent. How
    much wider an interval must be is known of the score from all cells (`mean_score`), and is
    taken over for what is made of the same reconstructions [ours].

    Parameters
    ----------
    values : ndarray, shape (images, …)
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same.
    widening : float
        Standard error of the mean over that of independent images, at least 1.
    estimated : bool
        Whether the widening, if there is one, is itself uncertain: then (G − 1) / 2 degrees
        of freedom are left, which pays for it [ours]; else G − 1.
    """
    values = np.asarray(values, float)
    unit = np.unique(content, return_inverse=True)[1]
    units, images = int(unit.max()) + 1, len(values)
    mean = np.asarray(values.mean(axis=0))
    if units < 2:
        return ImageMeans(mean, np.full(mean.shape, np.nan), units, np.nan)
    total = sums_by_image(values - mean, unit)
    independent = np.sqrt((total**2).sum(axis=0) * units / (units - 1)) / images
    halved = estimated and widening > 1
    freedom = (units - 1) / (2 if halved else 1)
    return ImageMeans(mean, np.asarray(widening * independent), units, freedom)


def one_of(means: ImageMeans, widening: float) -> ImageMean:
    """The only column of `means`, in plain numbers."""
    low, high = means.interval()
    return ImageMean(
        mean=float(means.mean),
        interval=(float(low), float(high)),
        error=float(means.error),
        p=float(means.p_differs()),
        widening=widening,
        units=means.units,
        freedom=means.freedom,
    )
