"""The strength of a ridge penalty, chosen by images left out of training, without refits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from twophoton_decode.decoding.training import TrainingResponses

STRENGTHS = tuple(10.0 ** (np.arange(-12, 13) / 4))
"""Strengths to choose from, relative to the mean eigenvalue of RᵀR: four per decade."""
UNPREDICTABLE = (
    "the largest penalty on offer was chosen: the responses predict images left out of "
    "training hardly better than the mean image does."
)

Strength = TypeVar("Strength", float, np.ndarray)


class Choice(NamedTuple, Generic[Strength]):
    """What was chosen, the squared error it has on images left out, and warnings."""

    strength: Strength
    error: float
    warnings: tuple[str, ...]


def strength_choice(
    training: TrainingResponses, strengths: Sequence[float]
) -> Callable[[np.ndarray], Choice[float]]:
    """How to choose one strength for all features of any targets.

    The chosen one has the smallest squared single-trial error over groups left out one at
    a time: the loss that is fitted, on images not seen [ours].

    Parameters
    ----------
    training : TrainingResponses
    strengths : sequence of float
        In units of the mean eigenvalue of RᵀR (responses centred, averaged over cells), so
        that the grid follows the responses' scale.

    Returns
    -------
    callable
        Centred targets (targets, features) to the absolute strength, with its error.
    """
    alphas = absolute_strengths(training, strengths)
    if len(alphas) == 1:
        return lambda targets: Choice(float(alphas[0]), float("nan"), ())
    forms = error_forms(training, alphas)

    def choose(targets: np.ndarray) -> Choice[float]:
        errors = np.einsum("aij,ij->a", forms, targets @ targets.T)
        best = int(errors.argmin())
        warnings = (UNPREDICTABLE,) if best == len(alphas) - 1 else ()
        return Choice(float(alphas[best]), float(errors[best]), warnings)

    return choose


def strengths_choice(
    training: TrainingResponses, strengths: Sequence[float]
) -> Callable[[np.ndarray], Choice[np.ndarray]]:
    """How to choose a strength for each feature by itself, by the rule of `strength_choice`.

    Returns
    -------
    callable
        Centred targets (targets, features) to absolute strengths (features,), with their error.
    """
    alphas = absolute_strengths(training, strengths)
    forms = error_forms(training, alphas)

    def choose(targets: np.ndarray) -> Choice[np.ndarray]:
        errors = np.stack([np.einsum("ik,ik->k", targets, form @ targets) for form in forms])
        best = errors.argmin(axis=0)
        nothing = len(alphas) > 1 and bool((best == len(alphas) - 1).all())
        error = float(errors.min(axis=0).sum())
        return Choice(alphas[best], error, (UNPREDICTABLE,) if nothing else ())

    return choose


def absolute_strengths(training: TrainingResponses, strengths: Sequence[float]) -> np.ndarray:
    """Strengths in squared response units, from those relative to the mean eigenvalue of RᵀR."""
    return np.asarray(strengths) * (training.svd[1] ** 2).sum() / training.cells


def error_forms(training: TrainingResponses, alphas: np.ndarray) -> np.ndarray:
    """Squared error on groups left out one at a time, as a quadratic form of the targets.

    With the hat matrix H of ridge with an intercept, the residuals of group g after a fit
    without it are exactly (I − H_gg)⁻¹ ((I − H) Y)_g. As Y = Z S repeats the targets S
    (Z says which target each presentation has), the summed squared error is the inner
    product of M = Σ_g Eᵀ_g E_g, E_g = (I − H_gg)⁻¹ ((I − H) Z)_g, with S Sᵀ. M does not
    depend on the targets, so permuted images cost one such product.

    Parameters
    ----------
    training : TrainingResponses
    alphas : ndarray, shape (strengths,)
        Absolute strengths.

    Returns
    -------
    ndarray, shape (strengths, targets, targets)
    """
    U, s, _ = training.svd
    Z = np.zeros((training.presentations, len(training.repeats)))
    Z[np.arange(len(Z)), training.target] = 1.0
    constant = Z - training.repeats / training.presentations
    UZ = training.sum_by_target(U).T
    members = _members_by_size(training.group)
    forms = [_error_form(U, s**2 / (s**2 + alpha), UZ, constant, members) for alpha in alphas]
    return np.stack(forms)


def _error_form(
    U: np.ndarray, kept: np.ndarray, UZ: np.ndarray, constant: np.ndarray, members: list[np.ndarray]
) -> np.ndarray:
    """M for one strength; `kept` is the share of each singular direction that is fitted."""
    residual = constant - (U * kept) @ UZ
    for rows in members:
        parts = U[rows]
        hat = (parts * kept) @ parts.transpose(0, 2, 1) + 1.0 / len(U)
        residual[rows] = np.linalg.solve(np.eye(rows.shape[1]) - hat, residual[rows])
    return residual.T @ residual


def _members_by_size(group: np.ndarray) -> list[np.ndarray]:
    """The rows of each group, as one matrix (groups, rows) per size of group."""
    sizes = np.bincount(group)
    rows = np.split(np.argsort(group, kind="stable"), np.cumsum(sizes)[:-1])
    return [
        np.stack([rows[number] for number in np.flatnonzero(sizes == size)])
        for size in np.unique(sizes[sizes > 0])
    ]
