"""Least squares of many features, each on its own selection of cells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import get_num_threads, njit
from scipy import linalg
from scipy.sparse.linalg import eigsh

from twophoton_decode.kernels.positive_definite import solve_positive
from twophoton_decode.kernels.threads import in_threads, one_thread_each

STABILISATION = 1e-10
"""Added to the Gram matrix's diagonal, relative to the mean of the selected diagonal."""
WELL_CONDITIONED = 1e-5
"""Reciprocal condition number from which on the inverse of the whole Gram matrix serves."""
NEARLY_ROUND = 3.0
"""Condition number up to which weights are found by iteration."""
FEW_CELLS = 100
"""Up to this many, all eigenvalues are found as quickly as one."""
FIRST_PASS = 1e-4
"""Share of the weights' error that iteration in float32 leaves; it is done twice."""


def selected_least_squares(
    gram: np.ndarray,
    moments: np.ndarray,
    selected: np.ndarray,
    eigenvalues: tuple[float, float] | None = None,
) -> np.ndarray:
    """Weights of each feature on the cells selected for it; zero for all others.

    Column j solves (G_ss + ε I) w = c_s over the cells s selected for feature j, with
    G = XᵀX, c = Xᵀy_j. The tiny ε makes dependent cells share their weight, as the
    minimum-norm solution does.

    Where most cells are selected and G is well conditioned, the few cells t that are not
    are removed from a common inverse B = G⁻¹ instead, w = B_ss c_s − B_st B_tt⁻¹ B_ts c_s:
    the matrix to be factorised is then the smaller one.

    Where a strong penalty makes all eigenvalues of G nearly the same, so they are of every
    G_ss, and weights come from Chebyshev's iteration for all features together, without any
    factorisation: its error bound is below 1e-8 of the weights.

    Parameters
    ----------
    gram : ndarray, shape (cells, cells)
    moments : ndarray, shape (cells, features)
    selected : ndarray of bool, shape (cells, features)
    eigenvalues : (float, float), optional
        Bounds of those of `gram`, the smallest and the largest, if they are known.

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
    if eigenvalues is not None and 0 < eigenvalues[1] <= NEARLY_ROUND * eigenvalues[0]:
        return _iterated(gram, wanted, chosen, *eigenvalues).T
    most = chosen.sum(axis=1) > cells / 2
    # OpenBLAS's threads wait seconds for each other here when the cores have other work.
    with one_thread_each():
        inverse = _inverse(gram) if most.any() else None
    if inverse is None:
        most[:] = False
    else:
        weights[most] = wanted[most] @ inverse
        _share_out(lambda rows: _remove_unselected(inverse, chosen, rows, weights), most)
    _share_out(lambda rows: _solve_selected(gram, wanted, chosen, rows, weights), ~most)
    return weights.T


def largest_eigenvalue(gram: np.ndarray) -> float:
    """An upper bound of a positive matrix's eigenvalues, at most a hundredth above the largest."""
    if len(gram) < FEW_CELLS:
        return float(linalg.eigvalsh(gram)[-1])
    start = np.random.default_rng(0).standard_normal(len(gram))
    found = eigsh(gram, k=1, v0=start, tol=1e-3, return_eigenvectors=False)
    return float(found[0]) * 1.01


def _iterated(
    gram: np.ndarray, wanted: np.ndarray, chosen: np.ndarray, low: float, high: float
) -> np.ndarray:
    """Weights (features, cells) by iteration in float32, on what is missing in float64."""
    middle = (low + high) / 2
    apart = gram.astype(np.float32)
    apart[np.diag_indices_from(apart)] = np.diag(gram) - middle
    apart /= np.float32(middle)
    mask = chosen.astype(np.float32)
    weights = _chebyshev(apart, (wanted / middle).astype(np.float32), mask, high / low)
    missing = (wanted - (weights @ gram) * chosen) / middle
    size = np.abs(missing).max(initial=0.0) or 1.0
    return weights + size * _chebyshev(apart, (missing / size).astype(np.float32), mask, high / low)


def _chebyshev(
    apart: np.ndarray, wanted: np.ndarray, mask: np.ndarray, condition: float
) -> np.ndarray:
    """Rows w with w (I + `apart`) = `wanted` on the mask, to `FIRST_PASS`, in float64.

    Eigenvalues of I + `apart` lie evenly about one (Golub and Varga 1961).
    """
    radius = max((condition - 1.0) / (condition + 1.0), 1e-6)
    # Chebyshev's polynomials at 1 / radius: the last one's inverse bounds the error.
    below, last = 1.0, 1.0 / radius
    before, weights = np.zeros_like(wanted), wanted
    while last * FIRST_PASS < 1.0:
        below, last = last, 2.0 / radius * last - below
        following = wanted - before
        following -= (weights @ apart) * mask
        following *= np.float32(2.0 / radius * below / last)
        following += before
        before, weights = weights, following
    return weights.astype(np.float64)


def _share_out(work: Callable[[np.ndarray], None], features: np.ndarray) -> None:
    """Do features in as many threads as numba may use, linear algebra within each in one."""
    threads = get_num_threads()
    parts = [np.flatnonzero(features)[start::threads] for start in range(threads)]
    in_threads(work, parts)


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


def _solve_selected(
    gram: np.ndarray,
    wanted: np.ndarray,
    selected: np.ndarray,
    rows: np.ndarray,
    weights: np.ndarray,
) -> None:
    """Weights (features, cells) of the features `rows`, in place, each by itself."""
    room = _room(selected, rows)
    for j in rows:
        chosen = np.flatnonzero(selected[j])
        if chosen.size:
            part = principal_part(gram, chosen, STABILISATION, room)
            weights[j, chosen] = solve_positive(part, wanted[j, chosen])


def _remove_unselected(
    inverse: np.ndarray, selected: np.ndarray, rows: np.ndarray, weights: np.ndarray
) -> None:
    """From weights as if all cells were selected to those without the others, in place."""
    room = _room(~selected, rows)
    for j in rows:
        left_out = np.flatnonzero(~selected[j])
        if left_out.size:
            part = principal_part(inverse, left_out, 0.0, room)
            share = solve_positive(part, weights[j, left_out])
            subtract_rows(weights[j], inverse, left_out, share)
            weights[j, left_out] = 0.0


def _room(chosen: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Memory for the largest matrix: to ask for it anew each time takes as long as to solve."""
    return np.empty(int(chosen[rows].sum(axis=1).max(initial=0)) ** 2)


@njit(cache=True, nogil=True)
def principal_part(matrix, chosen, stabilisation, room):  # type: ignore[no-untyped-def]
    """The chosen rows and columns, `stabilisation` times the mean diagonal added to theirs."""
    part = room[: chosen.size**2].reshape(chosen.size, chosen.size)
    trace = 0.0
    for a in range(chosen.size):
        for b in range(chosen.size):
            part[a, b] = matrix[chosen[a], chosen[b]]
        trace += part[a, a]
    for a in range(chosen.size):
        part[a, a] += stabilisation * trace / chosen.size
    return part


@njit(cache=True, nogil=True)
def subtract_rows(values, matrix, chosen, share):  # type: ignore[no-untyped-def]
    """`values` minus the chosen rows of `matrix`, each times its share, in place."""
    for a in range(chosen.size):
        for k in range(values.size):
            values[k] -= share[a] * matrix[chosen[a], k]
