"""Reverse filters of a decoder, rounded so finely that no picture shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.fft import dctn, idctn

TOLERANCE: Final = 0.009
"""Largest error of a pixel, as a share of the pictures' range, that rounding may make."""
R_TOLERANCE: Final = 0.0045
"""Largest error of R that it may make."""

# Directions that hold less than this share of the strongest one's power are rounding.
_NEGLIGIBLE: Final = 1e-11
_MOST_PRODUCTS: Final = 2500
"""Side of a matrix whose eigenvectors cost seconds; beyond it, cosines serve."""
_TRIES: Final = 6
_FIRST_STEP: Final = 0.0015
_LARGEST: Final = 32767
_CHECKED_COUNTS: Final = (1, 4, 16, 64, 250, 1000, 4000)
# Of a picture that differs from m by less, as a share of the range, R says nothing.
_FLAT: Final = 0.002


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
    target : ndarray, shape (presentations, pixels)
        The pictures shown, less the mean training image.
    """

    filters: np.ndarray
    amplitude: np.ndarray
    coded_amplitude: np.ndarray
    resting: np.ndarray
    rank: np.ndarray
    target: np.ndarray

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
    error, r_error : float
        Largest difference of a pixel, as a share of the pictures' range, and of R, that rounding
        makes.
    """

    code: np.ndarray
    step: np.ndarray
    basis: np.ndarray | None
    shape: tuple[int, int]
    error: float = np.nan
    r_error: float = np.nan

    def filters(self, fold: int) -> np.ndarray:
        """Reverse filters of a fold, shape (cells, pixels), float32."""
        return self.pictures(np.asarray(self.code[fold].T * self.step[:, None], np.float32))

    def pictures(self, weights: np.ndarray) -> np.ndarray:
        """From directions to pixels, along the last axis."""
        if self.basis is not None:
            return weights @ (self.basis / np.float32(_LARGEST))
        return _from_cosines(weights, self.shape)


def finest_filters(filters: Sequence[np.ndarray], shape: tuple[int, int]) -> CompactFilters:
    """Round the filters of all folds, each (cells, pixels), as finely as sixteen bits allow.

    No step of `compact_filters` is smaller. Errors are not measured.
    """
    basis = _shared_basis(filters)
    weights = np.stack([_in_basis(each, basis, shape) for each in filters])
    return _rounded(weights, np.zeros(weights.shape[1]), basis, shape)


def compact_filters(
    folds: list[FoldTrials], shape: tuple[int, int], pixel_range: float
) -> CompactFilters:
    """Round the filters of all folds as coarsely as the tolerances allow.

    Errors are measured over every presentation, at several numbers of cells, with the responses
    that the page has; the step is changed until they hold. Where the tries do not suffice,
    `error` and `r_error` say what was reached.

    Parameters
    ----------
    folds : list of FoldTrials
    shape : tuple of int
        Height and width of a picture.
    pixel_range : float
        Highest less lowest pixel of the pictures shown.
    """
    basis = _shared_basis([fold.filters for fold in folds])
    weights = np.stack([_in_basis(fold.filters, basis, shape) for fold in folds])
    step = _FIRST_STEP * pixel_range / np.sqrt(weights.shape[1]) / _strengths(folds)
    found = None
    for _ in range(_TRIES):
        made = _rounded(weights, step, basis, shape)
        errors = [_errors(trials, made.filters(at), pixel_range) for at, trials in enumerate(folds)]
        made = replace(made, error=max(e[0] for e in errors), r_error=max(e[1] for e in errors))
        excess = max(made.error / TOLERANCE, made.r_error / R_TOLERANCE)
        if excess <= 1:
            found = made
        if 0.75 < excess <= 1 or excess == 0:
            break
        step = step * min(0.9 / excess, 8.0)
    return found or made


def _shared_basis(filters: Sequence[np.ndarray]) -> np.ndarray | None:
    """Orthonormal pictures that span the filters of all folds; None where they are too many.

    Filters learned from few pictures are sums of these pictures, so that few directions hold
    all of them exactly.
    """
    every = np.concatenate([np.asarray(each, np.float64) for each in filters])
    rows, pixels = every.shape
    if min(rows, pixels) > _MOST_PRODUCTS:
        return None
    # Either side's products have the same powers; the smaller one is cheaper by far.
    by_rows = rows < pixels
    power, mixed = np.linalg.eigh(every @ every.T if by_rows else every.T @ every)
    kept = power > _NEGLIGIBLE * max(power[-1], 0.0)
    if kept.sum() > pixels / 2:
        return None
    directions = mixed[:, kept].T
    return (directions @ every) / np.sqrt(power[kept])[:, None] if by_rows else directions


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
    step = np.maximum(np.maximum(step, fits), np.finfo(np.float32).tiny).astype(np.float32)
    code = np.round(weights / step[:, None]).astype(np.int16).transpose(0, 2, 1)
    coded = None if basis is None else np.round(basis * _LARGEST).astype(np.int16)
    return CompactFilters(np.ascontiguousarray(code), step, coded, shape)


def _errors(trials: FoldTrials, coded: np.ndarray, pixel_range: float) -> tuple[float, float]:
    """Largest difference of a pixel, as a share of the range, and of R, over a fold.

    Over every presentation, and several numbers of cells; `coded` are the rounded filters.
    """
    pixel_error = r_error = 0.0
    cells = len(coded)
    for count in (*(n for n in _CHECKED_COUNTS if n < cells), cells):
        packed = trials.from_cells(count, coded=True) @ coded
        whole = trials.from_cells(count) @ trials.filters
        largest = np.abs(packed - whole).max(initial=0.0)
        pixel_error = max(pixel_error, float(largest) / pixel_range)
        seen = whole.std(axis=1) > _FLAT * pixel_range
        target = trials.target[seen]
        difference = _r(packed[seen], target) - _r(whole[seen], target)
        r_error = max(r_error, float(np.abs(difference).max(initial=0.0)))
    return pixel_error, r_error


def _r(made: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Pearson's r of the rows, shape (rows,); 0 where the target is constant."""
    made = made - made.mean(axis=1, keepdims=True)
    target = target - target.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(made, axis=1) * np.linalg.norm(target, axis=1)
    along = np.einsum("tp,tp->t", made, target)
    return np.divide(along, norm, out=np.zeros_like(along), where=norm > 0)
