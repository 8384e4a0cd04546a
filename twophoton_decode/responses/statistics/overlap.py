"""How much the sets of responsive cells of two images have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.responses.incomplete import mean_known
from twophoton_decode.statistics.pairs import mean_over_pairs, ratio_over_pairs


@dataclass(frozen=True)
class PairwiseOverlap:
    """Common cells of every two responsive sets, and what independent sets would have.

    Attributes
    ----------
    common : ndarray, shape (images, images)
        Cells that respond to both; the diagonal holds the sizes of the sets.
    common_expected : ndarray, shape (images, images)
        Product of the sizes by the number of cells: sets of these sizes, drawn
        independently. The diagonal has no meaning.
    share, share_expected : ndarray, shape (images, images)
        The Jaccard index, common cells by cells that respond to either [ours]; that of the
        expected number of common cells. NaN where a set is empty, and on the diagonal.
    """

    common: np.ndarray
    common_expected: np.ndarray
    share: np.ndarray
    share_expected: np.ndarray


def pairwise_overlap(responsive: np.ndarray) -> PairwiseOverlap:
    """Common cells of every two images' responsive sets [paper: overlap; index ours].

    Parameters
    ----------
    responsive : ndarray of bool, shape (cells, images)
    """
    # float32 counts exactly up to 2^24 cells.
    sets = responsive.astype(np.float32)
    common = (sets.T @ sets).astype(np.float64)
    size = np.diag(common).copy()
    expected = np.outer(size, size) / len(responsive)
    either = size[:, None] + size
    defined = (size[:, None] > 0) & (size > 0)
    np.fill_diagonal(defined, False)
    share, share_expected = (
        np.divide(n, either - n, out=np.full(n.shape, np.nan), where=defined)
        for n in (common, expected)
    )
    return PairwiseOverlap(common, expected, share, share_expected)


def overlap_between_images(responsive: np.ndarray) -> dict[str, Any]:
    """Overlap of each image's responsive set with those of the others, against chance.

    As `PopulationStatistics` names it.
    The expectation keeps the size of every set and draws the cells independently. How many
    images each cell responds to is not kept: it alone fixes the mean number of common
    cells. A ratio above 1 says that some cells respond to more images than others do.

    Parameters
    ----------
    responsive : ndarray of bool, shape (cells, images)
    """
    pairs = pairwise_overlap(responsive)
    ratio, interval = ratio_over_pairs(pairs.common, pairs.common_expected)
    return {
        "overlap": mean_known(pairs.share, axis=1),
        "overlap_expected": mean_known(pairs.share_expected, axis=1),
        "overlap_ci95": mean_over_pairs(pairs.share)[1],
        "overlap_ratio": ratio,
        "overlap_ratio_ci95": interval,
    }
