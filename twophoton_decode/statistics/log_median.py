"""The median of ratios over cells that share trials and partners: its interval and its test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

FEWEST_DRAWS = 5


@dataclass(frozen=True)
class LogMedian:
    """A median of positive ratios, its 95 % interval, and a two-sided p of its being 1.

    Interval and p are NaN where the error is not known.
    """

    median: float
    interval: tuple[float, float]
    p: float

    @classmethod
    def against_chance(cls, ratios: np.ndarray, chance: np.ndarray) -> LogMedian:
        """With the spread of what chance makes of the log of the median, (draws,).

        Few draws give its mean and spread rather than p itself, so p is Student's [ours].
        """
        median, log = _log_of_median(ratios)
        draws = len(chance)
        if draws < FEWEST_DRAWS:
            return cls(median, (np.nan, np.nan), np.nan)
        error = float(chance.std(ddof=1)) * np.sqrt(1 + 1 / draws)
        p = _p((log - chance.mean()) / error, draws - 1) if error > 0 else np.nan
        return cls(median, _around(log, error, draws - 1), p)


def log_median(
    ratios: np.ndarray, without: np.ndarray, bootstraps: int, rng: np.random.Generator
) -> LogMedian:
    """With the variance over cells, by bootstrap, and over images, by leaving parts out [ours].

    Cells that were recorded and images that were shown are both samples; as cells share the
    images, the variance over cells alone would not do. Variances of the log are added; that
    over images is of the mean of the logs, as a median jumps when a part is left out.
    Cells know some of what images do, so that the interval errs on the wide side.

    Parameters
    ----------
    ratios : ndarray, shape (cells,)
    without : ndarray, shape (parts, cells)
        The same without each part of the images; needs two parts.
    """
    median, log = _log_of_median(ratios)
    parts = len(without)
    drawn = ratios[rng.integers(0, len(ratios), (bootstraps, len(ratios)))]
    known = (np.isfinite(without) & (without > 0)).all(axis=0) if parts else np.empty(0, bool)
    if parts < 2 or len(ratios) < 2 or not (median > 0 and known.any()):
        return LogMedian(median, (np.nan, np.nan), np.nan)
    left = np.log(without[:, known]).mean(axis=1)
    over_cells = np.log(np.median(drawn, axis=1)).var()
    over_images = (parts - 1) ** 2 / parts * left.var(ddof=1)
    variance = float(over_cells + over_images)
    if not variance > 0:
        return LogMedian(median, (np.nan, np.nan), np.nan)
    # The fewer degrees of freedom of both: with those of the sum, a tenth of curves is missed.
    error = float(np.sqrt(variance))
    return LogMedian(median, _around(log, error, parts - 1), _p(log / error, parts - 1))


def _log_of_median(ratios: np.ndarray) -> tuple[float, float]:
    median = float(np.median(ratios))
    return median, float(np.log(median)) if median > 0 else np.nan


def _around(log: float, error: float, freedom: int) -> tuple[float, float]:
    reach = float(stats.t.ppf(0.975, freedom)) * error
    return float(np.exp(log - reach)), float(np.exp(log + reach))


def _p(t: float, freedom: int) -> float:
    return float(2 * stats.t.sf(abs(t), freedom))
