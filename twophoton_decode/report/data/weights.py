"""Reverse filters of a decoder, rounded so finely that no picture shows it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from scipy.fft import dctn, idctn

TOLERANCE: Final = 0.009
"""Largest error of a pixel, as a share of the pictures' range, that rounding may make."""

# Directions that hold less than this share of the strongest one's power are rounding.
_NEGLIGIBLE: Final = 1e-11
_TRIES: Final = 6
_FIRST_STEP: Final = 0.0015
_LARGEST: Final = 32767
_CHECKED_COUNTS: Final = (1, 4, 16, 64, 250, 1000, 4000)


@dataclass(frozen=True)
class FoldTrials:
    """What a fold's filters are checked with.

    Attributes
    ----------
    filters : ndarray, shape (cells, pixels)
        Reverse filters.
    amplitude, coded_amplitude : ndarray, shape (presentations, cells)
        What the filters are multiplied by, and what the page multiplies them by.
    resting : ndarray, shape (cells,)
        What the filters of cells that are not used are multiplied by.
    rank : ndarray of int, shape (presentations, cells)
        Place of each cell in the order in which cells enter.
    """

    filters: np.ndarray
    amplitude: np.ndarray
    coded_amplitude: np.ndarray
    resting: np.ndarray
    rank: np.ndarray

    def from_cells(self, count: int, coded: bool = False) -> np.ndarray:
        """Amplitudes where only the first `count` cells are used, (presentations, cells)."""
        amplitude = self.coded_amplitude if coded else self.amplitude
        return np.where(self.rank < count, amplitude, self.resting).astype(np.float32)


@dataclass(frozen=True)
class CompactFilters:
    """Reverse filters as whole numbers in an orthonormal basis.

    The filter of cell k in fold f is ``(code[f, :, k] * step[k]) @ directions``. Without
    `basis`, the basis is that of the cosine transform over both axes, which is not stored.

    Attributes
    ----------
    code : ndarray of int16, shape (folds, directions, cells)
    step : ndarray of float32, shape (cells,)
        Finer for cells that respond more strongly, so that all err alike in the picture.
    basis : ndarray of int16, shape (directions, pixels), or None
        In units of ``1 / 32767``.
    shape : tuple of int
        Height and width of a picture.
    error : float
        Largest difference of a pixel that rounding makes, in the unit of the pictures.
    """

    code: np.ndarray
    step: np.ndarray
    basis: np.ndarray | None
    shape: tuple[int, int]
    error: float = field(default=np.nan)

    def filters(self, fold: int) -> np.ndarray:
        """Reverse filters of a fold, shape (cells, pixels), float32."""
        return self.pictures(np.asarray(self.code[fold].T * self.step[:, None], np.float32))

    def pictures(self, weights: np.ndarray) -> np.ndarray:
        """From directions to pixels, along the last axis."""
        if self.basis is not None:
            return weights @ (self.basis / np.float32(_LARGEST))
        return _from_cosines(weights, self.shape)


def compact_filters(
    folds: list[FoldTrials], shape: tuple[int, int], pixel_range: float
) -> CompactFilters:
    """Round the filters of all folds as coarsely as `TOLERANCE` allows.

    The error is measured over every presentation, at several numbers of cells, with the
    responses that the page has; the step is changed until it holds. Where the tries do not
    suffice, `error` says what was reached.

    Parameters
    ----------
    folds : list of FoldTrials
    shape : tuple of int
        Height and width of a picture.
    pixel_range : float
        Highest less lowest pixel of the pictures shown.
    """
    basis = _shared_basis(folds)
    weights = np.stack([_in_basis(fold.filters, basis, shape) for fold in folds])
    step = _FIRST_STEP * pixel_range / np.sqrt(weights.shape[1]) / _strengths(folds)
    allowed, found = TOLERANCE * pixel_range, None
    for _ in range(_TRIES):
        made = _rounded(weights, step, basis, shape)
        error = max(
            _largest_error(fold, trials, weights[fold], basis, made)
            for fold, trials in enumerate(folds)
        )
        if error <= allowed:
            found = replace(made, error=error)
        if 0.75 * allowed < error <= allowed or error == 0:
            break
        step = step * min(0.93 * allowed / error, 8.0)
    return found or replace(made, error=error)


def _shared_basis(folds: list[FoldTrials]) -> np.ndarray | None:
    """Orthonormal pictures that span the filters of all folds; None where they are too many.

    Filters learned from few pictures are sums of these pictures, so that few directions hold
    all of them exactly.
    """
    pixels = folds[0].filters.shape[1]
    products = np.zeros((pixels, pixels))
    for fold in folds:
        filters = np.asarray(fold.filters, np.float64)
        products += filters.T @ filters
    power, directions = np.linalg.eigh(products)
    kept = power > _NEGLIGIBLE * max(power[-1], 0.0)
    return None if kept.sum() > pixels / 2 else directions[:, kept].T


def _in_basis(filters: np.ndarray, basis: np.ndarray | None, shape: tuple[int, int]) -> np.ndarray:
    """Weights of the directions, shape (cells, directions)."""
    if basis is not None:
        return np.asarray(filters @ basis.T, np.float32)
    cosines = dctn(filters.reshape(-1, *shape), axes=(1, 2), norm="ortho")
    return np.asarray(cosines.reshape(len(filters), -1), np.float32)


def _from_cosines(weights: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    stacked = weights.reshape(*weights.shape[:-1], *shape)
    return np.asarray(idctn(stacked, axes=(-2, -1), norm="ortho")).reshape(weights.shape)


def _strengths(folds: list[FoldTrials]) -> np.ndarray:
    """Root mean square amplitude of each cell over presentations; never near zero."""
    squares = sum((fold.coded_amplitude.astype(float) ** 2).sum(0) for fold in folds)
    found = np.sqrt(squares / sum(len(fold.amplitude) for fold in folds))
    return np.maximum(found, max(1e-3 * found.max(initial=0.0), np.finfo(np.float32).tiny))


def _rounded(
    weights: np.ndarray, step: np.ndarray, basis: np.ndarray | None, shape: tuple[int, int]
) -> CompactFilters:
    """Weights (folds, cells, directions) in whole steps."""
    fits = np.abs(weights).max(axis=(0, 2), initial=0.0) / (_LARGEST - 1)
    step = np.maximum(step, fits).astype(np.float32)
    code = np.round(weights / step[:, None]).astype(np.int16).transpose(0, 2, 1)
    coded = None if basis is None else np.round(basis * _LARGEST).astype(np.int16)
    return CompactFilters(np.ascontiguousarray(code), step, coded, shape)


def _largest_error(
    fold: int,
    trials: FoldTrials,
    weights: np.ndarray,
    basis: np.ndarray | None,
    made: CompactFilters,
) -> float:
    """Largest difference of a pixel over a fold's presentations and numbers of cells."""
    coded = np.asarray(made.code[fold].T * made.step[:, None], np.float32)
    largest = 0.0
    cells = trials.filters.shape[0]
    for count in (*(n for n in _CHECKED_COUNTS if n < cells), cells):
        packed = trials.from_cells(count, coded=True) @ coded
        whole = trials.from_cells(count) @ weights
        if basis is None:
            difference = _from_cosines(packed - whole, made.shape)
        else:
            difference = made.pictures(packed) - whole @ basis
        largest = max(largest, float(np.abs(difference).max(initial=0.0)))
    return largest
