"""Cells that miss some presentations: each is described by those that it has.

A response that is missing is NaN in what is called `known` here. Cells that miss the same
presentations are treated together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

CellStatistic = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""One number per cell from responses (presentation, cell) and image (presentation,)."""


def known_responses(response: np.ndarray, filled: np.ndarray | None) -> np.ndarray:
    """Responses with NaN where they were filled in."""
    return response if filled is None else np.where(filled, np.nan, response)


def same_presentations(known: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Indices of cells that have the same presentations, and of these presentations."""
    missing = np.isnan(known)
    if not missing.any():
        yield np.arange(known.shape[1]), np.arange(len(known))
        return
    packed = np.packbits(missing, axis=0).T
    pattern = np.unique(packed, axis=0, return_inverse=True)[1].ravel()
    cells = np.argsort(pattern, kind="stable")
    for group in np.split(cells, np.cumsum(np.bincount(pattern))[:-1]):
        yield group, np.flatnonzero(~missing[:, group[0]])


def per_cell(statistic: CellStatistic, known: np.ndarray, image: np.ndarray) -> np.ndarray:
    """A statistic of every cell, from the presentations that it has, shape (cell,)."""
    if not np.isnan(known).any():
        return statistic(known, image)
    found = np.full(known.shape[1], np.nan)
    for cells, rows in same_presentations(known):
        found[cells] = statistic(known[np.ix_(rows, cells)], image[rows])
    return found


def mean_of_known(rows: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Mean of the known rows from each start to the next, (start, cell); NaN without any."""
    known = np.isfinite(rows)
    total = np.add.reduceat(np.where(known, rows, 0.0), starts, axis=0)
    count = np.add.reduceat(known.astype(np.int64), starts, axis=0)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def mean_known(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean of the finite values along an axis; NaN without any."""
    known = np.isfinite(values)
    total, count = np.where(known, values, 0.0).sum(axis=axis), known.sum(axis=axis)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def as_expected(known: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Responses with the cell's mean to the image where they are missing.

    So they deviate from it by nothing. A cell that misses every presentation of an image
    gets its mean over all. For descriptions of residuals only: these values know the image.
    """
    if not np.isnan(known).any():
        return known
    order = np.argsort(image, kind="stable")
    _, starts, group = np.unique(image[order], return_index=True, return_inverse=True)
    mean = mean_of_known(known[order], starts)
    mean = np.where(np.isnan(mean), np.nanmean(known, axis=0), mean)
    expected = np.empty_like(known)
    expected[order] = mean[group]
    return np.where(np.isnan(known), expected, known)
