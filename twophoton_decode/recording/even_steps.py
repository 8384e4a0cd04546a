"""Which steps in time from frame to frame are of the usual length, and which hold a gap."""

from __future__ import annotations

import numpy as np

_LONG_STEP = 1.5


def even_steps(seconds: np.ndarray) -> np.ndarray:
    """Whether each step is positive and at most 1.5 times the median of those that are [ours].

    Parameters
    ----------
    seconds : array (step,)
        Time from a frame to the next; NaN where it is not known.

    Returns
    -------
    array of bool (step,)
    """
    forward = seconds > 0
    if not forward.any():
        return forward
    even: np.ndarray = forward & (seconds <= _LONG_STEP * np.median(seconds[forward]))
    return even
