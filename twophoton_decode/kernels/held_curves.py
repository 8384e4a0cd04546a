"""Reconstructions from responsive cells alone, scored against every image.

*Held* curves stop growing, in each presentation, at its last responsive cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from twophoton_decode.kernels.cell_count import Floats, Integers, floats, integers, require_orders


@dataclass(frozen=True)
class HeldCurves:
    """What held curves, averaged over the presentations of an image, come to.

    Attributes
    ----------
    responsive : ndarray, shape (images, candidates)
        The end of the curve: R from all responsive cells.
    best : ndarray, shape (images, candidates)
        Its highest point, at one cell or more; NaN without responsive cells.
    best_count : ndarray of int, shape (images,)
        Number of cells at that point for the image shown; 0 without responsive cells.
    """

    responsive: Floats
    best: Floats
    best_count: Integers


def held_curves(
    product: Floats,
    start: Floats,
    amplitude: Floats,
    order: Integers,
    inverse_norm: Floats,
    responsive: Integers,
    edges: Integers,
    shown: Integers,
) -> HeldCurves:
    """R from responsive cells, against the image shown and all its rivals.

    Parameters
    ----------
    product : ndarray, shape (cells, candidates)
        ⟨w_k, s_j⟩ / ‖s_j‖ with pixels centred; zero for a constant candidate.
    start : ndarray, shape (candidates,)
        ⟨x_0, s_j⟩ / ‖s_j‖, likewise.
    amplitude : ndarray, shape (presentations, cells)
    order : ndarray of int, shape (presentations, entering)
        As in `cell_count.squared_norms`; all responsive cells come first.
    inverse_norm : ndarray, shape (presentations, entering + 1)
        1 / ‖x_n‖ with pixels centred; zero where x_n is constant, so that R counts as 0.
    responsive : ndarray of int, shape (presentations,)
        How many of the first cells in `order` are responsive.
    edges : ndarray of int, shape (images + 1,)
        Image i has the presentations ``edges[i]:edges[i + 1]``, at least one.
    shown : ndarray of int, shape (images,)
        Which candidate each image is.
    """
    require_orders(amplitude, order, cells=product.shape[0])
    if responsive.size and responsive.max() > order.shape[1]:
        raise ValueError(
            f"{responsive.max()} cells are responsive, but only {order.shape[1]} enter"
        )
    held, best, best_count = _held_curves(
        *floats(product, start, amplitude),
        *integers(order),
        *floats(inverse_norm),
        *integers(responsive, edges, shown),
    )
    best[best_count == 0] = np.nan
    return HeldCurves(held, best, best_count)


@njit(cache=True, parallel=True, fastmath={"reassoc", "contract", "nsz"})
def _held_curves(product, start, amplitude, order, inverse_norm, responsive, edges, shown):  # type: ignore[no-untyped-def]
    images, candidates = len(shown), len(start)
    held = np.zeros((images, candidates))
    best, best_count = np.full((images, candidates), -2.0), np.zeros(images, np.int64)
    for i in prange(images):
        trials = slice(edges[i], edges[i + 1])
        best_count[i] = _grow_one_image(
            product,
            start,
            amplitude[trials],
            order[trials],
            inverse_norm[trials],
            responsive[trials],
            shown[i],
            held[i],
            best[i],
        )
    return held, best, best_count


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _grow_one_image(  # type: ignore[no-untyped-def]
    product, start, amplitude, order, inverse_norm, responsive, shown, stopped, best
):
    """Add responsive cells to all trials of one image in step; writes into the last two."""
    trials = len(order)
    growing = np.empty((trials, len(start)))
    growing[:] = start
    held = np.empty_like(stopped)
    best_count = 0
    for n in range(responsive.max() + 1):
        held[:] = stopped
        for t in range(trials):
            if n > responsive[t]:
                continue
            if n > 0:
                _add(growing[t], amplitude[t, order[t, n - 1]], product[order[t, n - 1]])
            share = inverse_norm[t, n] / trials
            _add(held, share, growing[t])
            if n == responsive[t]:
                _add(stopped, share, growing[t])
        if n >= 1:
            if held[shown] > best[shown]:
                best_count = n
            best[:] = np.maximum(best, held)
    return best_count


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _add(into, factor, values):  # type: ignore[no-untyped-def]
    for j in range(len(values)):
        into[j] += factor * values[j]
