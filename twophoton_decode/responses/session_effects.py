"""What leaks into responses from before: the preceding image, and time in the session."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from twophoton_decode.responses.reliability import column_correlation
from twophoton_decode.statistics.image_groups import ImageGroups

PERMUTATIONS = 999
_ROUNDING = 1e-12


@dataclass(frozen=True)
class SessionEffect:
    """A correlation with the residuals around the image mean.

    Attributes
    ----------
    by_cell : ndarray, shape (cell,)
        NaN for a cell without variation.
    over_all : float
    p : float
        Two-sided p of `over_all`.
    """

    by_cell: np.ndarray
    over_all: float
    p: float


def carry_over(
    response: np.ndarray, image: np.ndarray, previous: np.ndarray, rng: np.random.Generator
) -> SessionEffect:
    """How much a response depends on the image before it [ours].

    Pearson correlation, over presentations, of the response minus the cell's mean response
    to its image with the cell's mean response to the preceding image minus the cell's mean
    over images; `over_all` takes all cells and presentations together. Calcium that still
    decays during the baseline makes it negative: then the baseline window is too early or
    the pause too short. p exchanges the preceding images at random, 999 times.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
    image : ndarray of int, shape (presentation,)
        Index of the image shown.
    previous : ndarray of int, shape (presentation,)
        Index of the image shown before it, -1 where there is none.
    rng : numpy.random.Generator

    Returns
    -------
    SessionEffect
        NaN with one repeat only, or where nothing varies.
    """
    residual, tuning = _residual_and_tuning(response, image)
    known = np.isin(previous, image)
    if not known.any():
        return _undefined(response)
    row_of_image = np.searchsorted(np.unique(image), previous[known])
    residual, tuning = residual[known], tuning - tuning.mean(axis=0)
    by_cell = column_correlation(residual, tuning[row_of_image])
    # Over all cells, a permutation only exchanges these sums over cells.
    product = residual @ tuning.T - residual.sum(axis=1)[:, None] * tuning[row_of_image].mean()
    norm = _norm(residual) * _norm(tuning[row_of_image])
    if not norm > _ROUNDING * np.linalg.norm(response) ** 2:
        return _undefined(response)
    rows = np.arange(len(residual))
    orders = [rng.permutation(row_of_image) for _ in range(PERMUTATIONS)]
    chance = [product[rows, order].sum() / norm for order in orders]
    r = float(product[rows, row_of_image].sum() / norm)
    return SessionEffect(by_cell, r, _two_sided_p(r, np.array(chance)))


def drift(response: np.ndarray, image: np.ndarray, onset_s: np.ndarray) -> SessionEffect:
    """How much responses rise or fall over the session [ours].

    Pearson correlation, over presentations, of the response minus the cell's mean response
    to the image with the onset minus the mean onset of that image's presentations;
    `over_all` takes the mean of the residuals over cells. Neighbouring presentations resemble
    each other, so p compares with the residuals shifted around in time by every lag.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
    image : ndarray of int, shape (presentation,)
        Index of the image shown.
    onset_s : ndarray, shape (presentation,), s

    Returns
    -------
    SessionEffect
        NaN with one repeat only, or without onsets.
    """
    if not np.isfinite(onset_s).all():
        return _undefined(response)
    residual, _ = _residual_and_tuning(response, image)
    # Onsets too are compared within an image, which is what repeats make comparable.
    onset, _ = _residual_and_tuning(onset_s[:, None], image)
    in_time = np.argsort(onset_s, kind="stable")
    mean = residual.mean(axis=1)[in_time]
    norm = _norm(mean) * _norm(onset)
    if not norm > _ROUNDING * np.linalg.norm(response) * np.linalg.norm(onset):
        return _undefined(response)
    # The product with every shift in time at once.
    spectrum = np.fft.rfft(mean - mean.mean()).conj() * np.fft.rfft(onset[in_time, 0])
    r = np.fft.irfft(spectrum, mean.size) / norm
    return SessionEffect(
        column_correlation(residual, np.broadcast_to(onset, residual.shape)),
        float(r[0]),
        _two_sided_p(float(r[0]), r[1:]),
    )


def mean_residual(response: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Mean over cells of the response minus the cell's mean to the image, (presentation,)."""
    return np.asarray(_residual_and_tuning(response, image)[0].mean(axis=1))


def _residual_and_tuning(response: np.ndarray, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Responses minus their image's mean (presentation, cell), and the means (image, cell)."""
    groups = ImageGroups.of(image)
    ordered = response[groups.order]
    residual = np.empty_like(ordered)
    residual[groups.order] = groups.deviations(ordered)
    return residual, groups.means(ordered)


def _norm(values: np.ndarray) -> float:
    """Root of the sum of squares about the mean."""
    return float(np.linalg.norm(values - values.mean()))


def _two_sided_p(value: float, chance: np.ndarray) -> float:
    # Rounding must not make an equal value smaller.
    reached = np.abs(chance) >= abs(value) * (1 - 1e-12)
    return float((1 + reached.sum()) / (1 + chance.size))


def _undefined(response: np.ndarray) -> SessionEffect:
    return SessionEffect(np.full(response.shape[1], np.nan), math.nan, math.nan)
