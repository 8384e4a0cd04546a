"""Responses of each cell in units of its own noise, clipped and binned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.responses.incomplete import mean_of_known
from twophoton_decode.responses.responsive.null_sums import BINS
from twophoton_decode.statistics.image_groups import ImageGroups

# One event must not pass alone.
_CLIP = 5.0
_CELLS_AT_ONCE = 512
_SD_BY_MEDIAN, _SD_BY_MEAN = 1.4826, 1.2533
_POOR = 1e-9
_ROUNDING = 16 * np.finfo(float).eps


@dataclass(frozen=True)
class BinnedScores:
    """(R − median) / s, clipped at ±5 and put into bins, of presentations ordered by image.

    Attributes
    ----------
    bins : ndarray of int, shape (ordered presentation, cell)
        0 for -5 to 384 for 5; 0 where the cell misses the presentation.
    known : ndarray of bool, shape (ordered presentation, cell)
        Whether the cell has the presentation.
    group : ndarray of int, shape (ordered presentation,)
        The image group of each.
    sums, count, mean : ndarray, shape (group, cell)
        Sum of the bins of an image's repeats, their number, and mean response; NaN without any.
    level, scale : ndarray, shape (cell,)
        Median response, and the robust SD within images or 1 without any, unit of the responses.
    noise : ndarray, shape (cell,)
        That SD, 0 where repeats never differ, NaN without repeats.
    """

    bins: np.ndarray
    known: np.ndarray
    group: np.ndarray
    sums: np.ndarray
    count: np.ndarray
    mean: np.ndarray
    level: np.ndarray
    scale: np.ndarray
    noise: np.ndarray

    @classmethod
    def of(cls, ordered: np.ndarray, groups: ImageGroups) -> BinnedScores:
        """Scores of responses that are ordered by image, (presentation, cell); NaN if missing.

        Some cells at a time: of many, what comes in between would fill the memory.
        """
        cells, images = ordered.shape[1], groups.count.size
        whole: tuple[np.ndarray, ...] = (
            np.empty(ordered.shape, np.int16), np.empty(ordered.shape, bool),
            np.empty((images, cells), np.int32), np.empty((images, cells), np.int32),
            np.empty((images, cells)), np.empty(cells), np.empty(cells), np.empty(cells),
        )  # fmt: skip
        for some in blocks_of_cells(ordered):
            for of_all, part in zip(whole, _of_cells(ordered[:, some], groups), strict=True):
                of_all[..., some] = part
        bins, known, sums, count, mean, level, scale, noise = whole
        return cls(bins, known, groups.of_row, sums, count, mean, level, scale, noise)

    def response_of(self, bin_mean: np.ndarray) -> np.ndarray:
        """The response, (cell,), whose scores have this mean in bins."""
        return np.asarray(self.level + self.scale * (bin_mean * (2 * _CLIP / BINS) - _CLIP))


def blocks_of_cells(ordered: np.ndarray) -> list[slice]:
    """Columns of `ordered`, 512 at a time; one block where there are none."""
    starts = range(0, max(ordered.shape[1], 1), _CELLS_AT_ONCE)
    return [slice(start, start + _CELLS_AT_ONCE) for start in starts]


def _of_cells(ordered: np.ndarray, groups: ImageGroups) -> tuple[np.ndarray, ...]:
    """The fields of `BinnedScores` but `group`, of some cells."""
    known = np.isfinite(ordered)
    mean = mean_of_known(ordered, groups.start)
    count = groups.sums(known.astype(np.int64))
    noise = robust_sd(ordered, mean[groups.of_row], count[groups.of_row])
    scale = np.where(noise > 0, noise, 1.0)
    level = np.zeros(ordered.shape[1])
    # A cell may miss every presentation, where one repeat was left out.
    some = known.any(axis=0)
    level[some] = np.nanmedian(ordered[:, some], axis=0)
    with np.errstate(over="ignore"):  # what overflows is clipped
        score = (np.where(known, ordered, level) - level) / scale
    score = np.clip(score, -_CLIP, _CLIP)
    bins = np.rint((score + _CLIP) * (BINS / (2 * _CLIP))).astype(np.int64)
    bins[~known] = 0
    return bins, known, groups.sums(bins), count, mean, level, scale, noise


def robust_sd(ordered: np.ndarray, mean: np.ndarray, count: np.ndarray) -> np.ndarray:
    """SD of a cell's responses within images, (cell,), from absolute deviations [ours].

    1.4826 times their median; 1.2533 times their mean where more than half are zero, as in
    counts; 0 for a cell whose repeats never differ, NaN without repeats.

    Parameters
    ----------
    ordered : ndarray, shape (presentation, cell)
        NaN where a cell misses a presentation.
    mean, count : ndarray, shape (presentation, cell)
        Mean over, and number of, the repeats of the presentation's image.
    """
    several = count > 1
    wider = np.sqrt(count / np.maximum(count - 1, 1))
    off = np.abs(ordered - mean)
    # The mean of equal values may miss them by a rounding error, which is no noise.
    off = np.where(off <= _ROUNDING * np.abs(mean), 0.0, off)
    deviation = np.where(several, off * wider, np.nan)
    judged = np.isfinite(deviation).any(axis=0)
    spread = np.full(ordered.shape[1], np.nan)
    some = deviation[:, judged]
    by_median = _SD_BY_MEDIAN * np.nanmedian(some, axis=0)
    poor = by_median <= _POOR * np.nanmax(some, axis=0, initial=0.0)
    spread[judged] = np.where(poor, _SD_BY_MEAN * np.nanmean(some, axis=0), by_median)
    return spread
