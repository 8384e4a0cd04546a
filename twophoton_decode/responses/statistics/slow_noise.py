"""Does something rise or fall over time, beyond what slow noise does by itself?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import linalg, stats

from twophoton_decode.statistics.image_groups import ImageGroups

TIME_CONSTANTS = 10
LONGEST = 3.0
"""Time constants that are tried: from one step between presentations to so many sessions."""
SHARES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
"""Shares of the noise variance that is slow."""
WHITE = 0.5
"""Weight of white noise beforehand."""
ROUNDING = 1e-10
"""Share of the values' variance that counts as noise even where trend and levels say all."""
SMALLEST_STEP = 1e-3
"""Presentations lie at least so many median steps apart, so that no two are one."""


class Noise(NamedTuple):
    """White noise of variance `white`, and 1 − white of slow noise of one time constant.

    `inverse` (2, n) is the inverse of the slow noise's correlation, which is tridiagonal:
    above the diagonal, and the diagonal. `log_determinant` is that of the inverse.
    """

    white: float
    inverse: np.ndarray
    log_determinant: float
    weight: float


def trend_p(values: np.ndarray, image: np.ndarray, onset_s: np.ndarray) -> float:
    """Two-sided p of a linear trend in time, neighbouring presentations resembling each other.

    Generalised least squares of values on one level for each image and on time [field]. The
    noise is white plus an Ornstein-Uhlenbeck process, a first-order autoregression at uneven
    times. Few values do not tell its time constant and share: p is the mean over a grid of
    both, weighted by their restricted likelihood [ours], so that what may well be slow noise
    does not count as a trend.

    Parameters
    ----------
    values : ndarray, shape (presentation,)
    image : ndarray of int, shape (presentation,)
        Index of the image shown.
    onset_s : ndarray, shape (presentation,), s

    Returns
    -------
    float
        NaN where images and trend leave no degree of freedom.
    """
    order = np.argsort(onset_s, kind="stable")
    group = ImageGroups.of(image[order])
    left = len(values) - len(group.count) - 1
    step = np.diff(onset_s[order])
    if left < 1 or not np.median(step) > 0:
        return float("nan")
    step = np.maximum(step, SMALLEST_STEP * np.median(step))
    label = np.empty(len(values), dtype=np.int64)
    label[group.order] = group.of_row
    time = np.concatenate([[0.0], np.cumsum(step)]) / step.sum() - 0.5
    scale = float(np.ptp(values)) or 1.0
    design = np.column_stack([np.eye(len(group.count))[label], time, values[order] / scale])
    log_weight, t = np.array([_fit(design, noise, left) for noise in _noises(step)]).T
    weight = np.exp(log_weight - log_weight.max())
    return float(weight @ (2 * stats.t.sf(np.abs(t), left)) / weight.sum())


def _noises(step: np.ndarray) -> Iterator[Noise]:
    """White noise, and every time constant with every share of slow noise."""
    shortest = float(np.median(step))
    inverse = _inverse_correlation(step, shortest)
    yield Noise(1.0, inverse, _log_determinant(inverse), WHITE)
    weight = (1.0 - WHITE) / (TIME_CONSTANTS * len(SHARES))
    for constant in np.geomspace(shortest, LONGEST * step.sum(), TIME_CONSTANTS):
        inverse = _inverse_correlation(step, constant)
        determinant = _log_determinant(inverse)
        for share in SHARES:
            yield Noise(1.0 - share, inverse, determinant, weight)


def _inverse_correlation(step: np.ndarray, constant: float) -> np.ndarray:
    """Inverse of exp(−|t − t′| / constant), (2, n): above the diagonal, and the diagonal.

    With r = exp(−step/constant) it holds −r/(1 − r²) beside the diagonal, and 1 plus r²/(1 − r²)
    for each neighbour on it.
    """
    lost = -np.expm1(-2 * step / constant)
    inverse = np.zeros((2, len(step) + 1))
    inverse[0, 1:] = -np.exp(-step / constant) / lost
    inverse[1] = 1.0
    inverse[1, 1:] += (1 - lost) / lost
    inverse[1, :-1] += (1 - lost) / lost
    return inverse


def _log_determinant(banded: np.ndarray) -> float:
    return 2 * float(np.log(linalg.cholesky_banded(banded, check_finite=False)[1]).sum())


def _fit(design: np.ndarray, noise: Noise, left: int) -> tuple[float, float]:
    """Restricted log-likelihood with the weight beforehand, and t of the trend.

    `design` (n, columns) holds the levels, then time, then the values. V = white I +
    (1 − white) Q⁻¹, so that V⁻¹ = (white Q + (1 − white) I)⁻¹ Q.
    """
    mixed = noise.white * noise.inverse
    mixed[1] += 1.0 - noise.white
    factor = linalg.cholesky_banded(mixed, check_finite=False)
    beside, diagonal = noise.inverse[0, 1:, None], noise.inverse[1, :, None]
    product = diagonal * design
    product[:-1] += beside * design[1:]
    product[1:] += beside * design[:-1]
    weighted = linalg.cho_solve_banded((factor, False), product, check_finite=False)
    # The last rows of the Cholesky factor of the moments are trend and values without the rest.
    moments = design.T @ weighted
    moments[-1, -1] *= 1.0 + ROUNDING
    lower = linalg.cholesky(moments, lower=True, check_finite=False)
    size = np.diag(lower)
    log_v = 2 * np.log(factor[1]).sum() - noise.log_determinant
    log_likelihood = -0.5 * log_v - np.log(size[:-1]).sum() - left * np.log(size[-1])
    t = lower[-1, -2] / size[-1] * np.sqrt(left)
    return float(log_likelihood + np.log(noise.weight)), float(t)
