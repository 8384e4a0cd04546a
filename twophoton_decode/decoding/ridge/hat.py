"""The hat matrix H of ridge with an intercept, for any strength, by the smaller side.

H Y are the fitted targets of a training set. Whatever ridge needs follows from it: weights,
residuals, and residuals of presentations that were left out. It is never formed as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Protocol

import numpy as np
from scipy import linalg

from twophoton_decode.decoding.fitting.thin_weights import ThinWeights
from twophoton_decode.decoding.fitting.training import TrainingResponses

MANY_PRESENTATIONS = 2000
"""Above this, and with more cells still, a factorisation for each strength that is asked
for is faster than the eigenvectors that would serve them all."""
SINGLE_PRECISION = 1e4
"""Condition number up to which held-out errors are computed in float32."""


class Hat(Protocol):
    """H for one strength."""

    def residual(
        self, columns: np.ndarray | None, groups: Sequence[np.ndarray]
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """What is not fitted, and how much of it each group of presentations explains itself.

        Parameters
        ----------
        columns : ndarray, shape (targets, columns), or None
            None is the identity.
        groups : sequence of ndarray of int, shape (groups, size)
            Presentations of the groups, one array for each size of group.

        Returns
        -------
        residual : ndarray, shape (presentations, columns)
            (I − H) Z C; Z, (presentations, targets), says which target each presentation has.
        own : list of ndarray, shape (groups, size, size)
            (I − H)_gg of each group.
        """

    @property
    def mixture(self) -> ThinWeights:
        """Weights of any targets, (cells, targets)."""

    def rows(self, response: np.ndarray) -> np.ndarray:
        """H of other responses (rows, cells), minus the training mean: (rows, presentations)."""


def hat_matrices(training: TrainingResponses) -> Callable[[float], Hat]:
    """From an absolute strength to H; what all strengths share is computed once, when needed."""
    kind = KernelHat if is_large(training) else SpectralHat
    return cache(lambda alpha: kind(training, alpha))


def is_large(training: TrainingResponses) -> bool:
    """Whether every strength costs a factorisation of its own."""
    return training.cells > training.presentations > MANY_PRESENTATIONS


@dataclass(frozen=True, eq=False)
class SpectralHat:
    """H = 1/n + P diag(1 / (λ + α)) Pᵀ, with the responses P along their principal axes.

    Parameters
    ----------
    training : TrainingResponses
    alpha : float
        Strength, in squared response units.
    """

    training: TrainingResponses
    alpha: float

    def residual(
        self, columns: np.ndarray | None, groups: Sequence[np.ndarray]
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """As `Hat` says, with one matrix product for all columns."""
        training, P = self.training, self.training.spectrum.scores
        scaled = P * self._inverse
        sums = training.spectrum.target_sums
        if columns is not None:
            sums = sums @ columns
        rest = _centred(training, columns)
        rest -= scaled @ sums
        return rest, [_unfitted(scaled, P, rows) for rows in groups]

    @cached_property
    def mixture(self) -> ThinWeights:
        """Weights of any targets, (cells, targets)."""
        spectrum = self.training.spectrum
        return ThinWeights(spectrum.basis, self._inverse[:, None] * spectrum.target_sums)

    def rows(self, response: np.ndarray) -> np.ndarray:
        """H of other responses, (rows, presentations)."""
        spectrum = self.training.spectrum
        scaled = spectrum.basis.project(response) * self._inverse
        return scaled @ spectrum.scores.T + 1.0 / self.training.presentations

    @property
    def _inverse(self) -> np.ndarray:
        return 1.0 / (self.training.spectrum.values + self.alpha)


@dataclass(frozen=True, eq=False)
class KernelHat:
    """I − H = α (K + α I)⁻¹ − 1/n, with the kernel K = XXᵀ of the centred responses X.

    What is not fitted is computed in float32 where the condition number allows it; weights
    never.

    Parameters
    ----------
    training : TrainingResponses
    alpha : float
        Strength, in squared response units; above zero.
    """

    training: TrainingResponses
    alpha: float

    def residual(
        self, columns: np.ndarray | None, groups: Sequence[np.ndarray]
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """As `Hat` says, from the inverse, which is not kept."""
        training = self.training
        inverse = self._scaled_inverse()
        rest = np.ascontiguousarray(training.sum_by_target(inverse).T)
        if columns is not None:
            rest = rest @ columns.astype(rest.dtype)
        rest -= (_mean(training, columns)).astype(rest.dtype)
        mean = rest.dtype.type(1.0 / training.presentations)
        return rest, [inverse[rows[:, :, None], rows[:, None, :]] - mean for rows in groups]

    @cached_property
    def mixture(self) -> ThinWeights:
        """Weights of any targets, (cells, targets)."""
        share = linalg.cho_solve(self._factor(), _membership(self.training), True, False)
        return ThinWeights(self.training.kernel_basis, share)

    def rows(self, response: np.ndarray) -> np.ndarray:
        """H of other responses, (rows, presentations)."""
        kernel = self.training.kernel_basis.project(response)
        solved: np.ndarray = linalg.cho_solve(self._factor(), kernel.T, False, False)
        return solved.T + 1.0 / self.training.presentations

    def _factor(self) -> tuple[np.ndarray, bool]:
        penalised = self._penalised(np.float64)
        factor: tuple[np.ndarray, bool] = linalg.cho_factor(
            penalised, lower=True, overwrite_a=True, check_finite=False
        )
        return factor

    def _scaled_inverse(self) -> np.ndarray:
        """α (K + α I)⁻¹, (presentations, presentations)."""
        condition = linalg.norm(self.training.kernel, np.inf, check_finite=False) / self.alpha
        penalised = self._penalised(np.float32 if condition < SINGLE_PRECISION else np.float64)
        factorise, invert = linalg.get_lapack_funcs(("potrf", "potri"), (penalised,))
        factor, failed = factorise(penalised, lower=True, overwrite_a=True)
        if failed:
            raise linalg.LinAlgError(f"responses with strength {self.alpha} are singular")
        inverse = invert(factor, lower=True, overwrite_c=True)[0]
        inverse *= inverse.dtype.type(self.alpha)
        return _symmetric(inverse)

    def _penalised(self, dtype: type) -> np.ndarray:
        # The transpose of a symmetric matrix is itself, in the order that LAPACK wants.
        penalised: np.ndarray = np.array(self.training.kernel.T, dtype=dtype, order="F")
        penalised[np.diag_indices_from(penalised)] += self.alpha
        return penalised


def _unfitted(scaled: np.ndarray, P: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """I − 1/n − `scaled` Pᵀ for groups of rows, (groups, size, size)."""
    if rows.shape == (len(P), 1):
        hat = np.einsum("ij,ij->i", scaled, P)[rows][:, :, None]
    else:
        hat = _taken(scaled, rows) @ _taken(P, rows).transpose(0, 2, 1)
    return np.eye(rows.shape[1]) - 1.0 / len(P) - hat


def _taken(matrix: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Rows of a matrix, without a copy where they are all of them in order."""
    if rows.size == len(matrix) and np.array_equal(rows.ravel(), np.arange(len(matrix))):
        return matrix.reshape(*rows.shape, -1)
    return matrix[rows]


def _symmetric(lower: np.ndarray, width: int = 512) -> np.ndarray:
    """The lower triangle (stored by columns) copied to the upper one; result stored by rows."""
    for start in range(0, len(lower), width):
        part = slice(start, start + width)
        corner = np.tril(lower[part, part])
        lower[part, part] = corner + np.tril(corner, -1).T
        lower[part, start + width :] = lower[start + width :, part].T
    return lower.T


def _membership(training: TrainingResponses) -> np.ndarray:
    """Z: one where a presentation has a target, (presentations, targets)."""
    Z = np.zeros((training.presentations, len(training.repeats)), order="F")
    Z[np.arange(len(Z)), training.target] = 1.0
    return Z


def _mean(training: TrainingResponses, columns: np.ndarray | None) -> np.ndarray:
    """Mean of the columns over presentations."""
    share = training.repeats / training.presentations
    return share if columns is None else share @ columns


def _centred(training: TrainingResponses, columns: np.ndarray | None) -> np.ndarray:
    """Z C minus its mean over presentations."""
    rows = _membership(training) if columns is None else columns[training.target]
    return rows - _mean(training, columns)
