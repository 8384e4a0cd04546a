"""Statistics over pairs: of cells, or of images, with intervals that know pairs share members."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

Interval = tuple[float, float]
NORMAL_95 = 1.96


def mean_over_pairs(
    values: np.ndarray, without: np.ndarray | None = None
) -> tuple[float, Interval]:
    """Mean over pairs of members, and its 95 % interval.

    The interval is a jackknife over members [field]: pairs that share a member are not
    independent, so leaving out pairs one at a time would be too sure of itself. Where all
    values come from the same images, a jackknife over these adds its variance; what pairs
    vary for themselves is in both and taken off once [ours].

    Parameters
    ----------
    values : ndarray, shape (members, members)
        Symmetric; the diagonal and NaN are left out.
    without : ndarray, shape (parts,), optional
        The mean without each part of the images; two parts at least, else no interval.

    Returns
    -------
    mean, (low, high)
        NaN without pairs; the interval needs three members.
    """
    mean, ends = _jackknife([np.isfinite(values), np.nan_to_num(values)], lambda n, x: x / n)
    if without is None:
        return mean, ends
    parts = len(without)
    if parts < 2 or not np.isfinite(ends).all():
        return mean, (np.nan, np.nan)
    pairs = upper(values)
    pairs = pairs[np.isfinite(pairs)]
    over_members = ((ends[1] - ends[0]) / (2 * NORMAL_95)) ** 2
    over_images = (parts - 1) ** 2 / parts * without.var(ddof=1)
    # Images can only add to what is not known.
    error = np.sqrt(over_members + max(over_images - pairs.var() / pairs.size, 0.0))
    reach = stats.t.ppf(0.975, parts - 1) * error
    return mean, (mean - float(reach), mean + float(reach))


def ratio_over_pairs(above: np.ndarray, below: np.ndarray) -> tuple[float, Interval]:
    """Sum over pairs of `above` by that of `below`, and its interval as in `mean_over_pairs`."""
    return _jackknife([above, below], lambda a, b: a / b)


def correlation_over_pairs(first: np.ndarray, second: np.ndarray) -> tuple[float, Interval]:
    """Pearson correlation over pairs that have both, and its interval as in `mean_over_pairs`."""
    both = np.isfinite(first) & np.isfinite(second)
    x, y = (_centred(values, both) for values in (first, second))
    return _jackknife([both, x, y, x * x, y * y, x * y], _pearson)


def upper(values: np.ndarray) -> np.ndarray:
    """Every pair once, as one row."""
    return np.asarray(values[np.triu_indices(len(values), k=1)])


def _centred(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Known values less their mean and others as zero, which keeps sums of squares exact."""
    mean = values[known].mean() if known.any() else 0.0
    return np.where(known, values - mean, 0.0)


def _pearson(
    n: np.ndarray, x: np.ndarray, y: np.ndarray, xx: np.ndarray, yy: np.ndarray, xy: np.ndarray
) -> np.ndarray:
    spread = (xx - x * x / n) * (yy - y * y / n)
    return np.asarray((xy - x * y / n) / np.sqrt(np.where(spread > 0, spread, np.nan)))


def _jackknife(
    values: list[np.ndarray], statistic: Callable[..., np.ndarray]
) -> tuple[float, Interval]:
    """`statistic` of the sums over pairs of each matrix, and its interval over members."""
    members = len(values[0])
    by_member = [np.asarray(v, np.float64).sum(axis=1) - np.diag(v) for v in values]
    totals = [rows.sum() / 2 for rows in by_member]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = float(statistic(*[np.float64(total) for total in totals]))
        without = statistic(*[t - rows for t, rows in zip(totals, by_member, strict=True)])
    if members < 3 or not np.isfinite(found) or not np.isfinite(without).all():
        return found, (np.nan, np.nan)
    error = np.sqrt((members - 1) / members * ((without - without.mean()) ** 2).sum())
    return found, (found - NORMAL_95 * float(error), found + NORMAL_95 * float(error))
