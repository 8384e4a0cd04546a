"""The default test of responsive pairs: each image against the cell's own null.

The null of a cell is made of its presentations of images that it is not found to respond to,
so it holds the cell's spontaneous events and the skew of its noise. Found pairs leave the
null, and the test is repeated until nothing changes [ours].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twophoton_decode.responses.responsive.null_sums import NullSums
from twophoton_decode.responses.responsive.scores import BinnedScores
from twophoton_decode.statistics.image_groups import ImageGroups
from twophoton_decode.statistics.permutation import discovery_cut

_MOST_ROUNDS = 10
_ALWAYS_NULL, _SHARE_ALWAYS_NULL = 5, 0.2
_CELLS_AT_ONCE = 512
_IMAGES_FOR_WIDENING, _LEAST_WIDENING = 20, 1.1


@dataclass(frozen=True)
class OwnNull:
    """The test of every pair, and what it could have found.

    Attributes
    ----------
    p : ndarray, shape (group, cell)
        NaN for images that were shown once.
    cut : float
        The largest p that Benjamini-Hochberg lets pass; -1 where none does.
    widening : float
        By how much sums over repeats spread farther than independent repeats would; 1 where
        they do not.
    settled : bool
        Whether nothing changed any more within ten rounds.
    scores : BinnedScores
    null : ndarray of bool, shape (group, cell)
        The images in each cell's null.
    """

    p: np.ndarray
    cut: float
    widening: float
    settled: bool
    scores: BinnedScores
    null: np.ndarray


def own_null(ordered: np.ndarray, groups: ImageGroups, rate: float) -> OwnNull:
    """p of each image's repeats exceeding the cell's other presentations, found by rounds.

    Parameters
    ----------
    ordered : ndarray, shape (presentation, cell)
        Responses ordered by image, of any unit and with or without a baseline; NaN where a cell
        misses a presentation.
    groups : ImageGroups
    rate : float
        False discovery rate over all pairs.
    """
    scores = BinnedScores.of(ordered, groups)
    always = _lowest_images(scores.mean)
    null = np.ones(scores.sums.shape, dtype=bool)
    for _ in range(_MOST_ROUNDS):
        widening = _widening(scores, null)
        p = _tails(scores, null, widening)
        cut = discovery_cut(p, rate)
        left = ~(p <= cut) | always
        if (left == null).all():
            return OwnNull(p, cut, widening, True, scores, null)
        null = left
    return OwnNull(p, cut, widening, False, scores, null)


def _lowest_images(mean: np.ndarray) -> np.ndarray:
    """The fifth of the images, five at least, with each cell's lowest mean: always in its null."""
    fewest = max(_ALWAYS_NULL, int(np.ceil(_SHARE_ALWAYS_NULL * len(mean))))
    lowest = np.zeros(mean.shape, dtype=bool)
    for cells in blocks_of_cells(mean.shape[1]):
        order = np.argsort(mean[:, cells], axis=0, kind="stable")[:fewest]
        lowest[order, cells] = True
    return lowest


def null_sums(scores: BinnedScores, null: np.ndarray, cells: np.ndarray, repeats: int) -> NullSums:
    """Sums over `repeats` of the null presentations of some cells."""
    kept = null[np.ix_(scores.group, cells)] & scores.known[:, cells]
    return NullSums.of(scores.bins[:, cells], kept, repeats)


def _numbers_of_repeats(count: np.ndarray) -> list[int]:
    """Those that occur, from two on."""
    return [int(repeats) for repeats in np.unique(count[count > 1])]


def blocks_of_cells(cells: int) -> Iterator[np.ndarray]:
    """Indices of at most 512 cells at a time."""
    for start in range(0, cells, _CELLS_AT_ONCE):
        yield np.arange(start, min(start + _CELLS_AT_ONCE, cells))


def _tails(scores: BinnedScores, null: np.ndarray, widening: float) -> np.ndarray:
    """p of every sum, (group, cell); NaN where a cell has fewer than two repeats."""
    p = np.full(scores.sums.shape, np.nan)
    for cells in blocks_of_cells(len(scores.level)):
        count, sums = scores.count[:, cells], scores.sums[:, cells]
        for repeats in _numbers_of_repeats(count):
            rows = np.flatnonzero((count == repeats).any(axis=1))
            tail = null_sums(scores, null, cells, repeats).tail(sums[rows], widening)
            row, cell = np.nonzero(count[rows] == repeats)
            p[rows[row], cells[cell]] = tail[row, cell]
    return p


def _widening(scores: BinnedScores, null: np.ndarray) -> float:
    """How much farther sums spread below their median than the null says; 1 if hardly.

    Repeats that follow each other share noise. The lower half is compared, since responses
    widen the upper one; the median over at most 512 evenly spaced cells.
    """
    cells = scores.sums.shape[1]
    some = np.unique(np.linspace(0, cells - 1, min(cells, _CELLS_AT_ONCE)).astype(np.int64))
    ratios = [1.0]
    for repeats in _numbers_of_repeats(scores.count[:, some]):
        alike = np.where(scores.count[:, some] == repeats, scores.sums[:, some], np.nan)
        enough = np.isfinite(alike).sum(axis=0) >= _IMAGES_FOR_WIDENING
        if not enough.any():
            continue
        chance = null_sums(scores, null, some[enough], repeats)
        expected = chance.quantile(0.5) - chance.quantile(0.16)
        middle, low = np.nanquantile(alike[:, enough], [0.5, 0.16], axis=0)
        wide = expected > 0
        if wide.any():
            ratios.append(float(np.median((middle - low)[wide] / expected[wide])))
    return max(ratios) if max(ratios) >= _LEAST_WIDENING else 1.0
