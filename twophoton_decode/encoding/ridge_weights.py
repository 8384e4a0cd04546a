"""Ridge regressions on the same regressors, each on a selection of its own: two ways to solve."""

from __future__ import annotations

import numpy as np
from scipy.linalg import blas

from twophoton_decode.kernels.positive_definite import solve_positive

AT_ONCE = 128
"""Regressions solved together, so that each step is two matrix products."""
STEPS = 100
"""Steps of conjugate gradients on all regressors that take as long as one factorisation of as
many multiplications: about fifty are needed, and their larger products run twice as fast."""


def cholesky_is_shorter(selected: np.ndarray, observations: int) -> np.ndarray:
    """For each regression, whether factorising takes less time than conjugate gradients.

    Parameters
    ----------
    selected : ndarray of bool, shape (regressions, features)
    observations : int

    Returns
    -------
    ndarray of bool, shape (regressions,)
    """
    chosen = selected.sum(axis=1, dtype=float)
    small, large = np.minimum(chosen, observations), np.maximum(chosen, observations)
    return np.asarray(small**2 * (large + small / 3) < STEPS * selected.shape[1] * observations)


def cholesky_ridge_weights(
    features: np.ndarray, response: np.ndarray, selected: np.ndarray, strength: np.ndarray
) -> np.ndarray:
    """Weights w_k = X_k (X_kᵀX_k + λ_k I)⁻¹ y_k over the selected rows X_k of the features.

    Solved by Cholesky's factors of X_kᵀX_k or X_kX_kᵀ, whichever is smaller, in double precision.

    Parameters
    ----------
    features : ndarray, shape (features, observations)
    response : ndarray, shape (regressions, observations)
    selected : ndarray of bool, shape (regressions, features)
        At least one feature of each.
    strength : ndarray, shape (regressions,)
        λ, above zero.

    Returns
    -------
    ndarray, shape (regressions, features)
        Zero where not selected.

    Raises
    ------
    LinAlgError
        λ is so small that the matrix is not positive in double precision.
    """
    weight = np.zeros(selected.shape)
    for row, (chosen, y, shift) in enumerate(zip(selected, response, strength, strict=True)):
        X = features[chosen]
        gram = smaller_gram(X)
        if len(X) < X.shape[1]:
            weight[row, chosen] = shifted_solution(gram, X @ y, shift)
        else:
            weight[row, chosen] = X @ shifted_solution(gram, y, shift)
    return weight


def smaller_gram(X: np.ndarray) -> np.ndarray:
    """XXᵀ or XᵀX, the smaller one, its lower triangle only, in the order of LAPACK."""
    # LAPACK reads by columns, so X as it lies in memory is its Xᵀ.
    return np.asarray(blas.dsyrk(1.0, X.T, trans=int(len(X) < X.shape[1]), lower=True))


def shifted_solution(gram: np.ndarray, right: np.ndarray, shift: float) -> np.ndarray:
    """(G + shift I)⁻¹ right, from the lower triangle of G."""
    shifted = gram.copy(order="F")
    shifted[np.diag_indices(len(gram))] += shift
    return solve_positive(shifted.T, right)


def selected_ridge_weights(
    features: np.ndarray,
    response: np.ndarray,
    selected: np.ndarray,
    strength: np.ndarray,
    tolerance: float,
) -> np.ndarray:
    """As `cholesky_ridge_weights`, by conjugate gradients for all regressions at once.

    XᵀX of each selection, which would take most of the time, is never formed. Works in the
    precision of `features`.

    Parameters
    ----------
    tolerance : float
        Largest residual norm of the linear system, relative to that of y.

    Raises
    ------
    FloatingPointError
        The tolerance lies below what the precision allows.
    """
    observed = np.ascontiguousarray(features.T)
    weight = np.zeros(selected.shape, features.dtype)
    for start in range(0, len(response), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        mask = selected[rows].T.astype(features.dtype)
        y, shift = response[rows].T.astype(features.dtype), strength[rows].astype(features.dtype)
        dual = _solve(features, observed, mask, shift, y, tolerance)
        weight[rows] = ((features @ dual) * mask).T
    return weight


def _solve(
    features: np.ndarray,
    observed: np.ndarray,
    mask: np.ndarray,
    shift: np.ndarray,
    y: np.ndarray,
    tolerance: float,
) -> np.ndarray:
    """(X_kᵀX_k + λ_k I)⁻¹ y_k in column k, shape (observations, regressions)."""
    solution, residual = np.zeros_like(y), y.copy()
    direction, square = y.copy(), (y * y).sum(axis=0)
    goal, tiny = tolerance**2 * square, np.finfo(y.dtype).tiny
    for _ in range(20 * len(y)):
        if (square <= goal).all():
            return solution
        image = observed @ (mask * (features @ direction)) + shift * direction
        step = square / np.maximum((direction * image).sum(axis=0), tiny)
        solution += step * direction
        residual -= step * image
        before, square = square, (residual * residual).sum(axis=0)
        direction = residual + (square / np.maximum(before, tiny)) * direction
    worst = float(np.sqrt((square / np.maximum(goal, tiny)).max()))
    raise FloatingPointError(
        f"conjugate gradients did not converge: the residual is {worst:.3g} times the tolerance "
        f"{tolerance:.3g} after {20 * len(y)} steps."
    )
