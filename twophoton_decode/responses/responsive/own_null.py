"""The default test of responsive pairs: each image against the cell's own null.

The null of a cell is made of its presentations of images that it is not found to respond to,
so it holds the cell's spontaneous events and the skew of its noise. Found pairs leave the
null, and the test is repeated until nothing changes [ours].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twophoton_decode.responses.image_groups import ImageGroups
from twophoton_decode.responses.responsive.discovery import discovery_cut
from twophoton_decode.responses.responsive.null_sums import BINS, NullSums
from twophoton_decode.responses.responsive.scores import BinnedScores

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
    rounds : int
        Rounds until nothing changed.
    settled : bool
        Whether that was so within ten rounds.
    scores : BinnedScores
    null : ndarray of bool, shape (group, cell)
        The images in each cell's null.
    """

    p: np.ndarray
    cut: float
    widening: float
    rounds: int
    settled: bool
    scores: BinnedScores
    null: np.ndarray


def own_null(ordered: np.ndarray, groups: ImageGroups, rate: float) -> OwnNull:
    """p of each image's repeats exceeding the cell's other presentations, found by rounds.

    Parameters
    ----------
    ordered : ndarray, shape (presentation, cell)
        Responses ordered by image, of any unit and with or without a baseline.
    groups : ImageGroups
    rate : float
        False discovery rate over all pairs.
    """
    scores = BinnedScores.of(ordered, groups)
    sums = groups.sums(scores.bins)
    always = _lowest_images(groups.means(ordered))
    null = np.ones(sums.shape, dtype=bool)
    for done in range(_MOST_ROUNDS):
        widening = _widening(scores.bins, sums, null, groups)
        p = _tails(scores.bins, sums, null, groups, widening)
        cut = discovery_cut(p, rate)
        left = ~(p <= cut) | always
        if (left == null).all():
            return OwnNull(p, cut, widening, done, True, scores, null)
        null = left
    return OwnNull(p, cut, widening, _MOST_ROUNDS, False, scores, null)


def _lowest_images(mean: np.ndarray) -> np.ndarray:
    """The fifth of the images, five at least, with each cell's lowest mean: always in its null."""
    fewest = max(_ALWAYS_NULL, int(np.ceil(_SHARE_ALWAYS_NULL * len(mean))))
    rank = np.argsort(np.argsort(mean, axis=0, kind="stable"), axis=0)
    return np.asarray(rank < fewest)


def _by_repeats(groups: ImageGroups) -> Iterator[tuple[int, np.ndarray]]:
    """Numbers of repeats from two on, and the groups that have so many."""
    for repeats in np.unique(groups.count[groups.count > 1]).tolist():
        yield repeats, np.flatnonzero(groups.count == repeats)


def _tails(
    bins: np.ndarray, sums: np.ndarray, null: np.ndarray, groups: ImageGroups, widening: float
) -> np.ndarray:
    """p of every sum, (group, cell), in blocks of cells."""
    p = np.full(sums.shape, np.nan)
    for start in range(0, bins.shape[1], _CELLS_AT_ONCE):
        block = slice(start, start + _CELLS_AT_ONCE)
        kept = null[groups.of_row, block]
        for repeats, rows in _by_repeats(groups):
            chance = NullSums.of(bins[:, block], kept, repeats)
            p[rows, block] = chance.tail(sums[rows, block], widening)
    return p


def _widening(bins: np.ndarray, sums: np.ndarray, null: np.ndarray, groups: ImageGroups) -> float:
    """How much farther sums spread below their median than the null says; 1 if hardly.

    Repeats that follow each other share noise. The lower half is compared, since responses
    widen the upper one; the median over at most 512 evenly spaced cells.
    """
    cells = bins.shape[1]
    some = np.unique(np.linspace(0, cells - 1, min(cells, _CELLS_AT_ONCE)).astype(np.int64))
    bins, kept = bins[:, some], null[:, some][groups.of_row]
    ratios = [1.0]
    for repeats, rows in _by_repeats(groups):
        if rows.size < _IMAGES_FOR_WIDENING:
            continue
        chance = NullSums.of(bins, kept, repeats)
        expected = chance.quantile(0.5) - chance.quantile(0.16)
        middle, low = np.quantile(sums[np.ix_(rows, some)], [0.5, 0.16], axis=0)
        wide = expected > 0
        if wide.any():
            ratios.append(float(np.median((middle - low)[wide] / expected[wide])))
    return max(ratios) if max(ratios) >= _LEAST_WIDENING else 1.0


def detectable(found: OwnNull, rate: float, repeats: int) -> np.ndarray:
    """The smallest mean response over `repeats` that could pass, (cell,), unit of the responses.

    Infinite where no response could, however large: its own presentations are in the null at
    first, so that p is at least I^-T with I images and T repeats. About one in three responses
    of that size is found, most at two to three times it.
    """
    limit = found.cut if found.cut > 0 else rate / max(1, np.isfinite(found.p).sum())
    if float(len(found.p)) ** -repeats > limit:
        return np.full(found.p.shape[1], np.inf)
    needed = np.concatenate(
        [
            NullSums.of(bins, kept, repeats).smallest_significant(limit)
            for bins, kept in _blocks_of_null(found)
        ]
    ).astype(np.float64)
    needed[needed > repeats * BINS] = np.inf
    return found.scores.response_of(needed / repeats)


def repeats_needed(images: int, pairs: int, rate: float) -> int:
    """The fewest repeats with which the clearest of `pairs` could pass, at I^-T for its p."""
    repeats = 2
    while float(images) ** -repeats > rate / pairs:
        repeats += 1
    return repeats


def _blocks_of_null(found: OwnNull) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    bins = found.scores.bins
    for start in range(0, bins.shape[1], _CELLS_AT_ONCE):
        block = slice(start, start + _CELLS_AT_ONCE)
        yield bins[:, block], found.null[found.scores.group][:, block]
