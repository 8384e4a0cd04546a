"""Reconstructions that grow cell by cell, scored from inner products instead of pixels.

With n cells the reconstruction less the mean image is x_n = x_0 + Σ_{k≤n} a_k w_k, where
w_k is the reverse filter of the k-th cell to enter and a_k its amplitude. Every score is a
function of ‖x_n‖² and ⟨x_n, s⟩, and these follow from ⟨w_j, w_k⟩ and ⟨w_k, s⟩.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Integers = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


def squared_norms(
    gram: Floats, amplitude: Floats, order: Integers, start_product: Floats, start_norm: float
) -> Floats:
    """‖x_n‖² of every presentation at every number of cells.

    ‖x_n‖² = ‖x_{n-1}‖² + a_k (2 ⟨x_{n-1}, w_k⟩ + a_k ⟨w_k, w_k⟩), in O(cells) per added cell.

    Parameters
    ----------
    gram : ndarray, shape (cells, cells)
        Inner products of the reverse filters, ⟨w_j, w_k⟩.
    amplitude : ndarray, shape (presentations, cells)
        a, what each cell's filter is multiplied by.
    order : ndarray of int, shape (presentations, cells)
        The cells in the order in which they enter, a permutation in each row.
    start_product : ndarray, shape (cells,)
        ⟨x_0, w_k⟩, zero when no cells give the mean image.
    start_norm : float
        ‖x_0‖².

    Returns
    -------
    ndarray, shape (presentations, cells + 1)
        Column n holds ‖x_n‖².
    """
    cells = gram.shape[0]
    _require_orders(amplitude, order, cells)
    # Empty cells fill the last group; they enter after all others and add nothing.
    empty = -cells % TOGETHER
    rank = np.full((len(order), cells + empty), cells)
    np.put_along_axis(rank[:, :cells], order, np.arange(cells)[None], axis=1)
    norms = np.empty((len(order), cells + 1))
    norms[:, 0] = start_norm
    norms[:, 1:] = _norm_gains(
        np.pad(np.asarray(gram, np.float64), (0, empty)),
        np.pad(np.asarray(amplitude, np.float64), ((0, 0), (0, empty))),
        rank,
        np.pad(np.asarray(start_product, np.float64), (0, empty)),
    )[:, :cells]
    return np.cumsum(norms, axis=1, out=norms)


# Rows of the Gram matrix in one pass, and presentations that share them in the cache.
TOGETHER = 4
BLOCK = 8


@njit(cache=True, parallel=True, fastmath={"reassoc", "contract", "nsz"})
def _norm_gains(gram, amplitude, rank, start_product):  # type: ignore[no-untyped-def]
    """What the n-th cell adds to ‖x‖², shape (presentations, cells)."""
    presentations, cells = rank.shape
    gains = np.zeros((presentations, cells + 1))
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


@dataclass(frozen=True)
class CandidateCurves:
    """R of growing reconstructions of some images against the same candidate images.

    Presentations of an image are averaged. *Held* curves stop growing, in each
    presentation, at its last responsive cell.

    Attributes
    ----------
    own : ndarray, shape (images, cells + 1)
        R against the image shown, at every number of cells.
    others : ndarray, shape (images, cells + 1)
        R averaged over the other candidates; NaN if there are none.
    every_cell : ndarray, shape (images, candidates)
        R from all cells, against each candidate.
    responsive : ndarray, shape (images, candidates)
        The end of the held curve: R from all responsive cells.
    best : ndarray, shape (images, candidates)
        The highest point of the held curve, at one cell or more; NaN without responsive cells.
    best_count : ndarray of int, shape (images,)
        Number of cells at that point for the image shown; 0 without responsive cells.
    """

    own: Floats
    others: Floats
    every_cell: Floats
    responsive: Floats
    best: Floats
    best_count: Integers


def curves_against_candidates(
    product: Floats,
    start: Floats,
    amplitude: Floats,
    order: Integers,
    inverse_norm: Floats,
    responsive: Integers,
    edges: Integers,
    shown: Integers,
) -> CandidateCurves:
    """R of growing reconstructions against the image shown and all its rivals.

    Parameters
    ----------
    product : ndarray, shape (cells, candidates)
        ⟨w_k, s_j⟩ / ‖s_j‖ with pixels centred; zero for a constant candidate.
    start : ndarray, shape (candidates,)
        ⟨x_0, s_j⟩ / ‖s_j‖, likewise.
    amplitude, order : ndarray, shape (presentations, cells)
        As in `squared_norms`.
    inverse_norm : ndarray, shape (presentations, cells + 1)
        1 / ‖x_n‖ with pixels centred; zero where x_n is constant, so that R counts as 0.
    responsive : ndarray of int, shape (presentations,)
        How many of the first cells in `order` are responsive.
    edges : ndarray of int, shape (images + 1,)
        Image i has the presentations ``edges[i]:edges[i + 1]``, at least one.
    shown : ndarray of int, shape (images,)
        Which candidate each image is.
    """
    _require_orders(amplitude, order, cells=product.shape[0])
    own, total, every_cell, held, best, best_count = _candidate_curves(
        np.ascontiguousarray(product, np.float64),
        np.ascontiguousarray(start, np.float64),
        np.ascontiguousarray(amplitude, np.float64),
        np.ascontiguousarray(order, np.int64),
        np.ascontiguousarray(inverse_norm, np.float64),
        np.ascontiguousarray(responsive, np.int64),
        np.ascontiguousarray(edges, np.int64),
        np.ascontiguousarray(shown, np.int64),
    )
    rivals = product.shape[1] - 1
    others = (total - own) / rivals if rivals else np.full_like(own, np.nan)
    best[best_count == 0] = np.nan
    return CandidateCurves(own, others, every_cell, held, best, best_count)


@njit(cache=True, parallel=True, fastmath={"reassoc", "contract", "nsz"})
def _candidate_curves(product, start, amplitude, order, inverse_norm, responsive, edges, shown):  # type: ignore[no-untyped-def]
    images, counts, candidates = len(shown), order.shape[1] + 1, len(start)
    own, total = np.empty((images, counts)), np.empty((images, counts))
    every_cell, held = np.empty((images, candidates)), np.empty((images, candidates))
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
            own[i],
            total[i],
            every_cell[i],
            held[i],
            best[i],
        )
    return own, total, every_cell, held, best, best_count


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _grow_one_image(  # type: ignore[no-untyped-def]
    product,
    start,
    amplitude,
    order,
    inverse_norm,
    responsive,
    shown,
    own,
    total,
    r,
    stopped,
    best,
):
    """Add cells to all trials of one image in step; writes into the last five arrays."""
    trials, cells = order.shape
    growing = np.empty((trials, len(start)))
    growing[:] = start
    stopped[:] = 0.0
    held = np.empty_like(r)
    best_count = 0
    for n in range(cells + 1):
        r[:] = 0.0
        held[:] = stopped
        for t in range(trials):
            if n > 0:
                _add(growing[t], amplitude[t, order[t, n - 1]], product[order[t, n - 1]])
            share = inverse_norm[t, n] / trials
            _add(r, share, growing[t])
            if n <= responsive[t]:
                _add(held, share, growing[t])
            if n == responsive[t]:
                _add(stopped, share, growing[t])
        own[n], total[n] = r[shown], r.sum()
        if 1 <= n <= responsive.max():
            if held[shown] > best[shown]:
                best_count = n
            best[:] = np.maximum(best, held)
    return best_count


@njit(cache=True, fastmath={"reassoc", "contract", "nsz"})
def _add(into, factor, values):  # type: ignore[no-untyped-def]
    for j in range(len(values)):
        into[j] += factor * values[j]


def _require_orders(amplitude: Floats, order: Integers, cells: int) -> None:
    """Compiled code does not check bounds, so a wrong index must not reach it."""
    if amplitude.shape != order.shape or order.shape[1] != cells:
        raise ValueError(
            f"amplitudes {amplitude.shape} and orders {order.shape} need one column for "
            f"each of the {cells} cells"
        )
    if order.size and not 0 <= order.min() <= order.max() < cells:
        raise ValueError(f"orders must name cells 0 to {cells - 1}")
