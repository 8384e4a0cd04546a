"""What cell-count curves say over images: 95 % count, held-out count, chance, tests."""

from __future__ import annotations

import numpy as np
from scipy import stats

SHARE = 0.95


def count_reaching(curve: np.ndarray) -> np.ndarray:
    """Smallest count with 95 % of the curve's last value [ours].

    Parameters
    ----------
    curve : ndarray, shape (..., cells + 1)
        Mean R at 0…N cells.

    Returns
    -------
    ndarray, shape (...)
        All N cells where the last value is not positive: nothing less was shown to do.
    """
    enough = curve >= SHARE * curve[..., -1:]
    positive = curve[..., -1] > 0
    return np.where(positive, enough.argmax(axis=-1), curve.shape[-1] - 1)


def bootstrap_count(
    r: np.ndarray, bootstraps: int, rng: np.random.Generator
) -> tuple[float, tuple[float, float], tuple[float, float]]:
    """95 % count with its interval, and the interval of mean R from all cells.

    Images are resampled and everything is computed anew from the resample: mean curve,
    R from all cells, count. Folds share training data, so the intervals are approximate.

    Parameters
    ----------
    r : ndarray, shape (images, cells + 1)

    Returns
    -------
    count, interval of count, interval of R
        The first two are NaN if the interval of R is not above 0.
    """
    draws = rng.multinomial(len(r), np.full(len(r), 1 / len(r)), size=bootstraps)
    curves = draws @ r / len(r)
    low, high = (float(edge) for edge in np.quantile(curves[:, -1], [0.025, 0.975]))
    if not low > 0:
        return np.nan, (np.nan, np.nan), (low, high)
    edges = np.quantile(count_reaching(curves), [0.025, 0.975])
    return float(count_reaching(r.mean(axis=0))), (float(edges[0]), float(edges[1])), (low, high)


def heldout_count(r: np.ndarray) -> np.ndarray:
    """For each image, the count that maximises the mean curve over the other images [ours].

    Parameters
    ----------
    r : ndarray, shape (images, cells + 1)

    Returns
    -------
    ndarray of int, shape (images,)
        At least one cell; the smallest of equals.
    """
    others = r.sum(axis=0) - r
    return 1 + others[:, 1:].argmax(axis=1)


def deranged_means(table: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Mean of one entry per row, in columns exchanged so that none stays on the diagonal.

    Parameters
    ----------
    table : ndarray, shape (images, images)
        Row: image decoded; column: image scored against.

    Returns
    -------
    ndarray, shape (draws,)
    """
    rows = np.arange(len(table))
    return np.array([table[rows, _derangement(len(table), rng)].mean() for _ in range(draws)])


def _derangement(size: int, rng: np.random.Generator) -> np.ndarray:
    """A uniformly drawn permutation without fixed points; about e draws each."""
    while True:
        permutation = rng.permutation(size)
        if not np.any(permutation == np.arange(size)):
            return permutation


def p_above(value: float, chance: np.ndarray) -> float:
    """One-sided (1 + number of chance values at least as large) / (1 + their number)."""
    return float((1 + np.count_nonzero(chance >= value)) / (1 + len(chance)))


def signed_rank_p(first: np.ndarray, second: np.ndarray) -> float:
    """Two-sided Wilcoxon signed-rank test of paired values; 1 if no pair differs."""
    if np.array_equal(first, second):
        return 1.0
    return float(stats.wilcoxon(first, second).pvalue)
