"""Paired tests over sessions: signed ranks, effect size, correction for several tests."""

from __future__ import annotations

import numpy as np
from scipy import stats

FEWEST_PAIRS = 6
"""Two-sided, five pairs that all agree reach p = 2/2⁵ = 0.06 and no less."""
ROUNDING = 1e-9


def difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """First minus second; pairs that differ by rounding alone are equal."""
    gap = first - second
    rounding = ROUNDING * np.maximum(np.abs(first), np.abs(second))
    return np.where(np.abs(gap) <= rounding, 0.0, gap)


def paired_p(difference: np.ndarray) -> float:
    """Two-sided Wilcoxon signed-rank test of paired differences against zero [paper].

    NaN where fewer than six pairs differ: then no outcome could reach 0.05.
    """
    if np.count_nonzero(difference) < FEWEST_PAIRS:
        return float("nan")
    return float(stats.wilcoxon(difference).pvalue)


def rank_biserial(difference: np.ndarray) -> float:
    """Matched-pairs rank-biserial correlation of paired differences [field, Kerby 2014].

    (W₊ − W₋) / (W₊ + W₋) over the signed ranks of the differences that are not zero: 1 when
    all are positive, −1 when all are negative. NaN if none differs.
    """
    nonzero = difference[difference != 0]
    if not nonzero.size:
        return float("nan")
    ranks = stats.rankdata(np.abs(nonzero))
    return float((ranks * np.sign(nonzero)).sum() / ranks.sum())


def holm(p: np.ndarray) -> np.ndarray:
    """p values corrected after Holm (1979) for being several; NaN stay NaN and do not count."""
    corrected = np.full(len(p), np.nan)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return corrected
