"""The responses a decoder is fitted to, and which presentations showed the same image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import linalg

from twophoton_decode.decoding.fitting.thin_weights import Basis, Centring
from twophoton_decode.decoding.fitting.transform import NONE, transformed
from twophoton_decode.errors import ResponseError

CUTOFF = 1e-10
"""Singular values below this fraction of the largest one count as zero."""


class Spectrum(NamedTuple):
    """Centred responses along their principal axes: ``responses @ axes``, without null space.

    `values` (axes,) are the eigenvalues of RᵀR, `scores` (presentations, axes) the
    responses along the axes, `basis` the axes, (cells, axes), and `target_sums` (axes,
    targets) the scores summed over the presentations of a target.
    """

    values: np.ndarray
    scores: np.ndarray
    basis: Basis
    target_sums: np.ndarray


@dataclass(frozen=True, eq=False)
class TrainingResponses:
    """Single-trial responses of the training images, centred, with what follows from them.

    Everything here is independent of the images' content, so it is computed once and
    serves every set of targets: the true ones, and those of each permutation.

    Parameters
    ----------
    responses : ndarray, shape (presentations, cells)
    target : ndarray of int, shape (presentations,)
        The row of the targets that belongs to each presentation, 0…targets-1.
    group : ndarray of int, shape (presentations,)
        Presentations that an inner cross-validation must not separate, 0…groups-1.
    """

    responses: np.ndarray
    target: np.ndarray
    group: np.ndarray

    @property
    def presentations(self) -> int:
        """Number of presentations."""
        return int(self.responses.shape[0])

    @property
    def cells(self) -> int:
        """Number of cells."""
        return int(self.responses.shape[1])

    @cached_property
    def group_of_target(self) -> np.ndarray:
        """The group of each target's presentations, shape (targets,)."""
        return self.group[np.unique(self.target, return_index=True)[1]]

    @cached_property
    def repeats(self) -> np.ndarray:
        """Presentations of each target, shape (targets,)."""
        return np.bincount(self.target)

    @cached_property
    def mean(self) -> np.ndarray:
        """Mean response over presentations, shape (cells,)."""
        return self.responses.mean(axis=0)

    @cached_property
    def centring(self) -> Centring:
        """Subtracts `mean` from any responses."""
        return Centring(self.mean)

    @cached_property
    def centred(self) -> np.ndarray:
        """Responses minus their mean; exactly zero for a constant cell."""
        centred = self.responses - self.mean
        centred[:, self._constant] = 0.0
        return centred

    @cached_property
    def _constant(self) -> np.ndarray:
        return np.ptp(self.responses, axis=0) == 0

    @cached_property
    def constant_cells(self) -> int:
        """Number of cells with the same response to every presentation."""
        return int(np.count_nonzero(self._constant))

    @cached_property
    def changing(self) -> np.ndarray:
        """Which cells are not constant, shape (cells,)."""
        return ~self._constant

    def read_as(self, transform: str) -> TrainingResponses:
        """The same of transformed responses, made once for each transform."""
        if transform == NONE:
            return self
        if transform not in self._read:
            response = transformed(self.responses, transform)
            self._read[transform] = TrainingResponses(response, self.target, self.group)
        return self._read[transform]

    @cached_property
    def _read(self) -> dict[str, TrainingResponses]:
        return {}

    def require_change(self) -> None:
        """`ResponseError` if no cell ever changes."""
        if not self.changing.any():
            raise ResponseError(
                f"every one of the {self.cells} cells responded alike to all "
                f"{self.presentations} training presentations: there is nothing to decode."
            )

    @cached_property
    def svd(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """U, s, Vᵀ of the centred responses, singular values above the cut-off only."""
        self.require_change()
        changing = self.changing
        U, s, Vt = linalg.svd(self.centred[:, changing], full_matrices=False, check_finite=False)
        kept = s > CUTOFF * s[0]
        directions = np.zeros((np.count_nonzero(kept), self.cells))
        directions[:, changing] = Vt[kept]
        return U[:, kept], s[kept], directions

    @cached_property
    def variance(self) -> float:
        """Sum of squares of the centred responses."""
        return float(np.vdot(self.centred, self.centred))

    @cached_property
    def spectrum(self) -> Spectrum:
        """Eigenvalues and principal axes of the centred responses, by the smaller side."""
        self.require_change()
        if "svd" in self.__dict__:
            U, s, directions = self.svd
            values, scores, basis = s**2, U * s, Basis(directions.T)
        elif self.cells <= self.presentations:
            values, axes = _leading(self.gram)
            scores, basis = self.centred @ axes, Basis(axes)
        else:
            values, vectors = _leading(self.kernel)
            root = np.sqrt(values)
            scores, basis = vectors * root, Basis((self.centred.T @ vectors) / root)
        return Spectrum(values, scores, basis, self.sum_by_target(scores).T)

    @cached_property
    def error_forms(self) -> dict[float, np.ndarray]:
        """Squared held-out error as a form of the targets, by strength, once it was computed."""
        return {}

    @cached_property
    def gram(self) -> np.ndarray:
        """XᵀX of the centred responses X, shape (cells, cells)."""
        return self.centred.T @ self.centred

    @cached_property
    def kernel(self) -> np.ndarray:
        """XXᵀ of the centred responses X, shape (presentations, presentations)."""
        return self.centred @ self.centred.T

    @cached_property
    def kernel_basis(self) -> Basis:
        """The centred responses as directions among the cells."""
        return Basis(self.centred.T)

    @cached_property
    def target_sums(self) -> np.ndarray:
        """Centred responses summed over the presentations of a target, (targets, cells)."""
        return self.sum_by_target(self.centred)

    def sum_by_target(self, rows: np.ndarray) -> np.ndarray:
        """`rows` (presentations, …) summed over each target's presentations."""
        order = np.argsort(self.target, kind="stable")
        first = np.cumsum(self.repeats) - self.repeats
        sums = np.zeros((len(first), *rows.shape[1:]), dtype=rows.dtype)
        # One repeat of all targets at a time, which reads and writes whole rows.
        for repeat in range(self.repeats.max(initial=0)):
            shown = self.repeats > repeat
            sums[shown] += rows[order[first[shown] + repeat]]
        return sums

    def mean_target(self, targets: np.ndarray) -> np.ndarray:
        """Mean of `targets` over presentations: each weighs as often as it was shown."""
        return self.repeats @ targets / self.presentations


def _leading(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and eigenvectors of a Gram matrix, without those that are rounding."""
    values, vectors = linalg.eigh(gram, check_finite=False)
    kept = values > len(gram) * np.finfo(float).eps * values[-1]
    return values[kept], vectors[:, kept]
