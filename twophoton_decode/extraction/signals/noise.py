"""How noisy a trace is, and how far its signals rise above the noise."""

from __future__ import annotations

import numpy as np

# Median of the absolute step of white noise with standard deviation 1.
_MEDIAN_STEP = 0.67449 * np.sqrt(2)
PERCENTILE = 99.0
SNR_OF_NOISE = 2.326
"""The signal-to-noise ratio of white noise alone: its 99th percentile in SD."""


def frame_noise(signal: np.ndarray, good: np.ndarray | None = None) -> np.ndarray:
    """SD of a single frame's noise: median |x(t+1) - x(t)| / 0.954 [field].

    0.954 is that median for white noise of SD 1. Calcium changes slowly, so steps between
    neighbouring frames are noise; a movie that was smoothed in time has less than it should.

    Parameters
    ----------
    signal : ndarray, shape (rois, frames)
    good : ndarray of bool, shape (frames,), optional
        Steps to or from other frames are left out.

    Returns
    -------
    ndarray, shape (rois,), in the unit of the signal
        NaN where the signal is, and where there is no step.
    """
    return _median_step(signal, good) / _MEDIAN_STEP


def noise_level(
    dff: np.ndarray, frame_rate_hz: float, good: np.ndarray | None = None
) -> np.ndarray:
    """ν = median |ΔF/F(t+1) - ΔF/F(t)| / √rate [field, Rupprecht et al. 2021].

    White noise of SD σ per frame has ν = 0.954 σ / √rate, and recordings at different rates
    but equal light per second have equal ν.

    Parameters
    ----------
    dff : ndarray, shape (rois, frames), ΔF/F
    good : as for `frame_noise`

    Returns
    -------
    ndarray, shape (rois,), %/√Hz
    """
    return 100 * _median_step(dff, good) / np.sqrt(frame_rate_hz)


def signal_to_noise(dff: np.ndarray, good: np.ndarray) -> np.ndarray:
    """(99th percentile of ΔF/F - its median) / `frame_noise` [ours].

    White noise alone has 2.33. A cell that is active in fewer than one frame in a hundred is
    not seen to be; its largest ΔF/F shows it.

    Parameters
    ----------
    dff : ndarray, shape (rois, frames), ΔF/F
    good : ndarray of bool, shape (frames,)
        Other frames are left out.

    Returns
    -------
    ndarray, shape (rois,)
        NaN where ΔF/F is, where it never changes, and where no frame is good.
    """
    result = np.full(len(dff), np.nan)
    if good.any():
        middle, high = np.percentile(dff[:, good], [50, PERCENTILE], axis=1)
        noise = frame_noise(dff, good)
        np.divide(high - middle, noise, out=result, where=noise > 0)
    return result


def _median_step(signal: np.ndarray, good: np.ndarray | None) -> np.ndarray:
    step = np.abs(np.diff(signal, axis=1))
    if good is not None:
        step = step[:, good[1:] & good[:-1]]
    if not step.shape[1]:
        return np.full(len(signal), np.nan)
    return np.asarray(np.median(step, axis=1), dtype=float)
