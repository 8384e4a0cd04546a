"""Reconstructions that grow cell by cell, scored from inner products instead of pixels.

With n cells the reconstruction less the mean image is x_n = x_0 + Σ_{k≤n} a_k w_k, where
w_k is the reverse filter of the k-th cell to enter and a_k its amplitude. Every score is a
function of ‖x_n‖² and ⟨x_n, s⟩, and these follow from ⟨w_j, w_k⟩ and ⟨w_k, s⟩.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit, prange

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Integers = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


def squared_norms(
    gram: Floats, amplitude: Floats, order: Integers, start_product: Floats, start_norm: float
) -> Floats:
    """‖x_n‖² of every presentation at every number of cells, from inner products of cells.

    ‖x_n‖² = ‖x_{n-1}‖² + a_k (2 ⟨x_{n-1}, w_k⟩ + a_k ⟨w_k, w_k⟩), in O(cells) per added cell.

    Parameters
    ----------
    gram : ndarray, shape (cells, cells)
        Inner products of the reverse filters, ⟨w_j, w_k⟩.
    amplitude : ndarray, shape (presentations, cells)
        a, what each cell's filter is multiplied by.
    order : ndarray of int, shape (presentations, entering)
        The cells that enter, in their order, each once in a row.
    start_product : ndarray, shape (cells,)
        ⟨x_0, w_k⟩, zero when no cells give the mean image.
    start_norm : float
        ‖x_0‖².

    Returns
    -------
    ndarray, shape (presentations, entering + 1)
        Column n holds ‖x_n‖².
    """
    cells, entering = gram.shape[0], order.shape[1]
    require_orders(amplitude, order, cells)
    # Empty cells fill the last group; like cells that never enter, they come after all others.
    empty = -cells % TOGETHER
    rank = np.full((len(order), cells + empty), entering)
    np.put_along_axis(rank[:, :cells], order, np.arange(entering)[None], axis=1)
    norms = np.empty((len(order), entering + 1))
    norms[:, 0] = start_norm
    norms[:, 1:] = _norm_gains(
        np.pad(np.asarray(gram, np.float64), (0, empty)),
        np.pad(np.asarray(amplitude, np.float64), ((0, 0), (0, empty))),
        rank,
        np.pad(np.asarray(start_product, np.float64), (0, empty)),
        entering,
    )[:, :entering]
    return np.cumsum(norms, axis=1, out=norms)


# Rows of the Gram matrix in one pass, and presentations that share them in the cache.
TOGETHER = 4
BLOCK = 8


@njit(cache=True, parallel=True, fastmath={"reassoc", "contract", "nsz"})
def _norm_gains(gram, amplitude, rank, start_product, entering):  # type: ignore[no-untyped-def]
    """What the n-th cell adds to ‖x‖², shape (presentations, entering + 1)."""
    presentations, cells = rank.shape
    gains = np.zeros((presentations, entering + 1))
    for block in prange((presentations + BLOCK - 1) // BLOCK):
        for first in range(0, cells, TOGETHER):
            for t in range(block * BLOCK, min((block + 1) * BLOCK, presentations)):
                products = _products_with_entered(gram, amplitude[t], rank[t], first)
                for k in range(first, first + TOGETHER):
                    a = amplitude[t, k]
                    product = start_product[k] + products[k - first]
                    gains[t, rank[t, k]] = a * (2.0 * product + a * gram[k, k])
    return gains


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _products_with_entered(gram, amplitude, rank, k):  # type: ignore[no-untyped-def]
    """⟨x, w⟩ of cells k to k + 3, x being made of the cells that enter before each.

    All cells are summed and the later ones masked: contiguous memory is faster than half
    the additions. Four cells at a time read each amplitude and rank once.
    """
    g0, g1, g2, g3 = gram[k], gram[k + 1], gram[k + 2], gram[k + 3]
    r0, r1, r2, r3 = rank[k], rank[k + 1], rank[k + 2], rank[k + 3]
    p0 = p1 = p2 = p3 = 0.0
    for j in range(len(rank)):
        a, r = amplitude[j], rank[j]
        p0 += g0[j] * (a if r < r0 else 0.0)
        p1 += g1[j] * (a if r < r1 else 0.0)
        p2 += g2[j] * (a if r < r2 else 0.0)
        p3 += g3[j] * (a if r < r3 else 0.0)
    return p0, p1, p2, p3


def squared_norms_in_pixels(
    filters: Floats, amplitude: Floats, order: Integers, start: Floats
) -> Floats:
    """As `squared_norms`, from the pixels: O(pixels) per added cell and no (cells, cells).

    Parameters
    ----------
    filters : ndarray, shape (cells, pixels)
    amplitude, order : ndarray
        As in `squared_norms`.
    start : ndarray, shape (pixels,)
        x_0.
    """
    require_orders(amplitude, order, filters.shape[0])
    return _norms_in_pixels(*floats(filters, amplitude), *integers(order), *floats(start))


@njit(cache=True, parallel=True, fastmath={"reassoc", "contract", "nsz"})
def _norms_in_pixels(filters, amplitude, order, start):  # type: ignore[no-untyped-def]
    presentations, entering = order.shape
    norms = np.empty((presentations, entering + 1))
    for t in prange(presentations):
        x = start.copy()
        norms[t, 0] = _grow(x, 0.0, x)
        for n in range(entering):
            k = order[t, n]
            norms[t, n + 1] = _grow(x, amplitude[t, k], filters[k])
    return norms


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _grow(x, factor, added):  # type: ignore[no-untyped-def]
    """Add to x in place; returns ‖x‖²."""
    norm = 0.0
    for j in range(len(x)):
        grown = x[j] + factor * added[j]
        x[j] = grown
        norm += grown * grown
    return norm


# Below this share of the largest squared norm so far, what varies over pixels is rounding.
CONSTANT = 1e-12


class Shown(NamedTuple):
    """The picture that each presentation is scored against, less the mean image, s.

    Attributes
    ----------
    product : ndarray, shape (presentations, cells)
        ⟨w_k, s⟩.
    start_product : ndarray, shape (presentations,)
        ⟨x_0, s⟩.
    total, norm, inverse_norm : ndarray, shape (presentations,)
        Σ s over pixels, ‖s‖², and 1 / ‖s‖ with pixels centred (0 for a constant s).
    """

    product: Floats
    start_product: Floats
    total: Floats
    norm: Floats
    inverse_norm: Floats


def grown_scores(
    norms: Floats,
    amplitude: Floats,
    order: Integers,
    filter_sum: Floats,
    start_sum: float,
    shown: Shown,
    pixels: int,
) -> tuple[Floats, Floats, Floats]:
    """R and CD at every number of cells, and 1 / ‖x_n‖ with pixels centred.

    R is 0 where x_n is constant over pixels, as is 1 / ‖x_n‖ there.

    Parameters
    ----------
    norms : ndarray, shape (presentations, entering + 1)
        ‖x_n‖², of `squared_norms`.
    amplitude, order : ndarray
        As there.
    filter_sum : ndarray, shape (cells,)
        Σ w_k over pixels; `start_sum` likewise for x_0.
    """
    require_orders(amplitude, order, len(filter_sum))
    responses = *floats(amplitude), *integers(order), *floats(filter_sum)
    compared = Shown(*floats(*shown))
    return _grown_scores(norms, *responses, float(start_sum), compared, pixels)  # type: ignore[call-arg]


@njit(cache=True, parallel=True)
def _grown_scores(norms, amplitude, order, filter_sum, start_sum, shown, pixels):  # type: ignore[no-untyped-def]
    presentations, counts = norms.shape
    r, cd, inverse = np.empty_like(norms), np.empty_like(norms), np.empty_like(norms)
    for t in prange(presentations):
        norm = shown.norm[t]
        total, along, largest = start_sum, shown.start_product[t], 0.0
        for n in range(counts):
            if n > 0:
                k = order[t, n - 1]
                total += amplitude[t, k] * filter_sum[k]
                along += amplitude[t, k] * shown.product[t, k]
            largest = max(largest, norms[t, n])
            centred = norms[t, n] - total * total / pixels
            inverse[t, n] = 1.0 / np.sqrt(centred) if centred > CONSTANT * largest else 0.0
            centred_along = along - total * shown.total[t] / pixels
            r[t, n] = centred_along * inverse[t, n] * shown.inverse_norm[t]
            cd[t, n] = (2.0 * along - norms[t, n]) / norm if norm else np.nan
    return r, cd, inverse


def floats(*arrays: np.ndarray) -> list[Floats]:
    """Arrays as compiled loops take them: float64, C-contiguous."""
    return [np.ascontiguousarray(each, np.float64) for each in arrays]


def integers(*arrays: np.ndarray) -> list[Integers]:
    """As `floats`, int64."""
    return [np.ascontiguousarray(each, np.int64) for each in arrays]


def require_orders(amplitude: Floats, order: Integers, cells: int) -> None:
    """Compiled code does not check bounds, so a wrong index must not reach it."""
    if amplitude.shape != (len(order), cells) or order.shape[1] > cells:
        raise ValueError(
            f"amplitudes {amplitude.shape} need one column for each of the {cells} cells, and "
            f"orders {order.shape} a row for each presentation and at most so many columns"
        )
    if order.size and not 0 <= order.min() <= order.max() < cells:
        raise ValueError(f"orders must name cells 0 to {cells - 1}")
