"""Ridge regressions on the same regressors, each on a selection of its own."""

from __future__ import annotations

import numpy as np

AT_ONCE = 128
"""Regressions solved together, so that each step is two matrix products."""


def selected_ridge_weights(
    features: np.ndarray,
    response: np.ndarray,
    selected: np.ndarray,
    strength: np.ndarray,
    tolerance: float,
) -> np.ndarray:
    """Weights w_k = X_k (X_kᵀX_k + λ_k I)⁻¹ y_k over the selected rows X_k of the features.

    Solved by conjugate gradients for all regressions at once: XᵀX of each selection, which
    would take most of the time, is never formed. Works in the precision of `features`.

    Parameters
    ----------
    features : ndarray, shape (features, observations)
    response : ndarray, shape (regressions, observations)
    selected : ndarray of bool, shape (regressions, features)
    strength : ndarray, shape (regressions,)
        λ, above zero.
    tolerance : float
        Largest residual norm of the linear system, relative to that of y.

    Returns
    -------
    ndarray, shape (regressions, features)
        Zero where not selected.

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
