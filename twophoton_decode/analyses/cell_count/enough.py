"""From how many cells on a curve gives 95 % of what all cells give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.statistics.bootstrap import resampled_means
from twophoton_decode.statistics.image_mean import ImageMeans, image_means

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


def count_staying(curve: np.ndarray) -> np.ndarray:
    """Smallest count from which the curve stays at 95 % of its last value [ours].

    Not below `count_reaching`, and above it where the curve falls below again.

    Parameters
    ----------
    curve : ndarray, shape (..., cells + 1)

    Returns
    -------
    ndarray, shape (...)
        The last place where the last value is not positive.
    """
    positive = curve[..., -1] > 0
    stays = first_staying(curve >= SHARE * curve[..., -1:])
    return np.where(positive, stays, curve.shape[-1] - 1)


def first_staying(true: np.ndarray) -> np.ndarray:
    """First place from which all are true along the last axis; their number if the last is not."""
    false_from_end = ~true[..., ::-1]
    return np.where(false_from_end.any(axis=-1), true.shape[-1] - false_from_end.argmax(axis=-1), 0)


@dataclass(frozen=True)
class EnoughCells:
    """How many cells give 95 % of R from all, with the interval of that number.

    NaN where the interval of R from all cells is not above 0.
    """

    count: float
    interval: tuple[float, float]


UNDEFINED = EnoughCells(np.nan, (np.nan, np.nan))


def enough_cells(
    r: np.ndarray, cells: np.ndarray, content: np.ndarray, widening: float
) -> EnoughCells:
    """From how many cells on R stays within 5 % of R from all, and is shown to [ours].

    With D_n = R_n − 0.95 R_all of each image, the count is the smallest one from which the
    mean of D stays at 0 or above. From the upper limit on, the interval of the mean of D is
    not below 0: that so many cells suffice is shown, with a margin of 5 %. From the lower
    limit on, it reaches 0: that fewer do not suffice is shown. Counts are tested from all
    cells downwards until one fails, so that their number costs nothing.

    Parameters
    ----------
    r : ndarray, shape (images, counts)
    cells : ndarray of int, shape (counts,)
        The number of cells at each count, the last one being all.
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same.
    widening : float
        Standard error of mean R over that of independent images.
    """
    r = np.asarray(r, float)
    if not image_means(r[:, -1], content, widening=widening).interval()[0] > 0:
        return UNDEFINED
    low, high = margin_left(r, content, widening).interval()
    limits = tuple(float(cells[first_staying(end >= 0)]) for end in (high, low))
    return EnoughCells(float(cells[count_staying(r.mean(axis=0))]), (limits[0], limits[1]))


def margin_left(r: np.ndarray, content: np.ndarray, widening: float) -> ImageMeans:
    """Means over images of R_n − 0.95 R_all; above 0, n cells suffice.

    Parameters
    ----------
    r : ndarray, shape (images, counts)
    """
    r = np.asarray(r, float)
    return image_means(r - SHARE * r[:, -1:], content, widening=widening)


def bootstrap_count(
    r: np.ndarray,
    cells: np.ndarray,
    content: np.ndarray,
    bootstraps: int,
    rng: np.random.Generator,
    widening: float,
    level: float = 0.95,
) -> tuple[EnoughCells, tuple[float, float]]:
    """95 % count, the first crossing, with its interval, and the interval of R from all cells.

    Images are resampled, those of equal content together. How far each resampled mean curve
    lies from the mean curve is multiplied by the widening, and the count is taken anew.

    Parameters
    ----------
    r, cells, content, widening
        As in `enough_cells`.
    level : float
        Of both intervals.

    Returns
    -------
    count with its interval, interval of mean R
    """
    r = np.asarray(r, float)
    mean = r.mean(axis=0)
    low, high = image_means(r[:, -1], content, widening=widening).interval(level)
    of_r = float(low), float(high)
    if not low > 0:
        return UNDEFINED, of_r
    curves = mean + widening * (resampled_means(r, content, bootstraps, rng) - mean)
    ends = np.quantile(cells[count_reaching(curves)], [(1 - level) / 2, (1 + level) / 2])
    count = float(cells[count_reaching(mean)])
    return EnoughCells(count, (float(ends[0]), float(ends[1]))), of_r


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
