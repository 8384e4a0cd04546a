"""Rank correlations over units, many at once, as they are and given what units are like."""

from __future__ import annotations

import numpy as np
from scipy.stats import kurtosis, rankdata


def ranked(accuracy: np.ndarray) -> np.ndarray:
    """Ranks over units (…, units) with mean 0 and norm 1; zero where all units are equal."""
    order = np.argsort(accuracy, axis=-1)
    if (np.diff(np.take_along_axis(accuracy, order, axis=-1), axis=-1) == 0).any():
        # Ties get their mean rank: broken by the order of units, they would agree by themselves.
        return _unit_norm(np.asarray(rankdata(accuracy, axis=-1), float))
    ranks = np.empty(accuracy.shape)
    np.put_along_axis(ranks, order, np.arange(accuracy.shape[-1], dtype=float), axis=-1)
    return _unit_norm(ranks)


def given(ranks: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Ranks (…, units) less what they have of the columns of `like`, mean 0 and norm 1.

    Parameters
    ----------
    like : ndarray, shape (units, k)
        From `what_units_are_like`; orthonormal.
    """
    return _unit_norm(ranks - (ranks @ like) @ like.T)


def what_units_are_like(features: np.ndarray) -> np.ndarray:
    """Orthonormal columns (units, ≤ 3) that span the ranks of mean, SD and kurtosis.

    Parameters
    ----------
    features : ndarray, shape (images, units)
        Of all pictures; no unit is constant.
    """
    features = np.asarray(features, float)
    columns = features.mean(axis=0), features.std(axis=0), kurtosis(features, axis=0)
    base, size, _ = np.linalg.svd(np.stack([ranked(each) for each in columns], axis=1),
                                  full_matrices=False)  # fmt: skip
    return np.asarray(base[:, size > 1e-6])


def _unit_norm(rows: np.ndarray) -> np.ndarray:
    rows = rows - rows.mean(axis=-1, keepdims=True)
    norm = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.divide(rows, norm, out=np.zeros_like(rows), where=norm > 1e-9)


def along(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Correlations of rows with norm 1, pair by pair, (…,)."""
    return np.einsum("...u,...u->...", first, second)
