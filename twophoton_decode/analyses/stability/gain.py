"""Does the similarity of a trial go with how strongly the whole population responded?"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from twophoton_decode.records import Responses
from twophoton_decode.responses.shown import residual_of_trials
from twophoton_decode.responses.statistics.session_effects import residuals

LAGS = 4
"""Autocorrelations are summed over lags up to this part of the session."""


def gain_of_trials(responses: Responses) -> np.ndarray:
    """Mean response of all cells less its mean over the image's trials, (presentations,).

    Responses that were filled in do not count.
    """
    return residual_of_trials(responses)


def noise_autocorrelation(responses: Responses) -> float:
    """Correlation of noise in successive presentations, mean over cells [ours].

    Noise is a response less its mean over the image's trials; responses that were filled in
    do not count. NaN without onsets, or where no cell has any noise.
    """
    if not np.isfinite(responses.onset_s).all():
        return float("nan")
    order = np.argsort(responses.onset_s, kind="stable")
    noise = _noise(responses)[order]
    power = (noise**2).sum(axis=0)
    product = (noise[1:] * noise[:-1]).sum(axis=0)
    share = 1.0
    if responses.filled is not None:
        # Sums over what was measured, as shares of what they would be without gaps.
        known = responses.known[order]
        pairs = (known[1:] & known[:-1]).mean(axis=0)
        power, share = power * (pairs > 0), known.mean(axis=0) / np.where(pairs > 0, pairs, 1.0)
    if not (power > 0).any():
        return float("nan")
    ratio = share * product / np.where(power > 0, power, 1.0)
    return float(ratio[power > 0].mean())


def _noise(responses: Responses) -> np.ndarray:
    """Responses less their mean over the image's trials; 0 where they were filled in."""
    if responses.filled is None:
        return residuals(responses.response, responses.image)
    noise = responses.response - responses.averages()[responses.image]
    return np.where(responses.known, noise, 0.0)


def similarity_and_gain(
    similarity: np.ndarray, gain: np.ndarray, image: np.ndarray, onset_s: np.ndarray
) -> dict[str, Any]:
    """Correlation over trials of similarity and gain, both less their image's mean [ours].

    p is two-sided, of Student's t. As both may change slowly, trials count as fewer where
    neighbours in time resemble each other in both (`independent_part`).

    Parameters
    ----------
    similarity, gain : ndarray, shape (presentations,)
        Presentations without a similarity are left out.
    onset_s : ndarray, shape (presentations,), s
        Where any is NaN, trials count as independent.
    """
    undefined = {"gain_correlation": np.nan, "gain_p": np.nan}
    known = np.flatnonzero(np.isfinite(similarity))
    if not known.size:
        return undefined
    if np.isfinite(onset_s[known]).all():
        known = known[np.argsort(onset_s[known], kind="stable")]
    rest = residuals(np.stack([similarity[known], gain[known]], axis=1), image[known])
    free = float(len(known) - len(np.unique(image[known])))
    norm = float(np.prod(np.linalg.norm(rest, axis=0)))
    if not norm > 0 or free < 2:
        return undefined
    r = float(rest[:, 0] @ rest[:, 1]) / norm
    if np.isfinite(onset_s[known]).all():
        free = max(free * independent_part(rest), 2.0)
    # Rounding can carry a perfect correlation past 1.
    t = np.sqrt((free - 1) * r**2 / max(1 - r**2, np.finfo(float).tiny))
    return {"gain_correlation": r, "gain_p": float(2 * stats.t.sf(t, free - 1))}


def independent_part(series: np.ndarray) -> float:
    """Independent samples of a correlation of two series over their number, at most 1 [field].

    1 / (1 + 2 Σ_h (1 − h/n) ρ_1(h) ρ_2(h)), the variance of a correlation of autocorrelated
    series after Bartlett (1935); ρ are autocorrelations, over lags up to n / 4.

    Parameters
    ----------
    series : ndarray, shape (n, 2)
        In time, each of mean zero.
    """
    n = len(series)
    spectrum = np.fft.rfft(series, 2 * n, axis=0)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, axis=0)[: n // LAGS + 1]
    product = np.prod(covariance / covariance[0], axis=1)
    lag = np.arange(1, len(product))
    return float(1 / max(1.0, 1 + 2 * ((1 - lag / n) * product[1:]).sum()))
