"""Least squares of many features, each on its own selection of cells."""

from __future__ import annotations

import numpy as np
from numba import njit

STABILISATION = 1e-10
"""Added to the Gram matrix's diagonal, relative to the mean of the selected diagonal."""


def selected_least_squares(
    gram: np.ndarray, moments: np.ndarray, selected: np.ndarray
) -> np.ndarray:
    """Weights of each feature on the cells selected for it; zero for all others.

    Column j solves (G_ss + ε I) w = c_s over the cells s selected for feature j, with
    G = XᵀX, c = Xᵀy_j. The tiny ε makes dependent cells share their weight, as the
    minimum-norm solution does.

    Parameters
    ----------
    gram : ndarray, shape (cells, cells)
    moments : ndarray, shape (cells, features)
    selected : ndarray of bool, shape (cells, features)

    Returns
    -------
    ndarray, shape (cells, features)
    """
    cells = gram.shape[0]
    if gram.shape != (cells, cells) or not moments.shape == selected.shape == (
        cells,
        *moments.shape[1:],
    ):
        raise ValueError(
            f"gram {gram.shape}, moments {moments.shape} and selected {selected.shape} "
            "do not describe the same cells and features"
        )
    by_feature = solve_selected(
        np.ascontiguousarray(gram, dtype=np.float64),
        np.ascontiguousarray(moments.T, dtype=np.float64),
        np.ascontiguousarray(selected.T, dtype=np.bool_),
        STABILISATION,
    )
    return by_feature.T


@njit(cache=True)
def solve_selected(gram, moments, selected, stabilisation):  # type: ignore[no-untyped-def]
    """Weights (features, cells) from moments and selection (features, cells)."""
    features, cells = moments.shape
    weights = np.zeros((features, cells))
    for j in range(features):
        chosen = np.nonzero(selected[j])[0]
        count = chosen.size
        if count == 0:
            continue
        part = np.empty((count, count))
        right = np.empty(count)
        trace = 0.0
        for a in range(count):
            right[a] = moments[j, chosen[a]]
            trace += gram[chosen[a], chosen[a]]
            for b in range(count):
                part[a, b] = gram[chosen[a], chosen[b]]
        for a in range(count):
            part[a, a] += stabilisation * trace / count
        solution = np.linalg.solve(part, right)
        for a in range(count):
            weights[j, chosen[a]] = solution[a]
    return weights
