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
    factor = np.empty((cells, cells))
    solution = np.empty(cells)
    for j in range(features):
        chosen = np.nonzero(selected[j])[0]
        count = chosen.size
        if count == 0:
            continue
        trace = 0.0
        for cell in chosen:
            trace += gram[cell, cell]
        factorise(gram, chosen, stabilisation * trace / count, factor)
        for a in range(count):
            solution[a] = moments[j, chosen[a]]
        substitute(factor, solution, count)
        for a in range(count):
            weights[j, chosen[a]] = solution[a]
    return weights


# Sums may be reordered, so that the inner products below use the processor's vectors.
@njit(cache=True, fastmath={"reassoc", "contract"})
def factorise(gram, chosen, ridge, factor):  # type: ignore[no-untyped-def]
    """Cholesky factor of the chosen part of `gram` plus `ridge`, into the lower triangle."""
    for a in range(chosen.size):
        for b in range(a + 1):
            total = gram[chosen[a], chosen[b]]
            for k in range(b):
                total -= factor[a, k] * factor[b, k]
            if a == b:
                factor[a, a] = np.sqrt(total + ridge)
            else:
                factor[a, b] = total / factor[b, b]


@njit(cache=True, fastmath={"reassoc", "contract"})
def substitute(factor, values, count):  # type: ignore[no-untyped-def]
    """Solve L Lᵀ x = `values` in place, L the first `count` rows of `factor`."""
    for a in range(count):
        for k in range(a):
            values[a] -= factor[a, k] * values[k]
        values[a] /= factor[a, a]
    for a in range(count - 1, -1, -1):
        values[a] /= factor[a, a]
        for k in range(a):
            values[k] -= factor[a, k] * values[a]
