"""Cells of several populations made comparable: equal numbers, of equal reliability.

A larger population, or one with steadier cells, decodes every unit better, whatever it represents.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BINS = (10, 5)
"""Parts of equal numbers that reliability is cut into; five where ten leave too few."""
FEWEST_CELLS = 10


def cell_reliability(halves: np.ndarray | None, cells: int) -> np.ndarray:
    """Correlation over pictures of each cell's responses in two halves of the trials, (cells,).

    Stepped up to all trials (Spearman-Brown); 0 where it is not positive, NaN without repeats.

    Parameters
    ----------
    halves : ndarray, shape (2, images, cells), or None
        NaN where a cell has none to an image, which then does not count for it.
    """
    if halves is None:
        return np.full(cells, np.nan)
    known = np.isfinite(halves).all(axis=0)
    given = np.where(known, halves, 0.0)
    count = known.sum(axis=0)
    mean = given.sum(axis=1, keepdims=True) / np.maximum(count, 1)
    first, second = np.where(known, given - mean, 0.0)
    norm = np.sqrt((first**2).sum(axis=0) * (second**2).sum(axis=0))
    rho = np.divide((first * second).sum(axis=0), norm, out=np.zeros(cells), where=norm > 0)
    rho[count < 2] = np.nan
    rho = np.maximum(rho, 0)
    return np.asarray(2 * rho / (1 + rho))


def matching(populations: Sequence[np.ndarray], reliability: np.ndarray) -> list[list[np.ndarray]]:
    """Cells of each population in each bin of reliability; one bin where bins leave too few.

    Parameters
    ----------
    populations : sequence of ndarray of int
        The cells of each.
    reliability : ndarray, shape (cells,)
        NaN: not known.
    """
    every = reliability[np.concatenate(populations)]
    if np.isfinite(every).all():
        for parts in BINS:
            edges = np.quantile(every, np.linspace(0, 1, parts + 1)[1:-1])
            binned = [_cut(own, reliability[own], edges) for own in populations]
            if matched_number(binned) >= FEWEST_CELLS:
                return binned
    return [[own] for own in populations]


def _cut(cells: np.ndarray, reliability: np.ndarray, edges: np.ndarray) -> list[np.ndarray]:
    """The cells between each pair of edges."""
    part = np.searchsorted(edges, reliability, side="right")
    return [cells[part == each] for each in range(len(edges) + 1)]


def matched_number(binned: Sequence[Sequence[np.ndarray]]) -> int:
    """How many cells of each population are drawn."""
    return sum(_numbers(binned))


def matched_cells(
    binned: Sequence[Sequence[np.ndarray]], rng: np.random.Generator
) -> list[np.ndarray]:
    """As many cells of each population, and as many in each bin, drawn without replacement."""
    numbers = _numbers(binned)
    return [
        np.sort(
            np.concatenate(
                [rng.choice(own, n, replace=False) for own, n in zip(bins, numbers, strict=True)]
            )
        )
        for bins in binned
    ]


def _numbers(binned: Sequence[Sequence[np.ndarray]]) -> list[int]:
    """The smallest number of cells over populations, in every bin."""
    return [min(map(len, bins)) for bins in zip(*binned, strict=True)]
