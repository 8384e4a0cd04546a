"""The published feature gain against noise-matched features [Abdelhack & Kamitani 2018].

Biased: it is above zero for a mouse that answers to nothing but the picture shown
(docs/methods/completion.md). It is told so that results can be compared, never as a test.
"""

from __future__ import annotations

import numpy as np

from twophoton_decode.deep.comparison.degraded.nearness import Nearness

LEVELS_DB = np.round(np.arange(10, -100.05, -0.1), 1)
"""Signal-to-noise ratios that are tried, as in the authors' code."""


def feature_gain(found: Nearness, rng: np.random.Generator) -> np.ndarray:
    """(r_o − r_o of noisy features) − (r_s − r_s of noisy features), (degraded,).

    Noisy features are the true ones of the picture shown plus normal noise. Its level is that at
    which noisy features of intact pictures correlate with the true ones, on average, as
    decoded ones do; if decoded ones correlate negatively, the first at which noisy ones do. After
    the authors' code (KamitaniLab/BlurImageSharpening), but for one draw of noise, scaled, in
    place of another one at each level.

    Parameters
    ----------
    found : Nearness
        Of the first variant.
    rng : numpy.random.Generator
    """
    noise_intact, noise = (rng.standard_normal(each.shape) for each in (found.intact, found.shown))
    of_intact = noisy_correlations(found.intact, found.intact, noise_intact)
    level = matched_level(float(found.r_intact.mean()), of_intact)
    noisy_original = noisy_correlations(found.shown, found.original, noise)[level]
    noisy_shown = noisy_correlations(found.shown, found.shown, noise)[level]
    return (found.r_original[0] - noisy_original) - (found.r_shown[0] - noisy_shown)


def noisy_correlations(signal: np.ndarray, reference: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Correlation over units of signal + σ noise with a reference, (levels, rows).

    σ² is the mean square of the row's signal over 10^(dB / 10), for each of `LEVELS_DB`.

    Parameters
    ----------
    signal, reference, noise : ndarray, shape (rows, units)
        Noise of unit variance.
    """
    signal, reference, noise = (np.asarray(each, np.float64) for each in (signal, reference, noise))
    sigma = np.sqrt((signal**2).mean(axis=1) / 10 ** (LEVELS_DB[:, None] / 10))
    s, r, n = (each - each.mean(axis=1, keepdims=True) for each in (signal, reference, noise))
    both = _products(s, r) + sigma * _products(n, r)
    square = _products(s, s) + 2 * sigma * _products(s, n) + sigma**2 * _products(n, n)
    return np.asarray(both / np.sqrt(square * _products(r, r)))


def matched_level(decoded: float, noisy: np.ndarray) -> int:
    """Index of the level at which noisy features are as like the true ones as decoded ones are.

    Parameters
    ----------
    decoded : float
        Mean correlation of decoded with true features.
    noisy : ndarray, shape (levels, rows)
    """
    means = noisy.mean(axis=1)
    if decoded >= 0:
        return int(np.abs(means - decoded).argmin())
    below = np.flatnonzero(means < 0)
    return int(below[0]) if below.size else len(means) - 1


def _products(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("iu,iu->i", a, b)
