"""Dissimilarities of pictures, from responses of cells or units of a layer.

They are kept as a row of pairs: of n pictures (0, 1), (0, 2), …, (0, n−1), (1, 2), …
"""

from __future__ import annotations

import math

import numpy as np


def crossnobis(R: np.ndarray, image: np.ndarray, repeat: np.ndarray, images: int) -> np.ndarray:
    """Squared distance of mean responses, cross-validated over repeats [Walther et al. 2016].

    The mean of (xᵢₐ − xⱼₐ)·(xᵢᵦ − xⱼᵦ) over pairs of different repeats a ≠ b, per cell: noise
    that is independent between repeats adds nothing, so equal pictures have 0 on average and
    values below 0 occur. It equals leaving one repeat out, as rsatoolbox does.

    Parameters
    ----------
    R : ndarray, shape (presentation, cell)
        Responses, in units in which the cells' noise is comparable.
    image, repeat : ndarray of int, shape (presentation,)
        Of each presentation; noise is taken to be independent between repeats.
    images : int

    Returns
    -------
    ndarray, shape (pair,)
        NaN where no two different repeats of the pictures are there.
    """
    sums = _sums(R, image, images)
    crossed = sums @ sums.T
    shown = np.zeros((images, repeat.max(initial=-1) + 1))
    for each in range(shown.shape[1]):
        here = repeat == each
        once = _sums(R[here], image[here], images)
        crossed -= once @ once.T
        shown[:, each] = np.bincount(image[here], minlength=images)
    count = shown.sum(axis=1)
    pairs = np.outer(count, count) - shown @ shown.T
    with np.errstate(invalid="ignore", divide="ignore"):
        kernel = np.where(pairs > 0, crossed / pairs, np.nan)
    return _row(_distances(kernel)) / R.shape[1]


def correlation_distance(patterns: np.ndarray) -> np.ndarray:
    """1 − Pearson's r of the patterns (image, unit), shape (pair,); NaN where one is flat."""
    centred = patterns - patterns.mean(axis=1, keepdims=True)
    norm = np.sqrt(np.einsum("ij,ij->i", centred, centred))
    flat = norm <= 1e-12 * np.abs(patterns).max(initial=0)
    unit = centred / np.where(flat, np.nan, norm)[:, None]
    return 1 - _row(unit @ unit.T)


def mean_patterns(R: np.ndarray, image: np.ndarray, images: int) -> np.ndarray:
    """Mean response to each picture, (image, cell); NaN where it was not shown."""
    count = np.bincount(image, minlength=images)
    with np.errstate(invalid="ignore"):
        return np.asarray(_sums(R, image, images) / count[:, None])


def pictures_of(pairs: int) -> int:
    """How many pictures have so many pairs."""
    return (1 + math.isqrt(1 + 8 * pairs)) // 2


def as_matrix(row: np.ndarray) -> np.ndarray:
    """Pairs (…, pair) as symmetric matrices (…, image, image) with zeros on the diagonal."""
    images = pictures_of(row.shape[-1])
    matrix = np.zeros((*row.shape[:-1], images, images))
    first, second = np.triu_indices(images, 1)
    matrix[..., first, second] = matrix[..., second, first] = row
    return matrix


def _sums(R: np.ndarray, image: np.ndarray, images: int) -> np.ndarray:
    total = np.zeros((images, R.shape[1]))
    np.add.at(total, image, R)
    return total


def _distances(kernel: np.ndarray) -> np.ndarray:
    own = np.diag(kernel)
    return own[:, None] + own[None, :] - kernel - kernel.T


def _row(matrix: np.ndarray) -> np.ndarray:
    return matrix[np.triu_indices(len(matrix), 1)]
