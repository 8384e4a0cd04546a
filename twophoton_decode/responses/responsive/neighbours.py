"""Found pairs beside a responding neighbour: no test over repeats can see neuropil and overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

NEAR_PX = 20.0


@dataclass(frozen=True)
class BesideResponding:
    """How many responsive pairs lie beside another cell that responds to the same image.

    Attributes
    ----------
    pairs : int
    beside : int
        Pairs with such a neighbour of their plane within 20 px.
    expected : float
        How many there would be if neighbours responded to images independently: for each pair,
        the share of the other images to which one of the neighbours responds.
    """

    pairs: int
    beside: int
    expected: float


def beside_responding(pairs: np.ndarray, place: np.ndarray) -> BesideResponding:
    """Count the pairs, (cell, image), that neuropil or overlap may have made.

    Parameters
    ----------
    pairs : ndarray of bool, shape (cell, image)
    place : ndarray, shape (cell, 3)
        Plane of each cell, and its centre y and x, px.
    """
    neighbour_responds = np.zeros(pairs.shape, dtype=bool)
    for plane in np.unique(place[:, 0]):
        cells = np.flatnonzero(place[:, 0] == plane)
        near = cKDTree(place[cells, 1:]).query_pairs(NEAR_PX, output_type="ndarray")
        first, second = cells[near[:, 0]], cells[near[:, 1]]
        np.logical_or.at(neighbour_responds, first, pairs[second])
        np.logical_or.at(neighbour_responds, second, pairs[first])
    beside = pairs & neighbour_responds
    others = neighbour_responds.sum(axis=1, keepdims=True) - neighbour_responds
    expected = (pairs * others).sum() / max(1, pairs.shape[1] - 1)
    return BesideResponding(int(pairs.sum()), int(beside.sum()), float(expected))
