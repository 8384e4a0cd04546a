"""Responses of each cell in units of its own noise, clipped and binned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.responses.image_groups import ImageGroups
from twophoton_decode.responses.responsive.null_sums import BINS

# One event must not pass alone.
_CLIP = 5.0
_SD_BY_MEDIAN, _SD_BY_MEAN = 1.4826, 1.2533
_POOR = 1e-9


@dataclass(frozen=True)
class BinnedScores:
    """(R − median) / s, clipped at ±5 and put into bins.

    Attributes
    ----------
    bins : ndarray of int, shape (ordered presentation, cell)
        0 for -5 to 384 for 5.
    group : ndarray of int, shape (ordered presentation,)
        The image group of each.
    level, scale : ndarray, shape (cell,)
        Median response, and the robust SD within images, unit of the responses.
    """

    bins: np.ndarray
    group: np.ndarray
    level: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, ordered: np.ndarray, groups: ImageGroups) -> BinnedScores:
        """Scores of responses that are ordered by image, (presentation, cell)."""
        scale = robust_sd(ordered, groups)
        level = np.median(ordered, axis=0)
        score = np.clip((ordered - level) / scale, -_CLIP, _CLIP)
        bins = np.rint((score + _CLIP) * (BINS / (2 * _CLIP))).astype(np.int64)
        return cls(bins, groups.of_row, level, scale)

    def response_of(self, bin_mean: np.ndarray) -> np.ndarray:
        """The response, (cell,), whose scores have this mean in bins."""
        return np.asarray(self.level + self.scale * (bin_mean * (2 * _CLIP / BINS) - _CLIP))


def robust_sd(ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
    """SD of a cell's responses within images, (cell,), from absolute deviations [ours].

    1.4826 times their median; 1.2533 times their mean where more than half are zero, as in
    counts; 1 for a cell that never changes, and without repeats.
    """
    several = groups.count[groups.of_row] > 1
    if not several.any():
        return np.ones(ordered.shape[1])
    count = groups.count[groups.of_row][several, None]
    deviation = np.abs(groups.deviations(ordered)[several]) * np.sqrt(count / (count - 1))
    by_median = _SD_BY_MEDIAN * np.median(deviation, axis=0)
    largest = deviation.max(axis=0, initial=0.0)
    spread = np.where(by_median <= _POOR * largest, _SD_BY_MEAN * deviation.mean(axis=0), by_median)
    return np.where(spread > 0, spread, 1.0)
