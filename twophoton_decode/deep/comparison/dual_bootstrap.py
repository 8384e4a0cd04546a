"""Intervals of agreement for new pictures and new animals at once [Schütt et al. 2023].

Pictures drawn with replacement enter by their weights: a pair counts by the product of its
pictures' weights, and a picture is never compared with itself. Ranks are those of all pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from twophoton_decode.deep.comparison.agreement import ranks
from twophoton_decode.deep.comparison.dissimilarity import as_matrix, pictures_of

FEWEST_SETS = 4
"""Of two or three animals an interval over animals says nothing: it passes −1 and 1 [ours]."""


@dataclass(frozen=True)
class Agreement:
    """Agreement of models with data, and its intervals; arrays are (model,) or (model, model).

    Attributes
    ----------
    mean : ndarray, shape (model,)
        Over the sets of data.
    low, high : ndarray, shape (model,)
        95 % interval; NaN for two or three sets.
    difference_low, difference_high : ndarray, shape (model, model)
        95 % interval of the first model less the second, paired.
    resampled : ndarray, shape (resample, model)
        Mean over the sets of data, for each draw of pictures.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    difference_low: np.ndarray
    difference_high: np.ndarray
    resampled: np.ndarray


def agreement(
    models: np.ndarray, data: np.ndarray, resamples: int, rng: np.random.Generator
) -> Agreement:
    """Spearman's correlation of models (model, pair) with data (set, pair), with intervals.

    With one set the interval is for new pictures (`picture_variance`); two or three have none.

    Parameters
    ----------
    models, data : ndarray
        Dissimilarities without NaN.
    """
    images, sets = pictures_of(models.shape[1]), len(data)
    drawn = rng.multinomial(images, np.full(images, 1 / images), size=resamples).astype(float)
    whole = _weighted(models, data, np.ones((1, images)))[0]
    by_picture = _weighted(models, data, drawn)
    freedom: float = images - 1
    if sets == 1:
        left_out = _weighted(models, data, 1 - np.eye(images))[..., 0]
        spread = picture_variance(_spread(by_picture[..., 0]), _spread(left_out), images)
        freedom = (images - 1) / 2
    elif sets < FEWEST_SETS:
        spread = np.full((len(models), len(models)), np.nan)
    else:
        chosen = rng.integers(sets, size=(resamples, sets))
        both = np.take_along_axis(by_picture, chosen[:, None, :], axis=2).mean(axis=2)
        by_set = whole[:, chosen].mean(axis=2).T
        pictures = by_picture.mean(axis=2)
        three = np.stack([_spread(each) for each in (both, by_set, pictures)])
        spread = dual_variance(three, sets, images)
        freedom = min(sets, images) - 1
    return _with_intervals(whole.mean(axis=1), spread, freedom, by_picture.mean(axis=2))


def picture_variance(drawn: np.ndarray, left_out: np.ndarray, pictures: int) -> np.ndarray:
    """Variance for new pictures of what is summed over pairs of pictures [ours].

    It has a part from single pictures, and one that is every pair's own. Drawing pictures with
    replacement counts the second about three times, leaving out one picture at a time twice
    [Efron and Stein 1981]; so twice the jackknife less the bootstrap has both once. Kept
    between a third of the bootstrap and all of it. Where a layer and the cells have nothing in
    common, the second part is all there is, and the bootstrap alone 1.7 times too wide.

    Parameters
    ----------
    drawn, left_out : ndarray, shape (…)
        Variance over draws of pictures, and over pictures that are left out, with n − 1.
    """
    bootstrap = drawn * pictures / (pictures - 1)
    jackknife = left_out * (pictures - 1) ** 2 / pictures
    return np.clip(2 * jackknife - bootstrap, bootstrap / 3, bootstrap)


def dual_variance(variance: np.ndarray, sets: int, pictures: int) -> np.ndarray:
    """Variance for new sets and pictures from those of three bootstraps.

    Parameters
    ----------
    variance : ndarray, shape (3, …)
        Of resampling both, sets alone, pictures alone.
    """
    both = variance[0]
    of_sets = variance[1] * sets / (sets - 1)
    of_pictures = variance[2] * pictures / (pictures - 1)
    shared = both - variance[1] - variance[2]
    factor = pictures * sets / ((pictures - 1) * (sets - 1))
    total = of_sets + of_pictures - factor * shared
    return np.minimum(np.maximum(np.maximum(total, of_sets), of_pictures), both)


def _spread(values: np.ndarray) -> np.ndarray:
    """Variance of every model, on the diagonal, and of every difference of two, (model, model)."""
    covariance = np.atleast_2d(np.cov(values, rowvar=False))
    own = np.diag(covariance)
    difference = own[:, None] + own[None, :] - 2 * covariance
    return np.where(np.eye(len(own), dtype=bool), covariance, np.maximum(difference, 0))


def _with_intervals(
    mean: np.ndarray, spread: np.ndarray, freedom: float, resampled: np.ndarray
) -> Agreement:
    half = stats.t.ppf(0.975, freedom) * np.sqrt(np.maximum(spread, 0))
    own, gap = np.diag(half), mean[:, None] - mean[None, :]
    return Agreement(mean, mean - own, mean + own, gap - half, gap + half, resampled)


def _weighted(models: np.ndarray, data: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Correlations (resample, model, set) of ranks, pairs weighted by wᵢwⱼ."""
    total = weight.sum(axis=1) ** 2 - (weight**2).sum(axis=1)
    of_models = list(_moments(models, weight, total))
    found = np.empty((len(weight), len(models), len(data)))
    for place, (theirs, their_mean, their_variance) in enumerate(_moments(data, weight, total)):
        for row, (mine, mean, variance) in enumerate(of_models):
            product = _sum(mine * theirs, weight) / total - mean * their_mean
            found[:, row, place] = product / np.sqrt(variance * their_variance)
    return found


def _moments(
    rows: np.ndarray, weight: np.ndarray, total: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Matrix of centred ranks of each row, with its weighted mean and variance."""
    for row in rows:
        rank = ranks(row)
        matrix = as_matrix((rank - rank.mean()) / rank.std())
        mean = _sum(matrix, weight) / total
        yield matrix, mean, _sum(matrix**2, weight) / total - mean**2


def _sum(matrix: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Σᵢⱼ wᵢ wⱼ Mᵢⱼ for every resample."""
    return np.einsum("bi,bi->b", weight @ matrix, weight)
