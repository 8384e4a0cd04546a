"""Do cells that respond to the same image encode the same features?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.errors import AnalysisError
from twophoton_decode.kernels.threads import in_threads
from twophoton_decode.statistics.permutation import p_as_far

MOST_CELLS = 1500
"""More cells than this are represented by so many, drawn at random."""
EXCHANGES = 500
"""Times the feature sets are dealt out among the cells anew, for p."""
RANDOM_SETS = 10
"""Times random sets are drawn in place of every cell's, which are averaged."""
BINS = 50


@dataclass(frozen=True, eq=False)
class FeatureOverlap:
    """Overlap of the feature sets of all pairs of cells, zero on the diagonal.

    `jaccard` and `share` are (cells, cells): |A ∩ B| / |A ∪ B|, and |A ∩ B| / |A| with A the
    row's set.
    """

    jaccard: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, selected: np.ndarray) -> FeatureOverlap:
        """From sets (cells, features), bool; every set has a feature."""
        sets = np.asarray(selected, dtype=np.float32)
        common = sets @ sets.T
        size = sets.sum(axis=1)
        jaccard = common / (size[:, None] + size - common)
        share = common / size[:, None]
        for overlap in (jaccard, share):
            np.fill_diagonal(overlap, 0.0)
        return cls(jaccard, share)


def feature_overlap(
    selected: np.ndarray, responsive: np.ndarray, cells: np.ndarray, rng: np.random.Generator
) -> dict[str, Any]:
    """Overlap of pairs that respond to the same image [paper], by field of `Complementarity`.

    Jaccard index, and the asymmetric share |A ∩ B| / |A| beside it [ours]. Pairs that
    respond to a common image stand beside those that never do. As pairs share cells, they
    are not tested as if they were independent: p comes from dealing out among the cells anew
    what their sets overlap beyond their sizes (`beyond_sizes`), which keeps who responds to
    what [ours]. Cells that respond to many images also have large sets, which alone overlap
    more. Random sets of the same sizes stand beside it.

    Parameters
    ----------
    selected : ndarray of bool, shape (cells, features)
    responsive : ndarray of bool, shape (cells, images)
    cells : ndarray of bool, shape (cells,)
        Cells that are compared: those with an encoding model that predicts.

    Raises
    ------
    AnalysisError
        No image has two such cells.
    """
    used = np.flatnonzero(cells & selected.any(axis=1) & responsive.any(axis=1))
    if len(used) > MOST_CELLS:
        used = np.sort(rng.choice(used, MOST_CELLS, replace=False))
    sets, responds = selected[used], np.asarray(responsive[used], dtype=np.float32)
    count = responds.sum(axis=0).astype(int)
    if not (count > 1).any():
        raise AnalysisError(
            "no image has two responsive cells with a receptive field, so there are no pairs."
        )
    found = FeatureOverlap.of(sets)
    overlap = _pair_mean(found.jaccard, responds)
    beyond = beyond_sizes(found.jaccard, sets)
    more = float(np.nanmean(_pair_mean(beyond, responds)))
    chance = _exchanged(beyond, responds, rng)
    return {
        "overlap": overlap,
        "overlap_share": _pair_mean(found.share, responds),
        "overlap_random_sets": _of_random_sets(sets, responds, rng),
        "overlap_cells": count,
        "overlap_by_chance": float(np.nanmean(overlap)) - more,
        # Residuals sum to zero over pairs, so that exchanging them gives zero on average.
        "overlap_p": p_as_far(more, chance, 0.0),
        **_together_and_apart(found.jaccard, responds @ responds.T > 0),
    }


def beyond_sizes(jaccard: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Overlap less what the sizes of both sets, and each cell's average overlap, bring [ours].

    Random sets of a and b of J features have ab/J in common on average; the Jaccard index of
    that is fitted to all pairs by one factor, and each cell's own level taken off. Zero on
    the diagonal, zero on average over each cell's pairs; all zero below three cells.

    Parameters
    ----------
    jaccard : ndarray, shape (cells, cells)
    sets : ndarray of bool, shape (cells, features)
    """
    cells, features = sets.shape
    pairs = ~np.eye(cells, dtype=bool)
    if cells < 3:
        return np.zeros_like(jaccard)
    size = sets.sum(axis=1, dtype=float)
    common = np.outer(size, size) / features
    expected = common / (size[:, None] + size - common)
    centred = np.where(pairs, expected - expected[pairs].mean(), 0.0)
    power = float((centred**2).sum())
    # Equal sizes explain nothing, up to rounding.
    factor = float((centred * jaccard).sum()) / power if power > 1e-12 * pairs.sum() else 0.0
    rest = jaccard - factor * centred
    mean = rest[pairs].mean()
    level = (np.where(pairs, rest, 0.0).sum(axis=1) - (cells - 1) * mean) / (cells - 2)
    return np.where(pairs, rest - mean - level[:, None] - level, 0.0)


def superiority(first: np.ndarray, second: np.ndarray) -> float:
    """Probability that one of the first exceeds one of the second, ties half; NaN if none."""
    if not (len(first) and len(second)):
        return float("nan")
    ordered = np.sort(second)
    below = np.searchsorted(ordered, first, "left") + np.searchsorted(ordered, first, "right")
    return float(below.mean() / (2 * len(second)))


def _pair_mean(overlap: np.ndarray, responds: np.ndarray) -> np.ndarray:
    """Mean over ordered pairs of the cells of each image, (images,); NaN below two cells."""
    count = responds.sum(axis=0, dtype=float)
    total = np.einsum("ki,ki->i", overlap @ responds, responds, dtype=float)
    pairs = count * (count - 1)
    return np.divide(total, pairs, out=np.full(len(count), np.nan), where=pairs > 0)


def _exchanged(overlap: np.ndarray, responds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mean over images of the overlap, dealt out to the cells at random, (draws,)."""
    count = responds.sum(axis=0, dtype=float)
    paired = responds[:, count > 1]
    weight = 1 / (count[count > 1] * (count[count > 1] - 1)) / paired.shape[1]
    # One weight for each pair of cells serves all images at once.
    weights = np.asarray((paired * weight) @ paired.T, dtype=np.float32)
    first, second = np.nonzero(np.triu(weights, k=1))
    weights = 2 * weights[first, second]

    def exchanged(order: np.ndarray) -> float:
        return float(weights @ overlap[order[first], order[second]])

    orders = [rng.permutation(len(overlap)) for _ in range(EXCHANGES)]
    return np.array(in_threads(exchanged, orders))


def _of_random_sets(sets: np.ndarray, responds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """`_pair_mean` of the Jaccard index for sets of the same sizes drawn at random."""
    draws = [
        _pair_mean(FeatureOverlap.of(rng.permuted(sets, axis=1)).jaccard, responds)
        for _ in range(RANDOM_SETS)
    ]
    return np.asarray(np.mean(draws, axis=0))


def _together_and_apart(jaccard: np.ndarray, common: np.ndarray) -> dict[str, Any]:
    """Pairs with and without a common image, each pair once."""
    pair = np.triu_indices(len(jaccard), k=1)
    values, together = jaccard[pair], common[pair]
    edges = np.linspace(0, 1, BINS + 1)
    kinds = {"together": values[together], "apart": values[~together]}
    means = {
        f"overlap_mean_{kind}": float(each.mean()) if each.size else float("nan")
        for kind, each in kinds.items()
    }
    counts = {f"overlap_{kind}": np.histogram(each, edges)[0] for kind, each in kinds.items()}
    return {
        "overlap_edge": edges,
        "overlap_superiority": superiority(kinds["together"], kinds["apart"]),
        **means,
        **counts,
    }
