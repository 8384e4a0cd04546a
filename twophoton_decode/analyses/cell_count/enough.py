"""What cell-count curves say over images: 95 % count, held-out count, chance, tests."""

from __future__ import annotations

import numpy as np

from twophoton_decode.statistics.bootstrap import resampled_means

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
    r: np.ndarray,
    cells: np.ndarray,
    content: np.ndarray,
    bootstraps: int,
    rng: np.random.Generator,
    level: float = 0.95,
) -> tuple[float, tuple[float, float], tuple[float, float]]:
    """95 % count with its interval, and the interval of mean R from all cells.

    Images are resampled, those of equal content together, and everything is computed anew
    from the resample: mean curve, R from all cells, count. Folds share training data, so the
    intervals are approximate.

    Parameters
    ----------
    r : ndarray, shape (images, counts)
    cells : ndarray of int, shape (counts,)
        The number of cells at each count, the last one being all.
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same.
    level : float
        Of both intervals.

    Returns
    -------
    count, interval of count, interval of R
        The first two are NaN if the interval of R is not above 0.
    """
    curves = resampled_means(np.asarray(r, float), content, bootstraps, rng)
    low, high = _interval(curves[:, -1], level)
    if not low > 0:
        return np.nan, (np.nan, np.nan), (low, high)
    count = float(cells[count_reaching(r.mean(axis=0))])
    return count, _interval(cells[count_reaching(curves)], level), (low, high)


def _interval(values: np.ndarray, level: float) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def heldout_count(r: np.ndarray, same: np.ndarray) -> np.ndarray:
    """For each image, the count that maximises the mean curve over the other images [ours].

    Parameters
    ----------
    r : ndarray, shape (images, counts)
    same : ndarray of bool, shape (images, images)
        Pairs of images of equal content, each image with itself among them.

    Returns
    -------
    ndarray of int, shape (images,)
        The place on the curve, at least 1; the first of equals.
    """
    others = r.sum(axis=0) - same.astype(float) @ r
    return 1 + others[:, 1:].argmax(axis=1)


def mean_over_wrong(table: np.ndarray, same: np.ndarray) -> np.ndarray:
    """Mean of each row over images of other content, NaN if there are none.

    Parameters
    ----------
    table : ndarray, shape (rows, images)
        Row: image decoded; column: image scored against.
    same : ndarray of bool, shape (rows, images)
        Pairs of images of equal content.
    """
    rivals = (~same).sum(axis=1)
    mean: np.ndarray = np.where(same, 0.0, table).sum(axis=1) / np.where(rivals, rivals, np.nan)
    return mean
