"""The strength of a ridge penalty, chosen by images left out of training, without refits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.ridge.hat import Hat, hat_matrices, is_large
from twophoton_decode.kernels.threads import in_threads

STRENGTHS = tuple(10.0 ** (np.arange(-12, 13) / 4))
"""Strengths to choose from, relative to the mean eigenvalue of RᵀR: four per decade."""
FORM_BYTES = 2**31
"""The most memory for what permutations share."""
TARGETS_PER_FEATURE = 4
"""With more targets for each feature than this, features are measured one by one."""
SMALL_GROUP = 32
"""Up to this many presentations, inverting is faster than solving for many columns."""
FIRST_STEP = 4
"""How many strengths the search of a large problem passes over at first."""
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


def choose_penalty(
    training: TrainingResponses, strengths: Sequence[float]
) -> Callable[[np.ndarray], Choice[float]]:
    """How to choose one strength for all features of any targets.

    The chosen one has the smallest squared single-trial error over groups left out one at
    a time: the loss that is fitted, on images not seen [ours]. In a large problem
    (`hat.is_large`) the strengths are not all tried: from the middle of their order the
    search goes where the error falls, in steps of four, then two, then one, which finds
    the best if the error has one minimum along that order.

    Parameters
    ----------
    training : TrainingResponses
    strengths : sequence of float, ascending
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
    errors_of = _held_out(training, len(alphas), _total)

    def choose(targets: np.ndarray) -> Choice[float]:
        measure = errors_of(targets)
        error = cache(lambda index: float(measure(float(alphas[index]))))
        if is_large(training):
            best = _descent(error, len(alphas))
        else:
            # With its form at hand, an error costs less than a thread.
            known = all(alpha in training.error_forms for alpha in alphas.tolist())
            best = _exhaustive(error, len(alphas), threads=not known)
        warnings = (UNPREDICTABLE,) if best == len(alphas) - 1 else ()
        return Choice(float(alphas[best]), error(best), warnings)

    return choose


def choose_penalty_per_feature(
    training: TrainingResponses, strengths: Sequence[float]
) -> Callable[[np.ndarray], Choice[np.ndarray]]:
    """How to choose a strength for each feature by itself; all strengths are tried.

    Returns
    -------
    callable
        Centred targets (targets, features) to absolute strengths (features,), with their error.
    """
    alphas = absolute_strengths(training, strengths)
    errors_of = _held_out(training, len(alphas), _by_feature)

    def choose(targets: np.ndarray) -> Choice[np.ndarray]:
        if len(alphas) == 1:
            return Choice(np.repeat(alphas, targets.shape[1]), float("nan"), ())
        measure = errors_of(targets)
        errors = np.stack(in_threads(measure, alphas))
        best = errors.argmin(axis=0)
        nothing = bool((best == len(alphas) - 1).all())
        error = float(errors.min(axis=0).sum())
        return Choice(alphas[best], error, (UNPREDICTABLE,) if nothing else ())

    return choose


def absolute_strengths(training: TrainingResponses, strengths: Sequence[float]) -> np.ndarray:
    """Strengths in squared response units, from those relative to the mean eigenvalue of RᵀR."""
    return np.asarray(strengths) * training.variance / training.cells


def _exhaustive(error: Callable[[int], float], count: int, *, threads: bool) -> int:
    errors = in_threads(error, range(count)) if threads else [error(n) for n in range(count)]
    return int(np.argmin(errors))


def _descent(error: Callable[[int], float], count: int) -> int:
    """The index of the smallest of `count` errors, if they fall and then rise."""
    best, step = count // 2, FIRST_STEP
    while step:
        near = {max(best - step, 0), best, min(best + step, count - 1)}
        lowest = min(sorted(near), key=error)
        if lowest == best:
            step //= 2
        best = lowest
    return best


Form = Callable[[float], np.ndarray]
"""From an absolute strength to a quadratic form of the targets, (targets, targets)."""
Errors = Callable[[float], Any]
"""From an absolute strength to the squared error on groups left out, of each feature or of all."""


def _held_out(
    training: TrainingResponses, strengths: int, by_form: Callable[[Form, np.ndarray], Errors]
) -> Callable[[np.ndarray], Errors]:
    """How to measure any targets: by quadratic forms that all share, where these pay."""
    hats, groups = hat_matrices(training), members_by_size(training.group)
    form = partial(shared_form, training)
    count = len(training.repeats)
    fits = 8 * strengths * count**2 <= FORM_BYTES

    def errors_of(targets: np.ndarray) -> Errors:
        if fits and count <= TARGETS_PER_FEATURE * targets.shape[1]:
            return by_form(form, targets)
        axis = None if by_form is _total else 0
        return lambda alpha: (held_out_residual(hats(alpha), groups, targets) ** 2).sum(axis)

    return errors_of


def shared_form(training: TrainingResponses, alpha: float) -> np.ndarray:
    """`error_form` over the groups of `training`, kept with it."""
    if alpha not in training.error_forms:
        hat, groups = hat_matrices(training)(alpha), members_by_size(training.group)
        training.error_forms[alpha] = error_form(hat, groups)
    return training.error_forms[alpha]


def _total(form: Form, targets: np.ndarray) -> Errors:
    """The error of all features together: an inner product with what they have in common."""
    common = targets @ targets.T
    return lambda alpha: np.einsum("ij,ij->", form(alpha), common)


def _by_feature(form: Form, targets: np.ndarray) -> Errors:
    return lambda alpha: np.einsum("ik,ik->k", targets, form(alpha) @ targets)


def error_form(hat: Hat, groups: list[np.ndarray]) -> np.ndarray:
    """Squared error on groups left out one at a time, as a quadratic form of the targets.

    As Y = Z S repeats the targets S (Z says which target each presentation has), the
    summed squared error is the inner product of M = Σ_g Eᵀ_g E_g, E = `held_out_residual` of
    the identity, with S Sᵀ. M does not depend on the targets, so permuted images cost one
    such product.

    Returns
    -------
    ndarray, shape (targets, targets)
    """
    residual = held_out_residual(hat, groups, None)
    return residual.T @ residual


def held_out_residual(hat: Hat, groups: list[np.ndarray], columns: np.ndarray | None) -> np.ndarray:
    """Residuals of every presentation after a fit without its group, without refits.

    With the hat matrix H of ridge with an intercept, those of group g are exactly
    (I − H_gg)⁻¹ ((I − H) Y)_g.

    Parameters
    ----------
    hat : Hat
        For one strength.
    groups : list of ndarray
        See `members_by_size`.
    columns : ndarray, shape (targets, columns), or None
        Targets; the identity if None.

    Returns
    -------
    ndarray, shape (presentations, columns)
    """
    residual, own = hat.residual(columns, groups)
    for rows, block in zip(groups, own, strict=True):
        if rows.shape[1] <= SMALL_GROUP:
            residual[rows] = np.linalg.inv(block) @ residual[rows]
        else:
            residual[rows] = np.linalg.solve(block, residual[rows])
    return residual


def members_by_size(group: np.ndarray) -> list[np.ndarray]:
    """The presentations of each group, as one matrix (groups, size) per size of group."""
    sizes = np.bincount(group)
    rows = np.split(np.argsort(group, kind="stable"), np.cumsum(sizes)[:-1])
    return [
        np.stack([rows[number] for number in np.flatnonzero(sizes == size)])
        for size in np.unique(sizes[sizes > 0])
    ]
