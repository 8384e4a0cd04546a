"""Evoked responses: the signal after each onset against the signal before it."""

from __future__ import annotations

import numpy as np


def evoked_responses(
    signal: np.ndarray,
    baseline: tuple[np.ndarray, np.ndarray],
    response: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Mean of the signal in the response window minus its mean in the baseline [field].

    Parameters
    ----------
    signal : ndarray, shape (roi, frame)
        Any signal of the ROIs of one plane; must be finite.
    baseline, response : (start, stop), each an ndarray of int, shape (presentation,)
        Frames start up to, but not with, stop; no window is empty.

    Returns
    -------
    ndarray, shape (presentation, roi), the signal's unit
    """
    # Sums of differences to the mean stay small, so that long movies lose no digits.
    level = signal.mean(axis=1, dtype=np.float64, keepdims=True)
    total = np.zeros((signal.shape[1] + 1, signal.shape[0]))
    np.cumsum((signal - level).T, axis=0, out=total[1:])
    return _window_means(total, *response) - _window_means(total, *baseline)


def _window_means(total: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    return (total[stop] - total[start]) / (stop - start)[:, None]
