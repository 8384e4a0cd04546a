"""Cells laid out by their predicted responses: UMAP in three dimensions, and what it keeps.

UMAP draws clusters whatever it is given. So beside it stand the share of the dissimilarities'
neighbours that it keeps, how far several seeds agree, and whether neighbours are cells that
look at, or lie at, the same place.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from twophoton_decode.deep.extra import imported
from twophoton_decode.statistics.permutation import two_sided_p

SEEDS = 5
DIMENSIONS = 3
LEAST_CELLS = 10
MOST_CELLS = 3000
"""Of more, those that are predicted best: memory grows with the square."""
_NEIGHBOURS = 10
_UMAP_NEIGHBOURS = 15
_PERMUTATIONS = 999


@dataclass(frozen=True)
class Nearness:
    """Mean distance of neighbours, the same of any two cells, and a two-sided p."""

    neighbours: float = float("nan")
    chance: float = float("nan")
    p: float = float("nan")


def embeddings(dissimilarity: np.ndarray, seed: int) -> np.ndarray:
    """UMAP of a matrix (cell, cell) with `SEEDS` seeds, (seed, cell, `DIMENSIONS`).

    Raises
    ------
    MissingExtraError
        umap-learn is not installed.
    """
    with warnings.catch_warnings():
        # Without TensorFlow it remarks that a part of it is missing, which is not used.
        warnings.simplefilter("ignore")
        umap = imported("umap")
    found = []
    for place in range(SEEDS):
        with warnings.catch_warnings():
            # It remarks that given distances cannot be inverted, which nobody asks for.
            warnings.simplefilter("ignore")
            model = umap.UMAP(
                n_components=DIMENSIONS,
                n_neighbors=min(_UMAP_NEIGHBOURS, len(dissimilarity) - 1),
                metric="precomputed",
                random_state=seed + place,
                n_jobs=1,
            )
            found.append(model.fit_transform(dissimilarity))
    return np.stack(found).astype(np.float64)


def neighbour_count(cells: int) -> int:
    """How many neighbours of each cell are compared: ten, or half of all others."""
    return min(_NEIGHBOURS, (cells - 1) // 2)


def nearest(distance: np.ndarray, count: int) -> np.ndarray:
    """The `count` nearest others of each cell, (cell, count), from distances (cell, cell)."""
    others = distance.copy()
    np.fill_diagonal(others, np.inf)
    return np.argsort(others, axis=1, kind="stable")[:, :count]


def distances(place: np.ndarray) -> np.ndarray:
    """Euclidean distances (cell, cell) of places (cell, dimension)."""
    return np.asarray(cdist(place, place))


def shared(first: np.ndarray, second: np.ndarray) -> float:
    """Mean share of each cell's neighbours (cell, count) that are the same in both."""
    same = (first[:, :, None] == second[:, None, :]).any(axis=2)
    return float(same.mean())


def nearness(distance: np.ndarray, neighbours: np.ndarray, rng: np.random.Generator) -> Nearness:
    """Are neighbours (cell, count) nearer to each other than any two cells?

    Cells exchange their places for chance. Pairs whose distance (cell, cell) is NaN, such as
    those of different planes, do not count; cells without any place keep out.
    """
    known = np.flatnonzero(np.isfinite(distance).any(axis=1))
    if known.size < LEAST_CELLS:
        return Nearness()
    rows = np.arange(len(distance))
    order = rows.copy()

    def mean() -> float:
        pairs = distance[order[:, None], order[neighbours]]
        found = pairs[np.isfinite(pairs)]
        return float(found.mean()) if found.size else float("nan")

    value = mean()
    chance = np.empty(_PERMUTATIONS)
    for draw in range(_PERMUTATIONS):
        order[known] = rng.permutation(known)
        chance[draw] = mean()
    chance = chance[np.isfinite(chance)]
    if not np.isfinite(value) or not chance.size:
        return Nearness()
    return Nearness(value, float(chance.mean()), two_sided_p(value, chance))


def colours(place: np.ndarray) -> np.ndarray:
    """Red, green and blue from 0 to 1, (cell, 3), by rank along each dimension of a layout."""
    ranks = place.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return 0.1 + 0.8 * ranks / max(len(place) - 1, 1)
