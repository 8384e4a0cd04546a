"""Least squares of many features, each on its own selection of cells."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
from numba import get_num_threads, njit
from scipy import linalg
from threadpoolctl import ThreadpoolController

STABILISATION = 1e-10
"""Added to the Gram matrix's diagonal, relative to the mean of the selected diagonal."""
WELL_CONDITIONED = 1e-5
"""Reciprocal condition number from which on the inverse of the whole Gram matrix serves."""


def selected_least_squares(
    gram: np.ndarray, moments: np.ndarray, selected: np.ndarray
) -> np.ndarray:
    """Weights of each feature on the cells selected for it; zero for all others.

    Column j solves (G_ss + ε I) w = c_s over the cells s selected for feature j, with
    G = XᵀX, c = Xᵀy_j. The tiny ε makes dependent cells share their weight, as the
    minimum-norm solution does.

    Where most cells are selected and G is well conditioned, the few cells t that are not
    are removed from a common inverse B = G⁻¹ instead, w = B_ss c_s − B_st B_tt⁻¹ B_ts c_s:
    the matrix to be factorised is then the smaller one.

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
    gram = np.ascontiguousarray(gram, dtype=np.float64)
    weights = np.zeros((moments.shape[1], cells))
    chosen = np.ascontiguousarray(selected.T, dtype=np.bool_)
    wanted = np.where(chosen, moments.T, 0.0)
    most = chosen.sum(axis=1) > cells / 2
    inverse = _inverse(gram) if most.any() else None
    if inverse is None:
        most[:] = False
    else:
        weights[most] = wanted[most] @ inverse
        _share_out(lambda rows: remove_unselected(inverse, chosen, rows, weights), most)
    _share_out(
        lambda rows: solve_selected(gram, wanted, chosen, STABILISATION, rows, weights), ~most
    )
    return weights.T


def _share_out(work: Callable[[np.ndarray], None], features: np.ndarray) -> None:
    """Do features in as many threads as numba may use, linear algebra within each in one."""
    threads = get_num_threads()
    parts = [np.flatnonzero(features)[start::threads] for start in range(threads)]
    with _libraries().limit(limits=1, user_api="blas"), ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, parts))


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def _inverse(gram: np.ndarray) -> np.ndarray | None:
    """G⁻¹, unless G is too badly conditioned for it."""
    factor, failed = linalg.lapack.dpotrf(gram, lower=True)
    if (
        failed
        or linalg.lapack.dpocon(factor, np.abs(gram).sum(axis=0).max(), uplo="L")[0]
        < WELL_CONDITIONED
    ):
        return None
    inverse = linalg.lapack.dpotri(factor, lower=True, overwrite_c=True)[0]
    return np.ascontiguousarray(np.tril(inverse) + np.tril(inverse, -1).T)


@njit(cache=True, nogil=True)
def solve_selected(gram, wanted, selected, stabilisation, rows, weights):  # type: ignore[no-untyped-def]
    """Weights (features, cells) of the features `rows`, in place, cell by cell selected."""
    for j in rows:
        chosen = np.nonzero(selected[j])[0]
        if chosen.size == 0:
            continue
        part = principal_part(gram, chosen)
        ridge = stabilisation * np.trace(part) / chosen.size
        for a in range(chosen.size):
            part[a, a] += ridge
        weights[j, chosen] = substitute(np.linalg.cholesky(part).T, wanted[j, chosen])


@njit(cache=True, nogil=True)
def remove_unselected(inverse, selected, rows, weights):  # type: ignore[no-untyped-def]
    """From weights as if all cells were selected to those without the others, in place."""
    for j in rows:
        left_out = np.nonzero(~selected[j])[0]
        # The factor is stored by columns: its transpose is read by rows.
        upper = np.linalg.cholesky(principal_part(inverse, left_out)).T
        share = substitute(upper, weights[j, left_out])
        for a in range(left_out.size):
            weights[j] -= share[a] * inverse[left_out[a]]
        weights[j, left_out] = 0.0


@njit(cache=True, nogil=True)
def principal_part(matrix, chosen):  # type: ignore[no-untyped-def]
    """The chosen rows and columns."""
    part = np.empty((chosen.size, chosen.size))
    for a in range(chosen.size):
        for b in range(chosen.size):
            part[a, b] = matrix[chosen[a], chosen[b]]
    return part


# Sums may be reordered, so that the inner products below use the processor's vectors.
@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def substitute(upper, values):  # type: ignore[no-untyped-def]
    """Solve Uᵀ U x = `values`, into `values`."""
    for a in range(values.size):
        values[a] /= upper[a, a]
        known = values[a]
        for k in range(a + 1, values.size):
            values[k] -= upper[a, k] * known
    for a in range(values.size - 1, -1, -1):
        total = values[a]
        for k in range(a + 1, values.size):
            total -= upper[a, k] * values[k]
        values[a] = total / upper[a, a]
    return values
