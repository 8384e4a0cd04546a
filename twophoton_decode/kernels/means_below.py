"""Mean of a cell's known responses that are not above a bound, for many bounds at once."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from twophoton_decode.kernels.cell_count import Floats, floats


def means_below(known: Floats, value: Floats, bound: Floats, value_at_bound: Floats) -> Floats:
    """E[g(R) | R ≤ bound] of each cell, over its known responses R.

    Parameters
    ----------
    known : ndarray, shape (cells, known)
        Each cell's responses R, rising.
    value : ndarray, shape (cells, known)
        g(R) of the same.
    bound, value_at_bound : ndarray, shape (bounds,)
        Rising; and g of each, which stands where none of a cell's responses is so small.

    Returns
    -------
    ndarray, shape (bounds, cells), float32
    """
    if known.shape != value.shape or bound.shape != value_at_bound.shape or bound.ndim != 1:
        raise ValueError(
            f"responses {known.shape} and values {value.shape}, bounds {bound.shape} and values "
            f"{value_at_bound.shape} must go together"
        )
    means: Floats = _means_below(*floats(known, value, bound, value_at_bound))
    return means


@njit(cache=True, parallel=True)
def _means_below(known, value, bound, value_at_bound):  # type: ignore[no-untyped-def]
    """Bounds and responses rise together, so each is passed once."""
    cells = len(known)
    means = np.empty((len(bound), cells), np.float32)
    for k in prange(cells):
        below, total = 0, 0.0
        for b in range(len(bound)):
            while below < known.shape[1] and known[k, below] <= bound[b]:
                total += value[k, below]
                below += 1
            means[b, k] = total / below if below else value_at_bound[b]
    return means
