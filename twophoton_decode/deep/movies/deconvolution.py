"""A simple deconvolution, for sessions that were imported without suite2p's."""

from __future__ import annotations

import numpy as np


def differenced(response: np.ndarray, rate_hz: float, decay_s: float) -> np.ndarray:
    """What each frame adds to an indicator that decays exponentially [ours].

    x(t) - exp(-1 / (rate · τ)) x(t - 1): linear, so that noise is not turned into spikes. The
    first frame stands for the one before it.

    Parameters
    ----------
    response : ndarray, shape (showings, frames, cells)
    rate_hz : float
        Frames per second.
    decay_s : float
        τ of the indicator.
    """
    response = np.asarray(response, dtype=np.float32)
    before = np.concatenate([response[:, :1], response[:, :-1]], axis=1)
    return np.asarray(response - np.float32(np.exp(-1 / (rate_hz * decay_s))) * before)
