"""Ridge regression of many cells on the same features: one decomposition serves them all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.decoding.ridge.strength import STRENGTHS

CELLS_FOR_STRENGTH = 200
"""At most so many cells, evenly spaced over all, choose a strength."""
_CUTOFF = 1e-10
"""Eigenvalues below this share of the largest are rounding."""


@dataclass(frozen=True, eq=False)
class SharedRidge:
    """The features of the training images, X − X̄ = U S Vᵀ.

    A ridge fit with an intercept predicts Ȳ + (x − X̄) V S (S² + λ)⁻¹ Uᵀ Y, whatever Y is:
    the responses of all cells, or the same with images exchanged.

    Attributes
    ----------
    mean : ndarray, shape (unit,)
    left : ndarray, shape (image, axis)
        U.
    size : ndarray, shape (axis,)
        The diagonal of S.
    right : ndarray, shape (unit, axis)
        V.
    """

    mean: np.ndarray
    left: np.ndarray
    size: np.ndarray
    right: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray) -> SharedRidge:
        """From features (image, unit), by the smaller of XXᵀ and XᵀX."""
        mean = features.mean(axis=0)
        X = features - mean
        wide = X.shape[1] > X.shape[0]
        values, vectors = np.linalg.eigh(X @ X.T if wide else X.T @ X)
        kept = values > _CUTOFF * values[-1]
        size, vectors = np.sqrt(values[kept]), vectors[:, kept]
        other = (X.T if wide else X) @ vectors / size
        left, right = (vectors, other) if wide else (other, vectors)
        return cls(mean, left, size, right)

    def penalty(self, strength: float) -> float:
        """λ, from a strength relative to the mean of S² over training images."""
        return strength * float((self.size**2).sum()) / len(self.left)

    def readout(self, features: np.ndarray, strength: float) -> Readout:
        """What predicts other images with these features (image, unit)."""
        shrunk = self.size / (self.size**2 + self.penalty(strength))
        return Readout((features - self.mean) @ self.right * shrunk, self.left)

    def left_out_error(self, response: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Squared error on groups of training images left out one at a time, no refits.

        The residuals E = Y − Ŷ of a group g that is left out are (I − H_gg)⁻¹ E_g, with the
        hat matrix H = 1/n + U S² (S² + λ)⁻¹ Uᵀ.

        Parameters
        ----------
        response : ndarray, shape (image, cell)
        group : ndarray of int, shape (image,)
            Images that show nearly the same have equal numbers.

        Returns
        -------
        ndarray, shape (strength, cell)
            For each of `STRENGTHS`.
        """
        centred = response - response.mean(axis=0)
        along = self.left.T @ centred
        together = _several(group)
        errors = np.empty((len(STRENGTHS), response.shape[1]))
        for place, strength in enumerate(STRENGTHS):
            kept = self.size**2 / (self.size**2 + self.penalty(strength))
            residual = centred - self.left @ (kept[:, None] * along)
            alone = 1 - 1 / len(centred) - self.left**2 @ kept
            left_out = residual / alone[:, None]
            for rows in together:
                hat = 1 / len(centred) + self.left[rows] * kept @ self.left[rows].T
                left_out[rows] = np.linalg.solve(np.eye(len(rows)) - hat, residual[rows])
            errors[place] = (left_out**2).sum(axis=0)
        return errors


@dataclass(frozen=True, eq=False)
class Readout:
    """Predictions of some images from the responses to the training images: A (Uᵀ Y)."""

    of_image: np.ndarray
    left: np.ndarray

    def predict(self, response: np.ndarray) -> np.ndarray:
        """Predicted minus mean training response, (image, cell)."""
        return self.of_image @ (self.left.T @ response)


def chosen_strength(
    ridge: SharedRidge, response: np.ndarray, group: np.ndarray
) -> tuple[float, float]:
    """The strength with the smallest left-out error, and that error.

    One strength for all cells; each cell's error counts relative to its variance, so that the
    error is 1 where the features say nothing. Cells that respond alike to all have no say.
    """
    varying = np.flatnonzero(np.ptp(response, axis=0) > 0)
    if not varying.size:
        return STRENGTHS[-1], 1.0
    spaced = np.linspace(0, varying.size - 1, min(varying.size, CELLS_FOR_STRENGTH))
    some = response[:, varying[spaced.astype(np.int64)]]
    variance = ((some - some.mean(axis=0)) ** 2).sum(axis=0)
    error = (ridge.left_out_error(some, group) / variance).mean(axis=1)
    best = int(np.argmin(error))
    return STRENGTHS[best], float(error[best])


def _several(group: np.ndarray) -> list[np.ndarray]:
    """Rows of each group that has more than one."""
    _, number, count = np.unique(group, return_inverse=True, return_counts=True)
    return [np.flatnonzero(number == each) for each in np.flatnonzero(count > 1)]
