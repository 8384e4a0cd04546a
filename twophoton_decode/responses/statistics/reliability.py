"""How well a cell's responses repeat."""

from __future__ import annotations

import numpy as np

from twophoton_decode.statistics.image_groups import ImageGroups
from twophoton_decode.statistics.permutation import p_above

CELLS_TESTED = 300
PERMUTATIONS = 199


def split_half_reliability(
    response: np.ndarray, image: np.ndarray, rng: np.random.Generator, *, splits: int = 50
) -> np.ndarray:
    """Correlation of the tuning in two halves of the repeats, for all repeats [field].

    Per split, the repeats of each image are divided at random and averaged; r is the
    correlation over images of the two halves, averaged over splits, and Spearman-Brown's
    2r / (1 + r) carries it to the full number of repeats. An average r below zero stays as
    it is [ours], since the correction has no meaning there. Images shown once are left out.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
    image : ndarray of int, shape (presentation,)
        Index of the image shown.
    rng : numpy.random.Generator
        Divides the repeats.
    splits : int
        Number of divisions.

    Returns
    -------
    ndarray, shape (cell,)
        NaN with fewer than three images shown twice, or where a half is the same for all
        images.
    """
    repeated = np.bincount(image)[image] > 1
    groups = ImageGroups.of(image[repeated])
    if groups.count.size < 3:
        return np.full(response.shape[1], np.nan)
    ordered = response[repeated][groups.order]
    total = groups.sums(ordered)
    correlation = np.zeros(response.shape[1])
    for _ in range(splits):
        in_first = first_halves(groups, rng)
        first = groups.sums(ordered * in_first[:, None])
        first_count = groups.sums(in_first[:, None].astype(np.float64))
        second = (total - first) / (groups.count[:, None] - first_count)
        correlation += column_correlation(first / first_count, second)
    mean = correlation / splits
    return np.where(mean > 0, 2 * mean / (1 + np.abs(mean)), mean)


def explainable_variance(response: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Share of the single-trial variance that the image explains [field].

    1 - σ²(within images) / σ²(all), with the unbiased variances SSW / (P - I) over P
    presentations of I images and SST / (P - 1): zero on average for a cell that ignores
    the image, and slightly negative by chance.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
    image : ndarray of int, shape (presentation,)
        Index of the image shown.

    Returns
    -------
    ndarray, shape (cell,)
        NaN with one repeat only, or where the response never changes.
    """
    groups = ImageGroups.of(image)
    free = image.size - groups.count.size
    if free == 0:
        return np.full(response.shape[1], np.nan)
    within = groups.deviations(response[groups.order])
    within = np.einsum("pc,pc->c", within, within) / free
    total = response.var(axis=0, ddof=1)
    return 1 - within / np.where(total > 0, total, np.nan)


def oracle_score(response: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Correlation of single trials with the mean of the image's other trials [field].

    Over all presentations of images shown at least twice: what the best predictor that
    knows the other trials would score.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
    image : ndarray of int, shape (presentation,)
        Index of the image shown.

    Returns
    -------
    ndarray, shape (cell,)
        NaN with fewer than two images shown twice, or where nothing varies.
    """
    repeated = np.bincount(image)[image] > 1
    groups = ImageGroups.of(image[repeated])
    if groups.count.size < 2:
        return np.full(response.shape[1], np.nan)
    ordered = response[repeated][groups.order]
    others = groups.sums(ordered)[groups.of_row] - ordered
    others /= groups.count[groups.of_row, None] - 1
    return column_correlation(ordered, others)


def oracle_p(response: np.ndarray, image: np.ndarray, rng: np.random.Generator) -> float:
    """One-sided p of the mean oracle score over cells, images permuted over presentations [ours].

    Cells share noise, and of a cell that ignores the image the score is below zero on average,
    so a test over cells against zero would be wrong twice. The r-th presentations of all
    images exchange their images among themselves, 199 times, which keeps blocks of a session.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
        Of more than 300 cells, so many are drawn.
    image : ndarray of int, shape (presentation,)
        Index of the image shown.

    Returns
    -------
    float
        NaN where no cell has a score.
    """
    if response.shape[1] > CELLS_TESTED:
        some = rng.choice(response.shape[1], CELLS_TESTED, replace=False)
        response = response[:, some]
    found = oracle_score(response, image)
    known = np.isfinite(found)
    if not known.any():
        return float("nan")
    place = np.empty(image.size, dtype=np.int64)
    groups = ImageGroups.of(image)
    place[groups.order] = np.arange(image.size) - groups.start[groups.of_row]
    rounds = [np.flatnonzero(place == each) for each in range(groups.count.max())]
    chance = np.empty(PERMUTATIONS)
    for draw in range(PERMUTATIONS):
        exchanged = image.copy()
        for rows in rounds:
            exchanged[rows] = image[rng.permutation(rows)]
        chance[draw] = oracle_score(response[:, known], exchanged).mean()
    return p_above(float(found[known].mean()), chance)


def first_halves(groups: ImageGroups, rng: np.random.Generator) -> np.ndarray:
    """Which of the ordered presentations fall into the first half of their image's."""
    return random_place(groups, rng) < groups.count[groups.of_row] // 2


def random_place(groups: ImageGroups, rng: np.random.Generator) -> np.ndarray:
    """A place 0, 1, … for each ordered presentation among its image's, drawn at random."""
    key = groups.of_row + rng.random(groups.of_row.size)
    place = np.empty(key.size, dtype=np.int64)
    place[np.argsort(key)] = np.arange(key.size)
    return np.asarray(place - groups.start[groups.of_row])


def column_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pearson correlation of each column of `a` with that of `b`; NaN for a constant one."""
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    norm = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    return (a * b).sum(axis=0) / np.where(norm > 0, norm, np.nan)
