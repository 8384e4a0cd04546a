"""Means over images that train each other's decoders, from a known widening."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class WidenedMeans:
    """Means over images and their widened standard errors, one for each column.

    `units` is the number of images, those that show the same counting as one.
    """

    mean: np.ndarray
    error: np.ndarray
    units: int

    def interval(self, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Mean ± t · error with (units − 1) / 2 degrees of freedom; NaN for one unit."""
        reach = self._quantile(0.5 + confidence / 2) * self.error
        return self.mean - reach, self.mean + reach

    def p_above(self, limit: float = 0.0) -> np.ndarray:
        """One-sided p of the means being above `limit`; NaN without spread or second unit."""
        known = self.error > 0
        t = (self.mean - limit) / np.where(known, self.error, 1.0)
        return np.where(known, stats.t.sf(t, self._freedom), np.nan)

    def p_differs(self) -> np.ndarray:
        """Two-sided p of the means being zero; 1 where every image has exactly zero."""
        p = 2 * np.minimum(self.p_above(), 1 - self.p_above())
        return np.where((self.error == 0) & (self.mean == 0), 1.0, p)

    @property
    def _freedom(self) -> float:
        return (self.units - 1) / 2 if self.units > 1 else float("nan")

    def _quantile(self, share: float) -> float:
        return float(stats.t.ppf(share, self._freedom))


def widened_means(values: np.ndarray, content: np.ndarray, widening: float) -> WidenedMeans:
    """Means over images and standard errors `widening` times those of independent images [ours].

    The images of other folds train an image's decoder, so scores are not independent. How
    much wider an interval must be is known of the score from all cells (`MeanScore`), and is
    taken over for what is made of the same reconstructions. Half of the degrees of freedom
    pay for the noise of the widening.

    Parameters
    ----------
    values : ndarray, shape (images, …)
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same.
    widening : float
        Standard error over that of independent images.
    """
    values = np.asarray(values, float)
    unit = np.unique(content, return_inverse=True)[1]
    units, images = int(unit.max()) + 1, len(values)
    mean = values.mean(axis=0)
    total = np.zeros((units, *values.shape[1:]))
    np.add.at(total, unit, values - mean)
    if units < 2:
        return WidenedMeans(mean, np.full(np.shape(mean), np.nan), units)
    error = widening * np.sqrt((total**2).sum(axis=0) * units / (units - 1)) / images
    return WidenedMeans(mean, np.asarray(error), units)
