"""Exact-tailed Mann-Whitney: an image's ranks among all of the cell's presentations.

The tail is that of the sum of as many ranks drawn at random from the cell's own, ties and all,
so it does not stop at what a normal approximation can reach with few repeats. Ranks are drawn
with replacement, which is slightly conservative [ours].
"""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from twophoton_decode.responses.image_groups import ImageGroups
from twophoton_decode.responses.responsive.null_sums import BINS, NullSums


def rank_test(ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
    """p of an image's responses exceeding the cell's other ones, (group, cell).

    Parameters
    ----------
    ordered : ndarray, shape (presentation, cell)
        Responses ordered by image.
    groups : ImageGroups
    """
    bins = _rank_bins(ordered)
    return _tails(bins, groups.sums(bins), groups.count)


def rank_test_without(ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
    """`rank_test` of each presentation's image without it, (ordered presentation, cell)."""
    bins = _rank_bins(ordered)
    rest = groups.sums(bins)[groups.of_row] - bins
    return _tails(bins, rest, groups.count[groups.of_row] - 1)


def _rank_bins(ordered: np.ndarray) -> np.ndarray:
    rank = rankdata(ordered, axis=0)
    return np.rint(rank * (BINS / len(ordered))).astype(np.int64)


def _tails(bins: np.ndarray, sums: np.ndarray, count: np.ndarray) -> np.ndarray:
    """p of `sums` of `count` bins each, both by row; NaN where fewer than two are judged."""
    p = np.full(sums.shape, np.nan)
    everything = np.ones(bins.shape, dtype=bool)
    for repeats in np.unique(count[count > 1]).tolist():
        rows = np.flatnonzero(count == repeats)
        p[rows] = NullSums.of(bins, everything, repeats).tail(sums[rows])
    return p
