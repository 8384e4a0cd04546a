"""How alike two sets of dissimilarities are, and how alike they could be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import rankdata

from twophoton_decode.deep.comparison.dissimilarity import as_matrix

Measure = Callable[[np.ndarray, np.ndarray], np.ndarray]


def spearman(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Rank correlations (a, b) of dissimilarities (a, pair) and (b, pair); NaN where one is flat.

    Pairs that are NaN anywhere count for none.
    """
    return _cosines(*(_centred(ranks(each)) for each in _defined(first, second)))


def whitened_cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosines (a, b) after whitening by the errors' covariance [Diedrichsen et al. 2021].

    Dissimilarities that share a picture have errors in common. For equal and independent
    errors of the patterns, the whitened cosine is that of the doubly centred matrices −D/2.
    NaN where a pair is undefined or a set is flat.
    """
    return _cosines(*(_doubly_centred(each) for each in (first, second)))


def ranks(row: np.ndarray) -> np.ndarray:
    """Ranks within each row (…, pair), ties at their mean."""
    return np.asarray(rankdata(row, axis=-1), float)


def ceilings(rdms: np.ndarray, measure: Measure = spearman) -> tuple[float, float]:
    """Lower and upper bound of what a perfect model would reach [Nili et al. 2014].

    The mean agreement of each set with the pooled others, and with all pooled; NaN for one.

    Parameters
    ----------
    rdms : ndarray, shape (set, pair)
        Dissimilarities of several animals, or of halves of the repeats.
    """
    if len(rdms) < 2:
        return np.nan, np.nan
    pooled = _pooled(rdms, measure)
    others = [_pooled(np.delete(rdms, each, axis=0), measure) for each in range(len(rdms))]
    lower = [measure(one[None], rdms[[each]])[0, 0] for each, one in enumerate(others)]
    return float(np.mean(lower)), float(measure(pooled[None], rdms).mean())


def _pooled(rdms: np.ndarray, measure: Measure) -> np.ndarray:
    """The mean of ranks, or of sets at equal size: what agrees best with all by that measure."""
    if measure is spearman:
        return ranks(rdms).mean(axis=0)
    size = np.sqrt(np.nanmean(rdms**2, axis=1, keepdims=True))
    return np.asarray((rdms / size).mean(axis=0))


def _defined(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = np.isfinite(first).all(axis=0) & np.isfinite(second).all(axis=0)
    return first[:, known], second[:, known]


def _centred(row: np.ndarray) -> np.ndarray:
    return row - row.mean(axis=1, keepdims=True)


def _doubly_centred(row: np.ndarray) -> np.ndarray:
    matrix = as_matrix(row)
    by_row = matrix.mean(axis=-1, keepdims=True)
    whole = by_row.mean(axis=-2, keepdims=True)
    centred = matrix - by_row - by_row.swapaxes(-1, -2) + whole
    return -centred.reshape(len(row), -1) / 2


def _cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    norms = [np.sqrt(np.einsum("ij,ij->i", each, each)) for each in (first, second)]
    known = [np.where(norm > 0, norm, np.nan) for norm in norms]
    return np.asarray((first / known[0][:, None]) @ (second / known[1][:, None]).T)
