"""The level of a silent cell, found below its activity and inside the noise."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

PERCENTILES = (1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0)
"""The percentiles of a trace that the level is found from."""

# The grid of the model; docs/methods/extraction.md says how its limits were chosen.
_EVENTS_PER_DECAY = np.geomspace(0.01, 5.0, 24)
_SIZES = np.geomspace(0.05, 30.0, 32)
_NODES, _LEVELS = 200, 160
# The noise that a trace is taken to have at least, as a share of the spread of its lower half.
_LEAST_NOISE = 0.02


def silent_level(
    percentiles: np.ndarray, noise: np.ndarray, independent: float
) -> tuple[np.ndarray, np.ndarray]:
    """F0 by a model of calcium traces: level + activity + noise [ours].

    Transients that begin at random, decay exponentially and vary in size as an exponential
    distribution does have values that follow a gamma distribution; its shape is the number
    of transients in a decay time, its scale their mean size. Noise is normal and known. The
    level is found from the lower half of the trace alone: for every shape (0.01 to 5) and
    scale (0.05 to 30 noises) of a grid, by generalised least squares of the percentiles. The
    result is the mean over the grid, weighted by how well each fits, so that what the trace
    cannot tell apart is averaged over.

    Parameters
    ----------
    percentiles : ndarray, shape (rois, len(PERCENTILES))
    noise : ndarray, shape (rois,)
        SD of the noise of what the percentiles were taken from.
    independent : float
        How many independent values they were taken from.

    Returns
    -------
    level, error : ndarray, shape (rois,), in the unit of the percentiles
        The error is the standard deviation over the grid; both are NaN where a percentile is.
    """
    spread = percentiles[:, -1] - percentiles[:, 0]
    unit = np.maximum(noise, _LEAST_NOISE * spread)
    unit = np.where(unit > 0, unit, 1.0)
    found = np.array(
        [_fitted(row / each, independent) for row, each in zip(percentiles, unit, strict=True)]
    ).reshape(-1, 2)
    constant = spread == 0
    level = np.where(constant, percentiles[:, 0], found[:, 0] * unit)
    return level, np.where(constant, 0.0, found[:, 1] * unit)


class _Grid(NamedTuple):
    """Percentiles over a level of 0, (shape, scale, percentile), and how to weigh misfits."""

    value: np.ndarray
    density: np.ndarray
    whitening: np.ndarray
    slope: np.ndarray
    weight: np.ndarray


def _fitted(percentiles: np.ndarray, independent: float) -> tuple[float, float]:
    """Level and its error, both in SD of noise."""
    grid = _grid()
    misfit = ((percentiles - grid.value) * grid.density) @ grid.whitening
    along = (misfit * grid.slope).sum(axis=-1)
    level = along / grid.weight
    chi2 = independent * ((misfit**2).sum(axis=-1) - along**2 / grid.weight)
    likelihood = np.exp(-(chi2 - chi2.min()) / 2)
    likelihood /= likelihood.sum()
    mean = (likelihood * level).sum()
    variance = (level - mean) ** 2 + 1 / (independent * grid.weight)
    return float(mean), float(np.sqrt((likelihood * variance).sum()))


@lru_cache(maxsize=1)
def _grid() -> _Grid:
    """The percentiles that gamma-distributed activity with noise of SD 1 has.

    A sample's share below a percentile has the covariance of a Brownian bridge; the density
    turns it into one of percentiles.
    """
    share = np.array(PERCENTILES) / 100
    value = np.array(
        [[_mixed(shape, size, share) for size in _SIZES] for shape in _EVENTS_PER_DECAY]
    )
    density = np.gradient(share) / np.gradient(value, axis=-1)
    bridge = np.minimum.outer(share, share) - np.outer(share, share)
    whitening = np.linalg.cholesky(np.linalg.inv(bridge))
    slope = density @ whitening
    return _Grid(value, density, whitening, slope, (slope**2).sum(axis=-1))


def _mixed(shape: float, size: float, share: np.ndarray) -> np.ndarray:
    """Quantiles of gamma-distributed activity plus normal noise of SD 1."""
    from scipy.special import gammaincinv, ndtr

    activity = size * gammaincinv(shape, (np.arange(_NODES) + 0.5) / _NODES)
    level = np.linspace(-4, np.quantile(activity, share[-1] + 0.1) + 3, _LEVELS)
    below = ndtr(level[:, np.newaxis] - activity).mean(axis=1)
    return np.asarray(np.interp(share, below, level))
