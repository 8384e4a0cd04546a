"""One-sided tests of whether a cell responds to an image, from all repeats or all but one.

Every function takes presentations ordered by image (`ImageGroups`) and gives one p per
image and cell, or one per presentation and cell when the presentation itself is left out.
p is NaN where fewer than two repeats are judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from scipy.special import stdtr
from scipy.stats import rankdata

from twophoton_decode.responses.responsive.null_sums import BINS, NullSums
from twophoton_decode.statistics.image_groups import ImageGroups

RepeatTest = Callable[[np.ndarray], np.ndarray]
"""p of ``(…, repeat, cell)`` over repeats, shape ``(…, cell)``."""


def t_test(values: np.ndarray) -> np.ndarray:
    """p of the mean over repeats being above zero: one-sample Student t [field].

    Values that never change give p = 0 above zero, else 1.
    """
    n = values.shape[-2]
    if n < 2:
        return _undefined(values)
    mean = values.mean(axis=-2)
    error = values.std(axis=-2, ddof=1) / np.sqrt(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where((error == 0) & (mean == 0), -np.inf, mean / error)
    return stdtr(n - 1, -t)


def signed_rank(values: np.ndarray) -> np.ndarray:
    """p of the values over repeats lying above zero: Wilcoxon's signed-rank [field].

    Zeros are left out, equal sizes share their mean rank, and p comes from the exact
    distribution without ties, taken at the next lower sum of ranks [ours: never too small].
    """
    n = values.shape[-2]
    if n < 2:
        return _undefined(values)
    is_zero = values == 0
    # Zeros have the lowest ranks; taking their number off ranks the others among themselves.
    zeros = is_zero.sum(axis=-2)
    rank = rankdata(np.abs(values), axis=-2) - zeros[..., None, :]
    positive = np.where(values > 0, rank, 0.0).sum(axis=-2)
    return _signed_rank_tail(n)[n - zeros, np.floor(positive).astype(np.int64)]


def rank_test(ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
    """p of an image's ranks among all of the cell's presentations, shape (group, cell).

    Mann-Whitney with the tail of the sum of as many ranks drawn at random from the cell's own,
    ties and all, so that it does not stop at what a normal approximation can reach with few
    repeats. Ranks are drawn with replacement, which is slightly conservative [ours].
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


def over_repeats(test: RepeatTest, ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
    """p of each image and cell, shape (group, cell)."""
    return np.stack([test(rows) for rows in _rows(ordered, groups)])


def over_other_repeats(test: RepeatTest, ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
    """p of each presentation's image without it, shape (ordered presentation, cell)."""
    return np.concatenate([test(rows[_others(len(rows))]) for rows in _rows(ordered, groups)])


def _rows(ordered: np.ndarray, groups: ImageGroups) -> Iterator[np.ndarray]:
    """The presentations of one image after the other, each (repeat, cell)."""
    for start, count in zip(groups.start, groups.count, strict=True):
        yield ordered[start : start + count]


@lru_cache(maxsize=16)
def _others(n: int) -> np.ndarray:
    """Row i holds 0 … n-1 without i, shape (n, n - 1)."""
    return np.array([[j for j in range(n) if j != i] for i in range(n)], dtype=np.int64)


@lru_cache(maxsize=16)
def _signed_rank_tail(n: int) -> np.ndarray:
    """P(W+ >= w) for w = 0, 1, … (columns) and 0 … n values (rows), all signs alike."""
    sums = n * (n + 1) // 2 + 1
    chance = np.zeros((n + 1, sums))
    chance[0, 0] = 1.0
    for k in range(1, n + 1):
        chance[k] = chance[k - 1] / 2
        chance[k, k:] += chance[k - 1, : sums - k] / 2
    return np.cumsum(chance[:, ::-1], axis=1)[:, ::-1]


def _undefined(values: np.ndarray) -> np.ndarray:
    return np.full((*values.shape[:-2], values.shape[-1]), np.nan)
