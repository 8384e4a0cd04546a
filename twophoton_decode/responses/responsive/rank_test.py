"""Exact-tailed Mann-Whitney: an image's ranks among all of the cell's presentations.

The tail is that of the sum of as many ranks drawn at random from the cell's own, ties and all,
so it does not stop at what a normal approximation can reach with few repeats. Ranks are drawn
with replacement, which is slightly conservative [ours].
"""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from twophoton_decode.responses.responsive.null_sums import BINS, NullSums
from twophoton_decode.statistics.image_groups import ImageGroups


def rank_test(ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
    """p of an image's responses exceeding the cell's other ones, (group, cell); NaN if shown once.

    Parameters
    ----------
    ordered : ndarray, shape (presentation, cell)
        Responses ordered by image.
    groups : ImageGroups
    """
    rank = rankdata(ordered, axis=0)
    bins = np.rint(rank * (BINS / len(ordered))).astype(np.int64)
    sums = groups.sums(bins)
    everything = np.ones(bins.shape, dtype=bool)
    p = np.full(sums.shape, np.nan)
    for repeats in np.unique(groups.count[groups.count > 1]).tolist():
        rows = np.flatnonzero(groups.count == repeats)
        p[rows] = NullSums.of(bins, everything, repeats).tail(sums[rows])
    return p
